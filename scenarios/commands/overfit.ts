/** Owns "playhead overfit". Never computes a statistic. */
import type { Command } from 'commander';
import { type GlobalOptions, globalsOf, printJson, printText, table } from '../terminal.ts';
import { wholeOf } from './search-options.ts';

interface OverfitCommandOptions extends GlobalOptions {
  readonly replicates: string;
  readonly seed: string;
}

export function registerOverfit(program: Command): void {
  program
    .command('overfit')
    .description('how much of the best of a sweep is luck, counted from everything that was tried')
    .argument('[sweep]', '"last", the id of a sweep or the start of it', 'last')
    .option('--replicates <n>', 'bootstrap replicates', '1000')
    .option('--seed <n>', 'seed of the bootstrap', '1')
    .action(async (sweep: string, _options: unknown, command: Command) =>
      overfitCommand(sweep, globalsOf(command) as OverfitCommandOptions),
    );
}

async function overfitCommand(sweep: string, options: OverfitCommandOptions): Promise<void> {
  const replicateCount = wholeOf(options.replicates, '--replicates', 1_000_000);
  const seed = wholeOf(options.seed, '--seed', 4_294_967_295);
  const { judgeSweep } = await import('../search/overfit-sweep.ts');
  const judged = judgeSweep(sweep, { home: options.home, replicateCount, seed });
  if (options.json) {
    const { overfitting, ...report } = judged.report;
    const { logits, columnsChosen: _chosen, sharpesInSample, sharpesOutOfSample, ...probability } = overfitting;
    const columns = { logits: [...logits], sharpesInSample: [...sharpesInSample], sharpesOutOfSample: [...sharpesOutOfSample] };
    printJson({ ...judged, report: { ...report, overfitting: { ...probability, ...columns } } });
    return;
  }
  const { overfitRows, overfitVerdict } = await import('../../reports/index.ts');
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
      'Limits: the ledger knows what was tried in this home folder, and nothing of what was tried elsewhere or in thought; days are taken for one',
      'regime; trials of other searches count as independent of these.',
    ].join('\n'),
  );
}
