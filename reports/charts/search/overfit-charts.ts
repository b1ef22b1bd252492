/** Owns the pictures of luck: ranks out of sample, in-sample against out-of-sample, the best of luck against what was found. Never judges. */
import { normalDensity } from '../../../engine/metrics/normal.ts';
import type { Overfitting } from '../../../engine/optimiser/statistics/overfitting.ts';
import { significant } from '../../down-sample.ts';
import { counted, fixed, percent } from '../../format.ts';
import { type ChartOptions, type ChartSpec, frame, haloed, isNarrow, palettes } from '../chart.ts';
import { binned } from '../histogram.ts';

/** Logits of all splits; at 0 and below the chosen trial was no better than the middle. */
export function logitsChart({ logits, probability }: Overfitting, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  // A logit of 0 belongs to the left.
  const bins = binned(
    Array.from(logits, (logit) => (logit === 0 ? -1e-9 : logit)),
    isNarrow(options) ? 24 : 40,
  );
  const values = bins.map((bin) => ({
    ...bin,
    direction: bin.to <= 0 ? 'loss' : 'gain',
    text: `${fixed(bin.from, 2)} to ${fixed(bin.to, 2)}: ${counted(bin.count, 'split')}`,
  }));
  return {
    ...frame(options, `Logits of ${counted(logits.length, 'split')}: ${percent(probability, 1)} are 0 or less.`),
    data: { values },
    layer: [
      {
        mark: { type: 'bar', binSpacing: 1 },
        encoding: {
          x: {
            ...{ field: 'from', type: 'quantitative', bin: { binned: true } },
            axis: { title: 'logit of the rank out of sample', tickCount: 6, labelOverlap: 'greedy' },
          },
          x2: { field: 'to' },
          y: { field: 'count', type: 'quantitative', axis: { title: 'splits', tickMinStep: 1, format: '~s', tickCount: 4 } },
          color: {
            field: 'direction',
            type: 'nominal',
            scale: { domain: ['gain', 'loss'], range: [palette.up, palette.down] },
            legend: null,
          },
          description: { field: 'text', type: 'nominal' },
        },
      },
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: 'rule', color: palette.ink, strokeWidth: 1.5, aria: false },
        encoding: { x: { field: 'zero', type: 'quantitative' } },
      },
    ],
  };
}

const dotsMax = 500;

/** Splits that are drawn: every so manyth in their order. */
export function dotCount({ logits }: Overfitting): number {
  return Math.min(dotsMax, logits.length);
}

/** Sharpe ratios a year of the chosen trial in one half of the days and in the other, the line of least squares through all splits. */
export function splitsChart(overfitting: Overfitting, annualRoot: number, options: ChartOptions): ChartSpec {
  const { logits, sharpesInSample, sharpesOutOfSample, degradation, lossProbability } = overfitting;
  const palette = palettes[options.theme];
  const count = dotCount(overfitting);
  const dots = Array.from({ length: count }, (_, i) => {
    const split = Math.floor((i * logits.length) / count);
    return { inside: significant(sharpesInSample[split] * annualRoot, 4), outside: significant(sharpesOutOfSample[split] * annualRoot, 4) };
  });
  const ends = [Math.min(...dots.map(({ inside }) => inside)), Math.max(...dots.map(({ inside }) => inside))];
  const line = ends.map((inside) => ({ inside, outside: significant(degradation.intercept * annualRoot + degradation.slope * inside, 4) }));
  const axis = (title: string) => ({ title, format: '.2~f', tickCount: 5, labelOverlap: 'greedy' });
  const x = { field: 'inside', type: 'quantitative', scale: { zero: false, padding: 6 }, axis: axis('in sample') };
  const y = { field: 'outside', type: 'quantitative', scale: { padding: 6 }, axis: axis('out of sample') };
  return {
    ...frame(
      options,
      `Sharpe ratio a year in and out of sample of the best in each of ${counted(count, 'split')}: slope ${fixed(degradation.slope, 2)}, a loss out of sample in ${percent(lossProbability, 1)}.`,
    ),
    layer: [
      {
        data: { values: dots },
        mark: { type: 'point', filled: true, size: 18, opacity: 0.35, color: palette.accent, aria: false },
        encoding: { x, y },
      },
      {
        data: { values: [{ outside: 0 }] },
        mark: { type: 'rule', color: palette.quiet, strokeWidth: 1, aria: false },
        encoding: { y },
      },
      ...(Number.isFinite(degradation.slope)
        ? [{ data: { values: line }, mark: { type: 'line', color: palette.down, strokeWidth: 2, aria: false }, encoding: { x, y } }]
        : []),
    ],
  };
}

export interface BestOfLuck {
  /** Sharpe ratios a year: of the best of so many without any edge, and what was found. */
  readonly expected: number;
  readonly deviation: number;
  readonly found: number;
}

const curvePoints = 80;

export function bestOfLuckChart({ expected, deviation, found }: BestOfLuck, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  // Room for the words beside the lines.
  const domain = [
    Math.min(expected - 3.5 * deviation, found - 2.5 * deviation),
    Math.max(expected + 3.5 * deviation, found + 2.5 * deviation),
  ];
  const x = {
    ...{ field: 'sharpe', type: 'quantitative', scale: { domain, nice: false, zero: false } },
    axis: { title: 'Sharpe ratio a year', format: '.2~f', tickCount: 6, labelOverlap: 'greedy' },
  };
  const y = { field: 'density', type: 'quantitative', axis: null };
  const curve = Array.from({ length: curvePoints + 1 }, (_, i) => {
    const sharpe = domain[0] + ((domain[1] - domain[0]) * i) / curvePoints;
    return { sharpe: significant(sharpe, 5), density: significant(normalDensity((sharpe - expected) / deviation), 4) };
  });
  const label = (value: number, text: string, place: { row: number; toLeft: boolean }) => ({
    data: { values: [{ sharpe: value, text }] },
    mark: {
      ...{ type: 'text', color: palette.ink, baseline: 'top', aria: false },
      ...{ align: place.toLeft ? 'right' : 'left', dx: place.toLeft ? -6 : 6 },
    },
    encoding: { x, y: { value: 2 + 15 * place.row }, text: { field: 'text', type: 'nominal' } },
  });
  const rule = (value: number, look: ChartSpec) => ({
    data: { values: [{ sharpe: value }] },
    mark: { type: 'rule', strokeWidth: 2, aria: false, ...look },
    encoding: { x },
  });
  return {
    ...frame(
      options,
      `The best of luck is expected at ${fixed(expected, 2)}, give or take ${fixed(deviation, 2)}; found was ${fixed(found, 2)}.`,
    ),
    layer: [
      {
        data: { values: curve },
        mark: { type: 'area', color: palette.down, fillOpacity: 0.22, line: { color: palette.down, strokeWidth: 1.5 }, aria: false },
        encoding: { x, y },
      },
      rule(expected, { color: palette.down, strokeDash: [5, 3] }),
      rule(found, { color: palette.ink }),
      ...haloed(label(expected, `best of luck ${fixed(expected, 2)}`, { row: 1, toLeft: found > expected }), palette),
      ...haloed(label(found, `found ${fixed(found, 2)}`, { row: 0, toLeft: found < expected }), palette),
    ],
  };
}
