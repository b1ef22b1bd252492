/** Owns exact decimal arithmetic on scaled integers: doubles while they are exact, BigInt beyond. Never rounds silently. */

/** 2^53: whole numbers up to this are exact as doubles. A sum or product that comes out as this may have been rounded to it. */
export const safeUnits = 9_007_199_254_740_992;

/** 2^50: up to this the double nearest to a decimal, times its power of ten, rounds to the right whole number. */
export const roundableUnits = 1_125_899_906_842_624;

const powers = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

/** 10 to the power of decimals as a double, from 0 to 22, where it is exact; NaN beyond. */
export function tenTo(decimals: number): number {
  return powers[decimals] ?? Number.NaN;
}

/** A product of whole numbers divided by 10^shift (multiplied where shift < 0), rounded half away from zero. Exact for any size. */
export function scaledProduct(a: number | bigint, b: number | bigint, shift: number): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (product < safeUnits && product > -safeUnits && shift >= 0 && shift < powers.length) return divideRounded(product, powers[shift]);
  }
  return wideProduct(BigInt(a), BigInt(b), shift);
}

/** value ÷ divisor rounded half away from zero; both whole, |value| ≤ 2^53. The quotient's own rounding can be one off at a tie, so the remainder decides. */
export function divideRounded(value: number, divisor: number): number {
  // A maker's rebate; 0 − 0 is no −0.
  if (value < 0) return 0 - divideRounded(-value, divisor);
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
  const size = product < 0n ? -product : product;
  const rounded = (size * 2n + divisor) / (divisor * 2n);
  return narrow(product < 0n ? -rounded : rounded);
}

/** A whole amount as a double where that is exact, otherwise as it is. */
export function narrow(value: bigint): number | bigint {
  return value <= 9007199254740992n && value >= -9007199254740992n ? Number(value) : value;
}

/** value × numerator ÷ denominator, rounded half away from zero. Exact for any size; value may be negative, the ratio is positive. */
export function ratioOf(value: number | bigint, numerator: bigint, denominator: bigint): number | bigint {
  const product = BigInt(value) * numerator;
  const size = product < 0n ? -product : product;
  const rounded = (size * 2n + denominator) / (denominator * 2n);
  return narrow(product < 0n ? -rounded : rounded);
}

/** Sum of two whole amounts, exact. */
export function addUnits(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum < safeUnits && sum > -safeUnits) return sum;
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

/** value as whole units of 10^−decimals; value must lie on that grid (the double nearest to a decimal does). */
export function numberToUnits(value: number, decimals: number): number | bigint {
  const units = Math.round(value * powers[decimals]);
  return Math.abs(units) <= roundableUnits ? units : textToUnits(String(value), decimals);
}

/** value ≥ 0 as whole units of 10^−decimals, rounded half away from zero as the shortest decimal that reads as it: 1.005 to two is 101 units. */
export function roundedUnits(value: number, decimals: number): number | bigint {
  const scaled = value * powers[decimals];
  const units = Math.round(scaled);
  // Near a half the product's own last bit would decide.
  const isClear = Math.abs(Math.abs(scaled - units) - 0.5) > 1e-6 + scaled * 1e-15;
  return isClear && units <= roundableUnits ? units : textToUnits(String(value), decimals);
}

/** Beyond what a product of doubles can tell, the shortest decimal that reads as the value is what was meant. */
function textToUnits(text: string, decimals: number): number | bigint {
  const [mantissa, exponent = '0'] = text.split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const shift = decimals + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  if (shift >= 0) return narrow(digits * 10n ** BigInt(shift));
  const rounded = wideProduct(digits < 0n ? -digits : digits, 1n, -shift);
  return digits < 0n ? -rounded : rounded;
}
