/** Owns exact decimals for slow second implementations: whole units of 10^−scale. Never rounds unless it is told where. */

export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

export const zero: Decimal = { units: 0n, scale: 0 };

/** "−12.50" without exponent, or a whole number. */
export function decimal(value: string | number): Decimal {
  const text = String(value);
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new Error(`"${text}" is no plain decimal such as "-12.50"`);
  const [whole, fraction = ''] = text.split('.');
  return { units: BigInt(whole + fraction), scale: fraction.length };
}

function unitsAt(value: Decimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale };
}

export function negated(a: Decimal): Decimal {
  return { units: -a.units, scale: a.scale };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, negated(b));
}

export function absolute(a: Decimal): Decimal {
  return a.units < 0n ? negated(a) : a;
}

export function multiply(...factors: readonly Decimal[]): Decimal {
  return factors.reduce((a, b) => ({ units: a.units * b.units, scale: a.scale + b.scale }), decimal(1));
}

/** < 0, 0 or > 0 as a is below, at or above b. */
export function compare(a: Decimal, b: Decimal): number {
  const { units } = subtract(a, b);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** Whole quotient of two integers, halves away from zero. */
export function dividedHalfAway(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const rounded = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

/** The least whole number at or above the quotient of two whole numbers ≥ 0. */
export function dividedUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}

/** The least whole number whose square is at or above this one. */
export function rootedUp(square: bigint): number {
  let root = Math.max(0, Math.floor(Math.sqrt(Number(square))) - 1);
  while (BigInt(root) * BigInt(root) < square) root++;
  return root;
}

/** Rounded to so many decimals, halves away from zero. */
export function rounded(value: Decimal, decimals: number): Decimal {
  if (value.scale <= decimals) return { units: unitsAt(value, decimals), scale: decimals };
  return { units: dividedHalfAway(value.units, 10n ** BigInt(value.scale - decimals)), scale: decimals };
}

/** a ÷ b rounded to so many decimals, halves away from zero; b is above 0. */
export function divided(a: Decimal, b: Decimal, decimals: number): Decimal {
  const numerator = a.units * 10n ** BigInt(b.scale + decimals);
  return { units: dividedHalfAway(numerator, b.units * 10n ** BigInt(a.scale)), scale: decimals };
}

/** The largest whole number at or below. */
export function floored(value: Decimal): number {
  const one = 10n ** BigInt(value.scale);
  const quotient = value.units / one;
  return Number(value.units < 0n && quotient * one !== value.units ? quotient - 1n : quotient);
}

/** The smallest whole number at or above. */
export function ceiled(value: Decimal): number {
  return 0 - floored(negated(value));
}

/** "12.5", "-0.01", "3": without trailing zeros. */
export function textOf(value: Decimal): string {
  const digits = (value.units < 0n ? -value.units : value.units).toString().padStart(value.scale + 1, '0');
  const whole = digits.slice(0, digits.length - value.scale);
  const fraction = digits.slice(digits.length - value.scale).replace(/0+$/, '');
  return `${value.units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
