/** Owns how "playhead walkforward" tells the scheme combinatorial. Never plays. */
import type { FinishedCombinatorial } from '../search/combinatorial-scenario.ts';
import { printText, table } from '../terminal.ts';

type Finished = FinishedCombinatorial & { readonly elapsedMs: number };

export async function printCombinatorial(finished: Finished, report: string | undefined): Promise<void> {
  const { combinatorialNotes, combinatorialRows } = await import('../../reports/index.ts');
  const rows = combinatorialRows(finished);
  printText(
    [
      `${finished.name} · ${finished.strategyName} · combinatorial, best by ${finished.search.objective}`,
      '',
      table(
        rows,
        rows[0].map((_, i) => i),
      ),
      '',
      ...combinatorialNotes(finished),
      `walk-forward ${finished.id}`,
      `hash         ${finished.walkForwardHash}`,
      ...(report === undefined ? [] : [`report       ${report}`]),
    ].join('\n'),
  );
}

export function combinatorialDocument(finished: Finished): object {
  const { id, name, strategyName, search, settings, walkForwardHash, elapsedMs, dayMs, groups, splits, paths, trialCount, failedCount } =
    finished;
  return {
    ...{ id, name, strategy: strategyName, search, walkforward: settings, walkForwardHash, elapsedMs: Math.round(elapsedMs) },
    ...{ trialCount, failedCount, dayMs: [...dayMs] },
    groups: groups.map(({ from, to }) => ({ fromDay: dayMs[from], toDay: dayMs[to - 1], dayCount: to - from })),
    splits,
    paths: paths.map(({ dailyReturns, ...path }) => ({ ...path, dailyReturns: [...dailyReturns] })),
  };
}
