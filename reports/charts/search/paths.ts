/** Owns the picture of the paths of a combinatorial cross-validation: as many ways through the same days, each out of sample. Never joins them. */
import { rowsToDraw, significant } from '../../down-sample.ts';
import { counted, shownTimes } from '../../format.ts';
import type { CombinatorialReportInput } from '../../search/combinatorial-input.ts';
import { type ChartOptions, type ChartSpec, frame, palettes, pointsFor, timeAxis, valueAxis } from '../chart.ts';

/** Lines that can be told apart. */
export const pathLinesMax = 40;

/** Growth of each path, the one in the middle by its Sharpe ratio over the others. */
export function pathsChart({ dayMs, groups, paths }: CombinatorialReportInput, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const timeMs = shownTimes(dayMs);
  const ranked = [...paths].sort((a, b) => a.sharpeRatio - b.sharpeRatio);
  const middle = ranked[Math.floor((ranked.length - 1) / 2)];
  const step = Math.max(1, Math.ceil(ranked.length / pathLinesMax));
  const shown = ranked.filter((path, rank) => rank % step === 0 && path !== middle);
  const pointCount = pointsFor(options, shown.length + 1);
  const x = timeAxis('timeMs', options);
  const y = { field: 'growth', type: 'quantitative', axis: valueAxis(options, '.0~%', 5) };
  const line = (dailyReturns: Float64Array, look: ChartSpec) => {
    const growth = new Float64Array(dailyReturns.length);
    let equity = 1;
    for (let day = 0; day < growth.length; day++) {
      equity *= 1 + dailyReturns[day];
      growth[day] = equity - 1;
    }
    const values = rowsToDraw(growth, pointCount).map((row) => ({ timeMs: timeMs[row], growth: significant(growth[row], 5) }));
    return { data: { values }, mark: { type: 'line', strokeJoin: 'round', aria: false, ...look }, encoding: { x, y } };
  };
  return {
    ...frame(
      options,
      `Growth of ${counted(shown.length + 1, 'path')} through ${counted(groups.length, 'group')} of days, each out of sample.`,
    ),
    layer: [
      { data: { values: [{ growth: 0 }] }, mark: { type: 'rule', color: palette.quiet, strokeDash: [2, 3], aria: false }, encoding: { y } },
      {
        data: { values: groups.slice(1).map(({ from }) => ({ timeMs: timeMs[from] })) },
        mark: { type: 'rule', color: palette.line, strokeWidth: 1, aria: false },
        encoding: { x },
      },
      ...shown.map(({ dailyReturns }) => line(dailyReturns, { color: palette.quiet, strokeWidth: 0.75 })),
      line(middle.dailyReturns, { color: palette.accent, strokeWidth: 2 }),
    ],
  };
}
