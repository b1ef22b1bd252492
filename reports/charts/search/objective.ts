/** Owns how often a figure of trials lay where, the best marked, and beside it what chance alone would show. Never estimates chance. */
import type { MetricName } from '../../../engine/metrics/catalogue.ts';
import { normalDensity } from '../../../engine/metrics/normal.ts';
import { significant } from '../../down-sample.ts';
import { counted } from '../../format.ts';
import { metricAxisFormat, metricLabel, metricText } from '../../metric-view.ts';
import { type ChartOptions, type ChartSpec, frame, haloed, isNarrow, palettes } from '../chart.ts';
import { binned } from '../histogram.ts';

/** Sharpe ratios a year of strategies without any edge. */
export interface Chance {
  readonly deviation: number;
  /** What the best of so many is expected to show. */
  readonly expectedBest: number;
}

export interface ObjectiveValues {
  readonly metric: MetricName;
  /** Finite, of one trial or more. */
  readonly values: readonly number[];
  readonly best: number;
  readonly chance: Chance | null;
  /** What has the figure; default "trial". */
  readonly noun?: string;
  /** Default "best". */
  readonly bestLabel?: string;
}

const curvePoints = 80;

export function objectiveChart(
  { metric, values, best, chance, noun = 'trial', bestLabel = 'best' }: ObjectiveValues,
  options: ChartOptions,
): ChartSpec {
  const palette = palettes[options.theme];
  const bins = binned(values, Math.min(isNarrow(options) ? 30 : 60, Math.max(10, Math.ceil(2 * Math.sqrt(values.length)))));
  const text = (value: number): string => metricText(metric, { [metric]: value });
  const width = bins[0].to - bins[0].from;
  const reach = chance === null ? [] : [-3 * chance.deviation, 3 * chance.deviation, chance.expectedBest];
  const domain = [Math.min(bins[0].from, best, ...reach), Math.max(bins[bins.length - 1].to, best, ...reach)];
  const curve = chance === null ? [] : curveOf(chance, { domain, scale: values.length * width });
  const x = (field: string) => ({
    ...{ field, type: 'quantitative', scale: { domain, nice: false, zero: false } },
    axis: { title: null, format: metricAxisFormat(metric), tickCount: 6, labelOverlap: 'greedy' },
  });
  const y = { field: 'count', type: 'quantitative', axis: { title: `${noun}s`, tickMinStep: 1, format: '~s', tickCount: 4 } };
  const mark = (value: number, { label, color, dash, row }: { label: string; color: string; dash: number[]; row: number }) => {
    const isLeft = value > (domain[0] + domain[1]) / 2;
    const data = { values: [{ value, label: `${label} ${text(value)}` }] };
    const align = { align: isLeft ? 'right' : 'left', dx: isLeft ? -5 : 5 };
    return [
      { data, mark: { type: 'rule', color, strokeWidth: 2, strokeDash: dash, aria: false }, encoding: { x: x('value') } },
      ...haloed(
        {
          data,
          mark: { type: 'text', color: palette.ink, baseline: 'top', aria: false, ...align },
          encoding: { x: x('value'), y: { value: 2 + 15 * row }, text: { field: 'label', type: 'nominal' } },
        },
        palette,
      ),
    ];
  };
  return {
    ...frame(
      options,
      `${metricLabel(metric)} of ${counted(values.length, noun)}, ${bestLabel === 'best' ? 'the best' : bestLabel} ${text(best)}.`,
    ),
    layer: [
      {
        data: {
          values: bins.map((bin) => ({ ...bin, text: `${text(bin.from)} to ${text(bin.to)}: ${counted(bin.count, noun)}` })),
        },
        mark: { type: 'bar', binSpacing: 1, color: palette.accent, fillOpacity: 0.45 },
        encoding: { x: { ...x('from'), bin: { binned: true } }, x2: { field: 'to' }, y, description: { field: 'text', type: 'nominal' } },
      },
      ...(chance === null
        ? []
        : [
            {
              data: { values: curve },
              mark: { type: 'line', color: palette.down, strokeWidth: 1.5, strokeDash: [5, 3], interpolate: 'monotone', aria: false },
              encoding: { x: x('value'), y },
            },
            ...mark(chance.expectedBest, { label: 'best of luck', color: palette.down, dash: [5, 3], row: 1 }),
          ]),
      ...mark(best, { label: bestLabel, color: palette.ink, dash: [1, 0], row: 0 }),
    ],
  };
}

function curveOf(
  { deviation }: Chance,
  { domain: [from, to], scale }: { domain: readonly number[]; scale: number },
): { value: number; count: number }[] {
  return Array.from({ length: curvePoints + 1 }, (_, i) => {
    const value = from + ((to - from) * i) / curvePoints;
    return { value: significant(value, 5), count: significant((scale * normalDensity(value / deviation)) / deviation, 4) };
  });
}
