/** Owns the heat map of monthly returns. */

import { significant } from '../down-sample.ts';
import { fixed, percentSigned, signed } from '../format.ts';
import type { ReportInput } from '../report-input.ts';
import { type ChartOptions, type ChartSpec, frame, isNarrow, palettes } from './chart.ts';

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const wholeYear = 'Year';
const dayMs = 86_400_000;

export interface MonthReturn {
  readonly year: string;
  /** Jan … Dec, or Year. */
  readonly month: string;
  readonly fraction: number;
}

/** Return of each UTC month and year from the last equity of each day; a year begins where the one before ended, the first with the initial capital. */
export function monthReturns(input: ReportInput): MonthReturn[] {
  const { daily, initialCapitalQuote } = input.result;
  const found: MonthReturn[] = [];
  let monthStart = initialCapitalQuote;
  let yearStart = initialCapitalQuote;
  for (let row = 0; row < daily.timeMs.length; row++) {
    // A bar that closes at midnight belongs to the day it ends.
    const day = new Date(daily.timeMs[row] - 1);
    const isLast = row + 1 === daily.timeMs.length;
    const next = isLast ? new Date(daily.timeMs[row] + 366 * dayMs) : new Date(daily.timeMs[row + 1] - 1);
    const year = day.getUTCFullYear();
    const isYearEnd = next.getUTCFullYear() !== year;
    if (!isYearEnd && next.getUTCMonth() === day.getUTCMonth()) continue;
    const equity = daily.equityQuote[row];
    found.push({ year: String(year), month: monthNames[day.getUTCMonth()], fraction: equity / monthStart - 1 });
    monthStart = equity;
    if (!isYearEnd && !isLast) continue;
    found.push({ year: String(year), month: wholeYear, fraction: equity / yearStart - 1 });
    yearStart = equity;
  }
  return found;
}

/** Height that gives each year its row. */
export function monthlyHeight(input: ReportInput): number {
  const years = new Set(monthReturns(input).map((cell) => cell.year));
  return 30 + 24 * Math.max(1, years.size);
}

/** One cell a month: colour tells gain from loss, its strength the size, against the 90th percentile of all months. */
export function monthlyReturnsChart(input: ReportInput, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const returns = monthReturns(input);
  const sizes = returns
    .filter((cell) => cell.month !== wholeYear)
    .map((cell) => Math.abs(cell.fraction))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const strong = sizes[Math.floor((sizes.length - 1) * 0.9)] || 1;
  const values = returns.map((cell) => ({
    year: cell.year,
    month: cell.month,
    strength:
      cell.month === wholeYear || !Number.isFinite(cell.fraction) || cell.fraction === 0
        ? 0
        : significant(0.06 + 0.5 * Math.min(1, Math.abs(cell.fraction) / strong), 2),
    direction: cell.fraction < 0 ? 'loss' : 'gain',
    label: cellLabel(cell.fraction, options),
    text: `${cell.month === wholeYear ? '' : `${cell.month} `}${cell.year}: ${percentSigned(cell.fraction)}`,
  }));
  const years = [...new Set(values.map((cell) => cell.year))];
  return {
    ...frame(options, 'Return of each month, from the last equity of each UTC day.'),
    data: { values },
    encoding: {
      x: monthAxis(options),
      y: { field: 'year', type: 'ordinal', sort: years, scale: { paddingInner: 0.08 }, axis: { title: null, grid: false } },
    },
    layer: [
      {
        mark: { type: 'rect' },
        encoding: {
          color: {
            field: 'direction',
            type: 'nominal',
            scale: { domain: ['gain', 'loss'], range: [palette.up, palette.down] },
            legend: null,
          },
          opacity: { field: 'strength', type: 'quantitative', scale: null, legend: null },
          description: { field: 'text', type: 'nominal' },
        },
      },
      {
        mark: { type: 'text', fontSize: isNarrow(options) ? 10 : 11, aria: false },
        encoding: {
          text: { field: 'label', type: 'nominal' },
          // A month in which nothing moved says little.
          color: {
            condition: { test: `datum.strength === 0 && datum.month !== '${wholeYear}'`, value: palette.quiet },
            value: palette.ink,
          },
        },
      },
    ],
  };
}

function monthAxis(options: ChartOptions): ChartSpec {
  return {
    field: 'month',
    type: 'ordinal',
    sort: [...monthNames, wholeYear],
    scale: { domain: [...monthNames, wholeYear], paddingInner: 0.04 },
    axis: {
      title: null,
      orient: 'top',
      domain: false,
      labelAngle: 0,
      labelOverlap: false,
      labelFlush: false,
      ...(isNarrow(options) ? { labelExpr: 'slice(datum.value, 0, 1)' } : {}),
    },
  };
}

/** What a cell has room for: "+5.2%", without the sign of per cent in a picture of middle width, whole per cent on a phone. */
function cellLabel(fraction: number, options: ChartOptions): string {
  if (isNarrow(options)) return fixed(fraction * 100, 0);
  return options.width >= 720 ? percentSigned(fraction, 1) : signed(fraction * 100, Math.abs(fraction) < 0.9995 ? 1 : 0);
}
