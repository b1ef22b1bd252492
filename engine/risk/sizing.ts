/** Owns how a wish becomes a base quantity. Pure: numbers in, numbers out. */

/** Base quantity that loses riskFraction of equity between entry and stop. NaN where the stop lies on the wrong side. */
export function sizeFromRisk(risk: {
  equityQuote: number;
  riskFraction: number;
  entryPrice: number;
  stopPrice: number;
  side: number;
  multiplier: number;
}): number {
  const distance = (risk.entryPrice - risk.stopPrice) * risk.side * risk.multiplier;
  return distance > 0 ? (risk.equityQuote * risk.riskFraction) / distance : Number.NaN;
}
