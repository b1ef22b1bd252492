/** Owns the grids of an instrument: ticks and lots. Pure: numbers in, the nearest allowed number out. */

/** Largest multiple of lot not above size; a size that is a multiple but for the last bits of a double counts as one. */
export function floorToLot(sizeBase: number, lotSize: number): number {
  const perUnit = Math.round(1 / lotSize);
  // For lots such as 0.001 the reciprocal is whole, and dividing by it lands on the double nearest to the decimal.
  if (Math.abs(perUnit * lotSize - 1) < 1e-9) return Math.floor(sizeBase * perUnit * (1 + 1e-12) + 1e-9) / perUnit;
  return Math.floor((sizeBase / lotSize) * (1 + 1e-12) + 1e-9) * lotSize;
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
