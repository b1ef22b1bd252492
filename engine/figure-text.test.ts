import fc from 'fast-check';
import { expect, test } from 'vitest';
import { figureText, percentText, timeUtc } from './figure-text.ts';

test.each([
  [9866.770661510001, '9866.7707'],
  [8603.119999999999, '8603.12'],
  [0.1 + 0.2, '0.3'],
  [-22.38528000000041, '-22.38528'],
  [8800, '8800'],
  [1234567890, '1234567890'],
  [123456789.1234, '123456789.12'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
])('%d reads %s', (value, text) => {
  expect(figureText(value)).toBe(text);
});

test('short cuts change nothing', () => {
  const plain = (value: number): string => String(Number(Math.abs(value) < 1e6 ? value.toPrecision(8) : value.toFixed(2)));
  const figure = fc.oneof(
    fc.double(),
    fc.double({ min: -2e6, max: 2e6 }),
    fc.integer(),
    fc.integer().map((cents) => cents / 100),
  );
  const pair = fc.tuple(figure, fc.oneof(figure, fc.double({ min: -0.02, max: 0.02 })), fc.boolean());
  fc.assert(
    fc.property(pair, ([value, second, isNear]) => {
      const other = isNear ? value + second : second;
      const text = plain(value);
      expect(figureText(value, other)).toBe(value !== other && text === plain(other) ? String(value) : text);
    }),
    { numRuns: 5_000 },
  );
});

test('two figures that differ never read alike', () => {
  const [needed, free] = [8314.000000001, 8314];
  expect([figureText(needed, free), figureText(free, needed)]).toEqual(['8314.000000001', '8314']);
  expect([figureText(8314.5, free), figureText(free, free)]).toEqual(['8314.5', '8314']);
});

test.each([
  [0.031124436322009175, '3.112%'],
  [-0.014388562875622568, '-1.439%'],
  [0.07, '7%'],
  [1, '100%'],
])('the fraction %d reads %s', (fraction, text) => {
  expect(percentText(fraction)).toBe(text);
});

test('a time reads by the minute, with seconds where there are any', () => {
  const atMs = Date.UTC(2022, 0, 19, 16, 13);
  expect([timeUtc(atMs), timeUtc(atMs + 5_000), timeUtc(Number.NaN)]).toEqual(['2022-01-19 16:13', '2022-01-19 16:13:05', '–']);
});
