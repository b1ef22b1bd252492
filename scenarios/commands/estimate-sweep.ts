/** Owns what "playhead sweep --estimate" prints. Never plays a trial. */
import { estimateSweep } from '../search/estimate.ts';
import type { SearchOptions } from '../search/search.ts';
import { type GlobalOptions, interruptible, printJson, printText, table } from '../terminal.ts';

export async function printEstimate(scenario: string, { json }: GlobalOptions, search: SearchOptions): Promise<void> {
  const estimate = await interruptible((signal) => estimateSweep(scenario, { ...search, signal }));
  if (json) {
    printJson(estimate);
    return;
  }
  const { estimateNotes, estimateRows } = await import('../../reports/index.ts');
  const { name, strategyName, search: settings, dimensions } = estimate;
  printText(
    [
      `${name} · ${strategyName} · ${settings.method} over ${dimensions.join(', ')} · an estimate`,
      '',
      table(estimateRows(estimate)),
      '',
      ...estimateNotes(estimate),
    ].join('\n'),
  );
}
