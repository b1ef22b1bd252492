/** Owns the picture of what shocks leave of a figure: the middle of the runs and 5 to 95 % of them, beside the run as it is. Never judges. */
import type { ShockMetric, ShockReport } from '../../../engine/optimiser/robustness.ts';
import { significant } from '../../down-sample.ts';
import { counted } from '../../format.ts';
import { metricAxisFormat, metricLabel, metricText } from '../../metric-view.ts';
import { type ChartOptions, type ChartSpec, frame, isNarrow, palettes } from '../chart.ts';

const outcomes = ['passed', 'broken', 'not judged'] as const;

/** Long names take two lines on a phone. */
export function shocksHeight(shocks: readonly ShockReport[], width: number): number {
  return 60 + (width < 360 ? 32 : 24) * shocks.length;
}

export function shocksChart(
  { shocks, own }: { readonly shocks: readonly ShockReport[]; readonly own: number },
  metric: ShockMetric,
  options: ChartOptions,
): ChartSpec {
  const palette = palettes[options.theme];
  const text = (value: number): string => metricText(metric, { [metric]: value });
  const values = shocks.flatMap(({ name, figures, replicateCount, isPassed }) => {
    const { low, median, high } = figures[metric];
    if (!Number.isFinite(median)) return [];
    const spread = replicateCount === 1 ? '' : `, ${text(low)} to ${text(high)} in ${counted(replicateCount, 'run')}`;
    return [
      {
        ...{ name, low: significant(low, 5), median: significant(median, 5), high: significant(high, 5) },
        outcome: outcomes[isPassed === null ? 2 : isPassed ? 0 : 1],
        text: `${name}: ${text(median)}${spread}`,
      },
    ];
  });
  const y = {
    ...{ field: 'name', type: 'nominal', sort: shocks.map(({ name }) => name) },
    axis: { title: null, grid: false, ...(isNarrow(options) ? { labelLimit: 160, labelExpr: inTwoLines(shocks) } : { labelLimit: 260 }) },
  };
  const x = (field: string) => ({
    ...{ field, type: 'quantitative', scale: { zero: true, padding: 8 } },
    axis: { title: null, grid: true, domain: false, format: metricAxisFormat(metric), tickCount: 5, labelOverlap: 'greedy' },
  });
  const colors = { domain: [...outcomes], range: [palette.up, palette.down, palette.quiet] };
  return {
    ...frame(options, `${metricLabel(metric)} under ${counted(shocks.length, 'shock')}; as it is ${text(own)}.`),
    layer: [
      {
        data: { values: [{ own }] },
        mark: { type: 'rule', color: palette.ink, strokeWidth: 1.5, strokeDash: [4, 3], aria: false },
        encoding: { x: x('own') },
      },
      {
        data: { values },
        mark: { type: 'rule', strokeWidth: 6, opacity: 0.4, aria: false },
        encoding: { y, x: x('low'), x2: { field: 'high' }, color: { field: 'outcome', type: 'nominal', scale: colors, legend: null } },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 75, opacity: 1 },
        encoding: {
          ...{ y, x: x('median') },
          color: { field: 'outcome', type: 'nominal', scale: colors, legend: null },
          shape: {
            field: 'outcome',
            type: 'nominal',
            scale: { domain: [...outcomes], range: ['circle', 'triangle-down', 'square'] },
            legend: null,
          },
          description: { field: 'text', type: 'nominal' },
        },
      },
    ],
  };
}

const lineLengthMax = 18;

/** Names by name, the longer ones as two lines. */
function inTwoLines(shocks: readonly ShockReport[]): string {
  const lines = shocks.map(({ name }) => {
    const at = name.length <= lineLengthMax ? -1 : name.lastIndexOf(' ', lineLengthMax);
    return [name, at < 0 ? name : [name.slice(0, at), name.slice(at + 1)]] as const;
  });
  return `${JSON.stringify(Object.fromEntries(lines))}[datum.value]`;
}
