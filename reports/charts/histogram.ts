/** Owns the cutting of values into bins on round numbers. Never depends on the order of the values. */

export interface Bin {
  readonly from: number;
  readonly to: number;
  count: number;
}

/** About binCount bins of a round width (1, 2 or 5 times a power of ten) that cover all finite values; zero is always an edge. */
export function binned(values: readonly number[], binCount: number): Bin[] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [];
  let lowest = finite[0];
  let highest = finite[0];
  for (const value of finite) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  const width = roundWidth((highest - lowest) / binCount || Math.abs(highest) / 10 || 0.01);
  const first = Math.floor(lowest / width);
  const last = Math.max(first, Math.ceil(highest / width) - 1);
  const bins: Bin[] = [];
  for (let i = first; i <= last; i++) bins.push({ from: tidy(i * width), to: tidy((i + 1) * width), count: 0 });
  for (const value of finite) bins[Math.min(last, Math.max(first, Math.floor(value / width))) - first].count++;
  return bins;
}

/** The next width of the series 1, 2, 5, 10 … at or above the one asked for. */
function roundWidth(asked: number): number {
  const exponent = asked.toExponential(15).split('e')[1];
  for (const step of [1, 2, 5]) {
    const width = Number(`${step}e${exponent}`);
    if (width >= asked) return width;
  }
  return Number(`10e${exponent}`);
}

function tidy(value: number): number {
  return Number(value.toPrecision(12)) + 0;
}
