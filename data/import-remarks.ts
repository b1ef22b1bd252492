/** Owns what an import leaves in doubt, in words for who imported. Never decides by it: bars and rules are stored as they were read. */
import { type Timeframe, timeframeMs } from '../engine/model/timeframe.ts';
import { countText } from './count-text.ts';
import type { PriceDecimals } from './price-decimals.ts';
import { timeText } from './quality-scan.ts';

const halfHourMs = 1_800_000;
const dayMs = 86_400_000;
/** Of fewer bars in a half hour or a day it tells nothing that a file begins and ends on one. */
const barsMin = 6;

/** Bars stamped at their opens begin on a half hour or a day; at their closes they end on one and begin one bar behind one. '' where it is not so. */
export function stampRemark(timeframe: Timeframe, firstMs: number, lastMs: number): string {
  const stepMs = timeframeMs(timeframe);
  const spanMs = [halfHourMs, dayMs].find((ms) => ms % stepMs === 0 && ms / stepMs >= barsMin);
  if (spanMs === undefined || lastMs - firstMs < spanMs - stepMs) return '';
  if ((firstMs - stepMs) % spanMs !== 0 || lastMs % spanMs !== 0) return '';
  return `the stamps run from ${timeText(firstMs)} to ${timeText(lastMs)} as those of closes do, and were read as opens; if they are closes, remove the series and give --stamp close`;
}

/** The finest decimals may be the noise of some filled-in prices. '' where they are not rare. */
export function tickRemark(decimals: PriceDecimals): string {
  const { tickSize, finerCount, priceCount } = decimals.common;
  if (finerCount === 0) return '';
  return `the tick of ${decimals.tickSize} shows in ${countText(finerCount)} of ${countText(priceCount)} prices, all others lie on ${tickSize}; if that is the tick, state it with --tick ${tickSize}`;
}
