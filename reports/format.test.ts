import { describe, expect, test } from 'vitest';
import { count, dateUtc, duration, fixed, momentUtc, money, percent, percentSigned, price, quantity, signed, timeUtc } from './format.ts';

const day = 86_400_000;
const cases: readonly (readonly [string, string])[] = [
  [fixed(1_234_567.891, 2), '1,234,567.89'],
  [fixed(-1_234.5, 2), '−1,234.50'],
  [fixed(999, 0), '999'],
  [fixed(1_000, 0), '1,000'],
  [fixed(-0.001, 2), '0.00'],
  [fixed(-0, 2), '0.00'],
  [fixed(Number.NaN, 2), '–'],
  [fixed(Number.POSITIVE_INFINITY, 2), '∞'],
  [fixed(Number.NEGATIVE_INFINITY, 2), '−∞'],
  [fixed(1e15, 2), '1.000e15'],
  [fixed(-1.7976931348623157e308, 2), '−1.798e308'],
  [fixed(5e-324, 2), '0.00'],
  [signed(3, 1), '+3.0'],
  [signed(-3, 1), '−3.0'],
  [signed(0, 1), '0.0'],
  [signed(0.0001, 1), '0.0'],
  [percent(0.1234), '12.34%'],
  [percent(Number.NaN), '–'],
  [percent(Number.POSITIVE_INFINITY), '∞'],
  [percentSigned(0.5, 1), '+50.0%'],
  [percentSigned(-12.5), '−1,250.00%'],
  [money(1_000_000, { name: 'USD', decimals: 2 }), '1,000,000.00'],
  [money(0.02358112, { name: 'BTC', decimals: 8 }), '0.02358112'],
  [count(12), '12'],
  [count(12.5), '12.50'],
  [price(2_874.561, 6), '2,874.56'],
  [price(0.000012346, 8), '0.00001235'],
  [price(1.23456, 6), '1.2346'],
  [price(100, 0), '100'],
  [quantity(0.5), '0.5'],
  [quantity(12), '12'],
  [quantity(1_200), '1,200'],
  [quantity(1e-8), '0.00000001'],
  [duration(0), '0 ms'],
  [duration(999), '999 ms'],
  [duration(45_000), '45 s'],
  [duration(90_000), '1 min 30 s'],
  [duration(3_600_000), '1 h'],
  [duration(5 * 3_600_000 + 600_000), '5 h 10 min'],
  [duration(3 * day + 4 * 3_600_000), '3 d 4 h'],
  [duration(1_177 * day + 1), '1,177 d'],
  [duration(-60_000), '−1 min'],
  [duration(Number.NaN), '–'],
  [dateUtc(0), '1970-01-01'],
  [dateUtc(-1), '1969-12-31'],
  [dateUtc(Number.NaN), '–'],
  [dateUtc(8.64e15), '–'],
  [timeUtc(1_600_000_000_000), '2020-09-13 12:26:40'],
  [timeUtc(1_599_999_960_000), '2020-09-13 12:26'],
  [momentUtc(18_262 * day), '2020-01-01'],
  [momentUtc(18_262 * day + 60_000), '2020-01-01 00:01'],
];

describe(`figures are written alike everywhere (${cases.length} cases)`, () => {
  test.each(cases)('%s', (found, expected) => {
    expect(found).toBe(expected);
  });
});
