/**
 * Owns means, deviations and quantiles of a column. Never annualises and never changes its input.
 * A NaN is an unknown value: it enters no sum, here and in every file of this folder.
 */

/** Number of values that are not NaN. */
export function definedCount(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) count++;
  return count;
}

/** Arithmetic mean, unit of the values; nothing defined → NaN. Summed as differences from the first value, so that equal values have their exact mean. */
export function mean(values: Float64Array): number {
  let base = Number.NaN;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    if (count === 0) base = value;
    sum += value - base;
    count++;
  }
  return count === 0 ? Number.NaN : base + sum / count;
}

export interface Summary {
  readonly mean: number;
  readonly smallest: number;
  readonly largest: number;
}

/** Mean and extremes of the defined values in one pass; none → all NaN. */
export function summarise(values: Float64Array): Summary {
  let base = Number.NaN;
  let smallest = Number.NaN;
  let largest = Number.NaN;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    if (count === 0) {
      base = value;
      smallest = value;
      largest = value;
    } else if (value < smallest) smallest = value;
    else if (value > largest) largest = value;
    sum += value - base;
    count++;
  }
  return { mean: base + sum / count, smallest, largest };
}

/** Sum over the defined values of (value − centre) to the power 2, 3 or 4. */
function centralSum(values: Float64Array, centre: number, power: 2 | 3 | 4): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = values[i] - centre;
    if (Number.isNaN(difference)) continue;
    const square = difference * difference;
    sum += power === 2 ? square : power === 3 ? square * difference : square * square;
  }
  return sum;
}

/** Variance with denominator n − ddof, unit squared; n ≤ ddof → NaN. */
export function variance(values: Float64Array, ddof: 0 | 1): number {
  const count = definedCount(values);
  return count <= ddof ? Number.NaN : centralSum(values, mean(values), 2) / (count - ddof);
}

/** Standard deviation with denominator n − ddof, unit of the values; n ≤ ddof → NaN. */
export function standardDeviation(values: Float64Array, ddof: 0 | 1): number {
  return Math.sqrt(variance(values, ddof));
}

/** Population skewness m3 / m2^1.5, a ratio; zero deviation or nothing defined → NaN. Source: Joanes & Gill 1998, g1. */
export function skewness(values: Float64Array): number {
  const count = definedCount(values);
  const centre = mean(values);
  const m2 = centralSum(values, centre, 2) / count;
  return centralSum(values, centre, 3) / count / (m2 * Math.sqrt(m2));
}

/** Population kurtosis m4 / m2², 3 for a normal distribution; zero deviation or nothing defined → NaN. Source: Joanes & Gill 1998, g2 + 3. */
export function kurtosis(values: Float64Array): number {
  const count = definedCount(values);
  const centre = mean(values);
  const m2 = centralSum(values, centre, 2) / count;
  return centralSum(values, centre, 4) / count / (m2 * m2);
}

/** Sample skewness, corrected for bias; n < 3 → NaN. Source: Joanes & Gill 1998, G1 (pandas, Excel SKEW). */
export function skewnessSample(values: Float64Array): number {
  const count = definedCount(values);
  return count < 3 ? Number.NaN : (skewness(values) * Math.sqrt(count * (count - 1))) / (count - 2);
}

/** Sample excess kurtosis, corrected for bias, 0 for a normal distribution; n < 4 → NaN. Source: Joanes & Gill 1998, G2 (pandas, Excel KURT). */
export function kurtosisExcessSample(values: Float64Array): number {
  const count = definedCount(values);
  if (count < 4) return Number.NaN;
  return ((count - 1) / ((count - 2) * (count - 3))) * ((count + 1) * (kurtosis(values) - 3) + 6);
}

/** The defined values in rising order, as a new column. */
export function sortedDefined(values: Float64Array): Float64Array {
  const sorted = new Float64Array(definedCount(values));
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) sorted[count++] = values[i];
  return sorted.sort();
}

/** Quantile of a rising column, linear between neighbours at (n − 1) × fraction; empty → NaN. Source: Hyndman & Fan 1996, type 7 (NumPy's default). */
export function quantileOfSorted(sorted: Float64Array, fraction: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * fraction;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/** Share of a rising column at or below a limit, 0 to 1; empty or undefined → NaN. */
export function shareAtMost(rising: Float64Array, limit: number): number {
  return countAtMost(rising, limit) / rising.length;
}

/** Share of a rising column above a limit, 0 to 1; empty or undefined → NaN. */
export function shareAbove(rising: Float64Array, limit: number): number {
  return (rising.length - countAtMost(rising, limit)) / rising.length;
}

function countAtMost(rising: Float64Array, limit: number): number {
  if (Number.isNaN(rising[0])) return Number.NaN;
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
