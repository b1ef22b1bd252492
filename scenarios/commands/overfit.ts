/** Owns "playhead overfit". Never computes a statistic. */
import { join } from 'node:path';
import type { Command } from 'commander';
import type { OverfitReportInput } from '../../reports/index.ts';
import type { JudgedSweep } from '../search/overfit-sweep.ts';
import { type GlobalOptions, globalsOf, printJson, printText, table } from '../terminal.ts';
import { wholeOf } from './search-options.ts';

interface OverfitCommandOptions extends GlobalOptions {
  readonly replicates: string;
  readonly seed: string;
  /** A path with --report, false with --no-report, undefined with neither. */
  readonly report: string | false | undefined;
}

export function registerOverfit(program: Command): void {
  program
    .command('overfit')
    .description('how much of the best of a sweep is luck, counted from everything that was tried')
    .argument('[sweep]', '"last", the id of a sweep or the start of it', 'last')
    .option('--replicates <n>', 'bootstrap replicates', '1000')
    .option('--seed <n>', 'seed of the bootstrap', '1')
    .option('--report <file>', 'where the HTML report is written (default: overfit.html beside the stored sweep)')
    .option('--no-report', 'write no HTML report')
    .action(async (sweep: string, _options: unknown, command: Command) =>
      overfitCommand(sweep, globalsOf(command) as OverfitCommandOptions),
    );
}

async function overfitCommand(sweep: string, options: OverfitCommandOptions): Promise<void> {
  const replicateCount = wholeOf(options.replicates, '--replicates', 1_000_000);
  const seed = wholeOf(options.seed, '--seed', 4_294_967_295);
  const { judgeSweep } = await import('../search/overfit-sweep.ts');
  if (typeof options.report === 'string') (await import('../output-path.ts')).outputFile(options.report, '--report');
  const { judged, input } = judgeSweep(sweep, { home: options.home, replicateCount, seed });
  const path = await reportOf(input, options);
  if (options.json) printJson({ ...documentOf(judged), ...(path === undefined ? {} : { reportPath: path }) });
  else await printVerdict(judged, path);
}

async function reportOf(input: OverfitReportInput, options: OverfitCommandOptions): Promise<string | undefined> {
  if (options.report === false) return undefined;
  const { sweepFolder } = await import('../../data/stores/sweep-store.ts');
  const { writeReport } = await import('./write-report.ts');
  const { overfitReportHtml } = await import('../../reports/index.ts');
  const usual = join(sweepFolder(options.home, input.id), 'overfit.html');
  return writeReport({ asked: options.report, usual, html: () => overfitReportHtml(input) }, options);
}

function documentOf(judged: JudgedSweep): object {
  const { overfitting, ...report } = judged.report;
  const { logits, columnsChosen: _chosen, sharpesInSample, sharpesOutOfSample, ...probability } = overfitting;
  const columns = { logits: [...logits], sharpesInSample: [...sharpesInSample], sharpesOutOfSample: [...sharpesOutOfSample] };
  return { ...judged, report: { ...report, overfitting: { ...probability, ...columns } } };
}

async function printVerdict(judged: JudgedSweep, path: string | undefined): Promise<void> {
  const { overfitLimits, overfitRows, overfitVerdict } = await import('../../reports/index.ts');
  const { id, name, index, parameters, report } = judged;
  const set = Object.entries(parameters).map(([parameter, value]) => `${parameter}=${String(value)}`);
  printText(
    [
      `${name} · sweep ${id} · its best, trial ${index}: ${set.join(' ')}`,
      '',
      overfitVerdict(report),
      ...report.reasons.map((reason) => `  ${reason}`),
      '',
      table(overfitRows(report)),
      '',
      'Limits:',
      ...overfitLimits.map((limit) => `  ${limit}`),
      ...(path === undefined ? [] : [`report       ${path}`]),
    ].join('\n'),
  );
}
