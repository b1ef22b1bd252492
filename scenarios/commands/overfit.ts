/** Owns "playhead overfit". Never computes a statistic. */
import { join } from 'node:path';
import type { Command } from 'commander';
import type { OverfitReportInput } from '../../reports/index.ts';
import type { JudgedSweep } from '../search/overfit-sweep.ts';
import type { PermutedSweep } from '../search/permute-sweep.ts';
import { type GlobalOptions, globalsOf, interruptible, note, printJson, printText, table } from '../terminal.ts';
import { jobsOf, wholeOf } from './search-options.ts';

interface OverfitCommandOptions extends GlobalOptions {
  readonly replicates: string;
  readonly seed: string;
  readonly permutations: string | undefined;
  readonly jobs: string | undefined;
  /** A path with --report, false with --no-report, undefined with neither. */
  readonly report: string | false | undefined;
}

export function registerOverfit(program: Command): void {
  program
    .command('overfit')
    .description('how much of the best of a sweep is luck, counted from everything that was tried')
    .argument('[sweep]', '"last", the id of a sweep or the start of it', 'last')
    .option('--replicates <n>', 'bootstrap replicates', '1000')
    .option('--seed <n>', 'seed of the bootstrap and of the permutations', '1')
    .option(
      '--permutations <n>',
      'play the whole search again on so many tapes of the same moves in random orders; 19 or more to be past the mark',
    )
    .option('--jobs <n>', 'threads of the permutations (default: one for each core); no result depends on it')
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
  const permuted = options.permutations === undefined ? null : await permutedOf(sweep, seed, options);
  const { judged: alone, input } = judgeSweep(sweep, { home: options.home, replicateCount, seed });
  const report = permuted === null ? alone.report : await judgedWithPermutations(alone.report, permuted);
  const judged = { ...alone, report };
  const path = await reportOf({ ...input, report, permutations: permuted?.test ?? null }, options);
  if (options.json) printJson({ ...(await documentOf(judged, permuted)), ...(path === undefined ? {} : { reportPath: path }) });
  else await printVerdict(judged, permuted, path);
}

async function judgedWithPermutations(report: JudgedSweep['report'], { test }: PermutedSweep): Promise<JudgedSweep['report']> {
  const { judgedWith } = await import('../../engine/optimiser/permutation-test.ts');
  return { ...report, ...judgedWith(report, test) };
}

/** Throws where it was interrupted. */
async function permutedOf(sweep: string, seed: number, options: OverfitCommandOptions): Promise<PermutedSweep | null> {
  const permutationCount = wholeOf(options.permutations ?? '', '--permutations', 1_000_000);
  const jobs = await jobsOf(options.jobs);
  const { permutationCountLeast } = await import('../../engine/optimiser/permutation-test.ts');
  if (permutationCount < permutationCountLeast)
    note(
      `--permutations ${permutationCount}: p is 1/${1 + permutationCount} at best, above its mark, so that the verdict takes no notice of it; ${permutationCountLeast} or more can be past the mark`,
      options,
    );
  const { permuteSweep } = await import('../search/permute-sweep.ts');
  const { startProgress } = await import('../progress.ts');
  const progress = await startProgress(options, 'trials');
  try {
    const found = await interruptible((signal) =>
      permuteSweep(sweep, { home: options.home, jobs, seed, permutationCount, signal, onProgress: progress.update }),
    );
    return found ?? null;
  } finally {
    progress.stop();
  }
}

async function reportOf(input: OverfitReportInput, options: OverfitCommandOptions): Promise<string | undefined> {
  if (options.report === false) return undefined;
  const { sweepFolder } = await import('../../data/stores/sweep-store.ts');
  const { writeReport } = await import('./write-report.ts');
  const { overfitReportHtml } = await import('../../reports/index.ts');
  const usual = join(sweepFolder(options.home, input.id), 'overfit.html');
  return writeReport({ asked: options.report, usual, html: () => overfitReportHtml(input) }, options);
}

async function documentOf({ survivors, ...judged }: JudgedSweep, permuted: PermutedSweep | null): Promise<object> {
  const permutations = permuted === null ? null : (await import('../search/permute-sweep.ts')).documentOf(permuted);
  const { overfitting, ...report } = judged.report;
  const { logits, columnsChosen: _chosen, sharpesInSample, sharpesOutOfSample, ...probability } = overfitting;
  const columns = { logits: [...logits], sharpesInSample: [...sharpesInSample], sharpesOutOfSample: [...sharpesOutOfSample] };
  return {
    ...judged,
    report: { ...report, overfitting: { ...probability, ...columns } },
    survivors: survivors === null ? null : { ...survivors, pValues: [...survivors.pValues], adjusted: [...survivors.adjusted] },
    permutations,
  };
}

async function printVerdict(judged: JudgedSweep, permuted: PermutedSweep | null, path: string | undefined): Promise<void> {
  const { overfitLimits, overfitRows, overfitVerdict, permutationLine, plateauLines, setText, survivorsRow } = await import(
    '../../reports/index.ts'
  );
  const { id, name, index, parameters, report, survivors, plateau, objective } = judged;
  printText(
    [
      `${name} · sweep ${id} · its best, trial ${index}: ${setText(parameters)}`,
      '',
      overfitVerdict(report),
      ...report.reasons.map((reason) => `  ${reason}`),
      '',
      table([...overfitRows(report), ...(survivors === null ? [] : [survivorsRow(survivors)])]),
      '',
      ...(permuted === null ? [] : [permutationLine(permuted.test, objective)]),
      ...(plateau === null ? [] : plateauLines(plateau, objective)),
      ...(permuted === null && plateau === null ? [] : ['']),
      'Limits:',
      ...overfitLimits.map((limit) => `  ${limit}`),
      ...(path === undefined ? [] : [`report       ${path}`]),
    ].join('\n'),
  );
}
