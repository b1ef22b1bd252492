/** Owns exact decimal arithmetic on scaled integers: doubles while they are exact, BigInt beyond. Never rounds silently. */

/** Whole numbers up to this are exact as doubles, and so are their sums. */
export const safeUnits = 2 ** 53;

const powers = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

/** 10 to the power of decimals as a double; exact up to 22. */
export function tenTo(decimals: number): number {
  return powers[decimals];
}

/** A non-negative product of whole numbers divided by 10^shift (multiplied where shift < 0), rounded half away from zero. Exact for any size. */
export function scaledProduct(a: number, b: number, shift: number): number | bigint {
  const product = a * b;
  if (product <= safeUnits && shift >= 0) return divideRounded(product, powers[shift]);
  return wideProduct(BigInt(a), BigInt(b), shift);
}

/** value ÷ divisor rounded half up; both whole, value ≤ 2^53. The quotient's own rounding can be one off at a tie, so the remainder decides. */
export function divideRounded(value: number, divisor: number): number {
  let quotient = Math.floor(value / divisor);
  let remainder = value - quotient * divisor;
  if (remainder < 0) {
    quotient--;
    remainder += divisor;
  } else if (remainder >= divisor) {
    quotient++;
    remainder -= divisor;
  }
  return remainder * 2 >= divisor ? quotient + 1 : quotient;
}

function wideProduct(a: bigint, b: bigint, shift: number): number | bigint {
  const product = a * b;
  if (shift <= 0) return narrow(product * 10n ** BigInt(-shift));
  const divisor = 10n ** BigInt(shift);
  return narrow((product * 2n + divisor) / (divisor * 2n));
}

/** A whole amount as a double where that is exact, otherwise as it is. */
export function narrow(value: bigint): number | bigint {
  return value <= 9007199254740992n && value >= -9007199254740992n ? Number(value) : value;
}

/** Sum of two whole amounts, exact. */
export function addUnits(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= safeUnits && sum >= -safeUnits) return sum;
  }
  return narrow(BigInt(a) + BigInt(b));
}

/** The double nearest to units × 10^−decimals. */
export function unitsToNumber(units: number | bigint, decimals: number): number {
  return typeof units === 'number' ? units / powers[decimals] : Number(unitsToText(units, decimals));
}

/** The exact decimal, without trailing zeros: 150, 2 → "1.5". */
export function unitsToText(units: number | bigint, decimals: number): string {
  const isNegative = units < 0;
  const digits = (isNegative ? -BigInt(units) : BigInt(units)).toString().padStart(decimals + 1, '0');
  const fraction = decimals === 0 ? '' : digits.slice(-decimals).replace(/0+$/, '');
  const whole = decimals === 0 ? digits : digits.slice(0, -decimals);
  return `${isNegative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** value as whole units of 10^−decimals; value must lie on that grid (a double nearest to a decimal does). */
export function numberToUnits(value: number, decimals: number): number {
  return Math.round(value * powers[decimals]);
}
