/** Owns what amounts in the quote currency of an instrument come to in the account's. Never rounds, and never reads past the time it is asked for. */
import { Conversion } from '../engine/portfolio/conversion.ts';
import type { ReportInput } from './report-input.ts';

/** What one unit of the instrument's quote currency was worth in the account's: the last close known then; 1 where both are one. */
export type RateOf = (instrumentIndex: number, timeMs: number) => number;

const never = { timeMs: Number.NEGATIVE_INFINITY };

export function ratesOf({ result, conversions }: ReportInput): RateOf {
  const home = result.quoteCurrency;
  const byInstrument = result.instruments.map(({ quoteCurrency }) => {
    if (quoteCurrency === home) return null;
    const source = conversions.find((one) => [one.baseCurrency, one.quoteCurrency].sort().join() === [quoteCurrency, home].sort().join());
    return source === undefined ? null : new Conversion(source, home, never);
  });
  return (instrumentIndex, timeMs) => byInstrument[instrumentIndex]?.rateAt(timeMs) ?? 1;
}
