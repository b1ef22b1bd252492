/** Owns the grids of an instrument: ticks and lots. Pure: numbers in, the nearest allowed number out. */
import { decimalsOf } from './instrument.ts';

/** Largest multiple of lot not above size; a size that is a multiple but for the last bits of a double counts as one. */
export function floorToLot(sizeBase: number, lotSize: number): number {
  const lots = lotsIn(sizeBase, lotSize);
  const nearest = Math.round(lots);
  // A few last bits of a double, never a whole lot: 20 000 units of 1e-8 must not become 20 000.00000002.
  const slack = Math.min(0.5, 1e-9 + lots * 1e-15);
  return fromLots(Math.abs(lots - nearest) <= slack ? nearest : Math.floor(lots), lotSize);
}

/** The multiple of lot nearest to size: takes away what sums and differences of doubles leave behind. */
export function roundToLot(sizeBase: number, lotSize: number): number {
  return fromLots(Math.round(lotsIn(sizeBase, lotSize)), lotSize);
}

/** A whole number of lots as a base quantity, the double nearest to the decimal: 3 lots of 0.1 are 0.3. */
export function fromLots(lots: number, lotSize: number): number {
  const perUnit = Math.round(1 / lotSize);
  if (Math.abs(perUnit * lotSize - 1) < 1e-9) return lots / perUnit;
  if (Number.isInteger(lotSize)) return lots * lotSize;
  const scale = Number(`1e${decimalsOf(lotSize)}`);
  return (lots * Math.round(lotSize * scale)) / scale;
}

/** Lots in a size, not yet whole. For lots such as 0.001 the reciprocal is whole, and multiplying by it is the more exact. */
function lotsIn(sizeBase: number, lotSize: number): number {
  const perUnit = Math.round(1 / lotSize);
  return Math.abs(perUnit * lotSize - 1) < 1e-9 ? sizeBase * perUnit : sizeBase / lotSize;
}

/** Nearest price on the tick grid. */
export function roundToTick(price: number, tickSize: number): number {
  const perUnit = Math.round(1 / tickSize);
  if (Math.abs(perUnit * tickSize - 1) < 1e-9) return Math.round(price * perUnit) / perUnit;
  return Math.round(price / tickSize) * tickSize;
}

/** The tick grid price that hurts the taker: not below for a buy, not above for a sell. */
export function roundAgainst(price: number, tickSize: number, side: number): number {
  const perUnit = Math.round(1 / tickSize);
  const isWhole = Math.abs(perUnit * tickSize - 1) < 1e-9;
  const ticks = isWhole ? price * perUnit : price / tickSize;
  // A price that is on the grid but for the last bits of a double stays where it is.
  const slack = 1e-9 * Math.max(1, Math.abs(ticks) * 1e-6);
  const snapped = side > 0 ? Math.ceil(ticks - slack) : Math.floor(ticks + slack);
  return isWhole ? snapped / perUnit : snapped * tickSize;
}
