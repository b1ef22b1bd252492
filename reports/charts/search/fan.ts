/** Owns the fan of equities that the same days in another order would have given. Never draws a replicate by itself. */
import { significant } from '../../down-sample.ts';
import { type ChartOptions, type ChartSpec, frame, isNarrow, palettes, quoteFormat, timeAxis, valueAxis } from '../chart.ts';

export interface Fan {
  /** At each of its columns' places. */
  readonly timeMs: Float64Array;
  readonly quoteCurrency: string;
  /** 5, 25, 50, 75 and 95 %, rising. */
  readonly quantiles: readonly Float64Array[];
  readonly own: Float64Array;
}

const labels = { own: 'This trial', middle: 'Middle', half: 'Half', most: 'Nine in ten' } as const;

export function fanChart({ timeMs, quoteCurrency, quantiles, own }: Fan, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const [p5, p25, p50, p75, p95] = quantiles;
  const largest = p95.reduce((most, quote) => Math.max(most, quote), 0);
  const scale = { domain: Object.values(labels), range: [palette.ink, palette.accent, palette.accent, palette.quiet] };
  const x = timeAxis('timeMs', options);
  const y = (field: string) => ({
    ...{ field, type: 'quantitative', scale: { zero: false }, axis: valueAxis(options, quoteFormat(largest, options)) },
  });
  const color = (series: string) => ({
    datum: series,
    type: 'nominal',
    scale,
    legend: { symbolType: 'stroke', symbolOpacity: 1, ...(isNarrow(options) ? { columns: 2 } : {}) },
  });
  const rows = Array.from(timeMs, (time) => time);
  const band = (low: Float64Array, high: Float64Array, { series, fillOpacity }: { series: string; fillOpacity: number }) => ({
    data: { values: rows.map((time, i) => ({ timeMs: time, low: significant(low[i], 5), high: significant(high[i], 5) })) },
    mark: { type: 'area', fillOpacity, strokeWidth: 0, aria: false },
    encoding: { x, y: y('low'), y2: { field: 'high' }, color: color(series) },
  });
  const line = (column: Float64Array, { series, ...look }: { series: string } & ChartSpec) => ({
    data: { values: rows.map((time, i) => ({ timeMs: time, quote: significant(column[i], 6) })) },
    mark: { type: 'line', strokeJoin: 'round', aria: false, ...look },
    encoding: { x, y: y('quote'), color: color(series) },
  });
  const last = rows.length - 1;
  return {
    ...frame(
      options,
      `Equity of bootstrap replicates in ${quoteCurrency}: at the end nine in ten lie between ${significant(p5[last], 4)} and ${significant(p95[last], 4)}.`,
    ),
    layer: [
      band(p5, p95, { series: labels.most, fillOpacity: 0.22 }),
      band(p25, p75, { series: labels.half, fillOpacity: 0.22 }),
      line(p50, { series: labels.middle, strokeWidth: 1.25, strokeDash: [5, 3] }),
      line(own, { series: labels.own, strokeWidth: 1.75 }),
    ],
  };
}
