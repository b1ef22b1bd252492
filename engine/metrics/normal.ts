/** Owns the normal distribution: its density, its probabilities and its quantiles. Never estimates one from data. */
import { exp, log } from '../math.ts';

/** Density of the standard normal distribution at z, per unit of z. */
export function normalDensity(z: number): number {
  return exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
}

const seriesEndsAt = 3;
const fractionTerms = 80;

/**
 * Probability that a standard normal value lies below z; relative error below 1e-13 for |z| ≤ 3 and in both tails. Sources: Marsaglia 2004, Evaluating the
 * normal distribution (series of positive terms); Laplace's continued fraction of the tail (Abramowitz & Stegun 26.2.14).
 */
export function normalProbability(z: number): number {
  const distance = Math.abs(z);
  if (!(distance < seriesEndsAt)) {
    let fraction = distance;
    for (let k = fractionTerms; k >= 1; k--) fraction = distance + k / fraction;
    const beyond = normalDensity(distance) / fraction;
    return z < 0 ? beyond : 1 - beyond;
  }
  let term = distance;
  let sum = distance;
  for (let odd = 3, before = 0; sum !== before; odd += 2) {
    before = sum;
    term *= (distance * distance) / odd;
    sum += term;
  }
  const within = normalDensity(distance) * sum;
  return z < 0 ? 0.5 - within : 0.5 + within;
}

const centre = {
  above: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513, 133.14166789178438,
    3.3871328727963665,
  ],
  below: [
    5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579, 42.31333070160091,
    1,
  ],
} as const;
const flank = {
  above: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045, 5.769497221460691,
    4.630337846156546, 1.4234371107496835,
  ],
  below: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851, 1.6763848301838038,
    2.053191626637759, 1,
  ],
} as const;
const tail = {
  above: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487, 1.7848265399172913,
    5.463784911164114, 6.657904643501103,
  ],
  below: [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615, 0.1369298809227358,
    0.599832206555888, 1,
  ],
} as const;

/** z below which a standard normal value lies with this probability; 0 → −Infinity, 1 → Infinity, outside [0, 1] → NaN. Source: Wichura 1988, AS 241. */
export function normalQuantile(probability: number): number {
  const fromHalf = probability - 0.5;
  if (Math.abs(fromHalf) <= 0.425) return fromHalf * ratio(centre, 0.180625 - fromHalf * fromHalf);
  const outside = Math.min(probability, 1 - probability);
  if (!(outside > 0)) return outside === 0 ? Math.sign(fromHalf) * Number.POSITIVE_INFINITY : Number.NaN;
  const depth = Math.sqrt(-log(outside));
  return Math.sign(fromHalf) * (depth <= 5 ? ratio(flank, depth - 1.6) : ratio(tail, depth - 5));
}

/** Two polynomials, highest power first, one over the other. */
function ratio({ above, below }: { above: readonly number[]; below: readonly number[] }, x: number): number {
  let top = 0;
  let bottom = 0;
  for (let i = 0; i < above.length; i++) {
    top = top * x + above[i];
    bottom = bottom * x + below[i];
  }
  return top / bottom;
}
