/** Owns exact fractions for tests: every number is the decimal it is written as. Never used by a run, and shares nothing with engine/portfolio. */

/** numerator ÷ denominator; the denominator is above 0. */
export class Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
  constructor(numerator: bigint, denominator: bigint) {
    this.numerator = denominator < 0n ? -numerator : numerator;
    this.denominator = denominator < 0n ? -denominator : denominator;
  }

  static of(value: number): Fraction {
    const [mantissa, exponent = '0'] = String(value).split('e');
    const [digits, places = ''] = mantissa.split('.');
    const decimals = places.length - Number(exponent);
    const whole = BigInt(digits + places);
    return decimals >= 0 ? new Fraction(whole, 10n ** BigInt(decimals)) : new Fraction(whole * 10n ** BigInt(-decimals), 1n);
  }

  plus(other: Fraction): Fraction {
    return new Fraction(this.numerator * other.denominator + other.numerator * this.denominator, this.denominator * other.denominator);
  }

  minus(other: Fraction): Fraction {
    return this.plus(new Fraction(-other.numerator, other.denominator));
  }

  times(other: Fraction): Fraction {
    return new Fraction(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  over(other: Fraction): Fraction {
    return new Fraction(this.numerator * other.denominator, this.denominator * other.numerator);
  }

  /** On a grid of so many decimals, half away from zero. */
  rounded(decimals: number): Fraction {
    const scale = 10n ** BigInt(decimals);
    const size = (this.numerator < 0n ? -this.numerator : this.numerator) * scale;
    const whole = size / this.denominator;
    const up = (size - whole * this.denominator) * 2n >= this.denominator ? whole + 1n : whole;
    return new Fraction(this.numerator < 0n ? -up : up, scale);
  }

  get isNegative(): boolean {
    return this.numerator < 0n;
  }

  /** The exact decimal without trailing zeros; for values on a decimal grid. */
  text(decimals: number): string {
    const units = (this.numerator * 10n ** BigInt(decimals)) / this.denominator;
    const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
    const places = decimals === 0 ? '' : digits.slice(-decimals).replace(/0+$/, '');
    const whole = decimals === 0 ? digits : digits.slice(0, -decimals);
    return `${units < 0n ? '-' : ''}${whole}${places === '' ? '' : `.${places}`}`;
  }
}
