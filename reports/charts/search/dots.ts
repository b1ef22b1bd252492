/** Owns a few values of one figure as dots on a line, their middle marked: too few for a distribution. Never computes a figure. */
import type { MetricName } from '../../../engine/metrics/catalogue.ts';
import { quantileOfSorted, sortedDefined } from '../../../engine/metrics/moments.ts';
import { significant } from '../../down-sample.ts';
import { counted } from '../../format.ts';
import { metricAxisFormat, metricLabel, metricText } from '../../metric-view.ts';
import { type ChartOptions, type ChartSpec, frame, haloed, palettes } from '../chart.ts';

/** More are told better by how often they lie where. */
export const dotsMax = 40;

export interface DotValues {
  readonly metric: MetricName;
  /** Finite, of one or more. */
  readonly values: readonly number[];
  /** What has the figure: "path". */
  readonly noun: string;
}

export function dotsChart({ metric, values, noun }: DotValues, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const text = (value: number): string => metricText(metric, { [metric]: value });
  const sorted = sortedDefined(Float64Array.from(values));
  const middle = quantileOfSorted(sorted, 0.5);
  const [lowest, highest] = [sorted[0], sorted[sorted.length - 1]];
  const x = {
    ...{ field: 'value', type: 'quantitative', scale: { zero: false, nice: true, padding: 14 } },
    axis: { title: null, domain: true, format: metricAxisFormat(metric), tickCount: 6, labelOverlap: 'greedy' },
  };
  const y = { value: options.height / 2 };
  const data = { values: [{ value: significant(middle, 5), text: `middle ${text(middle)}` }] };
  return {
    ...frame(
      options,
      `${metricLabel(metric)} of ${counted(values.length, noun)}: ${text(lowest)} to ${text(highest)}, middle ${text(middle)}.`,
    ),
    layer: [
      {
        data,
        mark: { type: 'rule', color: palette.ink, strokeWidth: 1.5, strokeDash: [5, 3], aria: false },
        encoding: { x, y: { value: 18 }, y2: { value: 'height' } },
      },
      {
        data: { values: values.map((value, i) => ({ value: significant(value, 5), text: `${noun} ${i + 1}: ${text(value)}` })) },
        mark: { type: 'point', filled: true, size: 110, opacity: 0.65, color: palette.accent },
        encoding: { x, y, description: { field: 'text', type: 'nominal' } },
      },
      ...haloed(
        {
          data,
          mark: { type: 'text', color: palette.ink, align: 'center', baseline: 'top', aria: false },
          encoding: { x, y: { value: 2 }, text: { field: 'text', type: 'nominal' } },
        },
        palette,
      ),
    ],
  };
}
