import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indicators } from './catalogue.ts';
import { compute, expectColumn } from './oracles.test.helper.ts';

const seed = 20261122;

/** A fraction of big integers: exact. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

const bits = new DataView(new ArrayBuffer(8));

/** The exact value of a finite double. */
function fractionOf(value: number): Fraction {
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const exponent = Number((raw >> 52n) & 0x7ffn);
  const mantissa = (raw & 0xfffffffffffffn) + (exponent === 0 ? 0n : 1n << 52n);
  const signed = raw >> 63n === 1n ? -mantissa : mantissa;
  const shift = Math.max(exponent, 1) - 1075;
  return shift >= 0 ? { over: signed << BigInt(shift), under: 1n } : { over: signed, under: 1n << BigInt(-shift) };
}

function distance(a: Fraction, b: Fraction): Fraction {
  const over = a.over * b.under - b.over * a.under;
  return { over: over < 0n ? -over : over, under: a.under * b.under };
}

function isNearer(a: Fraction, b: Fraction): boolean {
  return a.over * b.under < b.over * a.under;
}

/** The double `steps` after a positive one. */
function neighbour(value: number, steps: bigint): number {
  bits.setFloat64(0, value);
  bits.setBigUint64(0, bits.getBigUint64(0) + steps);
  return bits.getFloat64(0);
}

/** No other double lies nearer to the exact value. */
function expectRoundedOnce(found: number, exact: Fraction): void {
  const own = distance(fractionOf(found), exact);
  if (found === 0) expect(exact.over).toBe(0n);
  for (const steps of found === 0 ? [] : [1n, -1n]) {
    if (isNearer(distance(fractionOf(neighbour(found, steps)), exact), own)) expect.fail(`${found} is not the nearest double to the mean`);
  }
}

const prices = fc.record({
  decimals: fc.constantFrom(0, 1, 2, 5, 8),
  ticks: fc.array(fc.integer({ min: 1, max: 50_000_000 }), { minLength: 1, maxLength: 60 }),
  period: fc.integer({ min: 1, max: 20 }),
});

describe(`moving sums against fractions of big integers (seed ${seed})`, () => {
  test('sma on a decimal grid is the true mean of the decimals, rounded once', () => {
    fc.assert(
      fc.property(prices, ({ decimals, ticks, period }) => {
        const scale = Number(`1e${decimals}`);
        const close = Float64Array.from(ticks, (tick) => tick / scale);
        const [found] = compute({ definition: indicators.sma, parameters: [period], columns: [close], decimals });
        for (let i = period - 1; i < ticks.length; i++) {
          const over = ticks.slice(i - period + 1, i + 1).reduce((sum, tick) => sum + BigInt(tick), 0n);
          expectRoundedOnce(found[i], { over, under: BigInt(period) * BigInt(scale) });
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  test('wma on a decimal grid is the true weighted mean of the decimals, rounded once', () => {
    fc.assert(
      fc.property(prices, ({ decimals, ticks, period }) => {
        const scale = Number(`1e${decimals}`);
        const close = Float64Array.from(ticks, (tick) => tick / scale);
        const [found] = compute({ definition: indicators.wma, parameters: [period], columns: [close], decimals });
        for (let i = period - 1; i < ticks.length; i++) {
          let over = 0n;
          for (let k = 0; k < period; k++) over += BigInt(k + 1) * BigInt(ticks[i - period + 1 + k]);
          expectRoundedOnce(found[i], { over, under: BigInt((period * (period + 1)) / 2) * BigInt(scale) });
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  test('sma off any grid is within one unit in the last place of the true mean of the doubles, after values of very different size too', () => {
    const value = fc.oneof(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.double({ min: 1e9, max: 1e12, noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 80 }), fc.integer({ min: 1, max: 20 }), (values, period) => {
        const close = Float64Array.from(values);
        const [found] = compute({ definition: indicators.sma, parameters: [period], columns: [close], decimals: -1 });
        for (let i = period - 1; i < values.length; i++) {
          const under = 1n << 1100n;
          const over = values.slice(i - period + 1, i + 1).reduce((sum, part) => {
            const exact = fractionOf(part);
            return sum + (exact.over * under) / exact.under;
          }, 0n);
          const mean = { over, under: under * BigInt(period) };
          const step = distance(fractionOf(found[i]), fractionOf(neighbour(found[i], 1n)));
          expect(isNearer(step, distance(fractionOf(found[i]), mean))).toBe(false);
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  test('bollinger: middle equals sma bit for bit, the deviation is that of the exact variance within 1e-15 relative', () => {
    fc.assert(
      fc.property(prices, ({ decimals, ticks, period }) => {
        const scale = Number(`1e${decimals}`);
        const columns = [Float64Array.from(ticks, (tick) => tick / scale)];
        const [, middle] = compute({ definition: indicators.bollinger, parameters: [period, 1], columns, decimals });
        const [mean] = compute({ definition: indicators.sma, parameters: [period], columns, decimals });
        expect(middle).toEqual(mean);
        // So many deviations that the mean no longer hides the last digits of the deviation.
        const many = 1e30;
        const [upper] = compute({ definition: indicators.bollinger, parameters: [period, many], columns, decimals });
        for (let i = period - 1; i < ticks.length; i++) {
          const window = ticks.slice(i - period + 1, i + 1).map(BigInt);
          const sum = window.reduce((total, tick) => total + tick, 0n);
          const squares = window.reduce((total, tick) => total + tick * tick, 0n);
          const exact = Math.sqrt(Number(BigInt(period) * squares - sum * sum)) / (period * scale);
          if (exact === 0) expect(upper[i]).toBe(mean[i]);
          else expect(Math.abs(upper[i] / many / exact - 1)).toBeLessThanOrEqual(1e-15);
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  test('averages of different periods tie exactly where their true means do', () => {
    let state = 4711;
    let price = 30_000;
    const ticks = Array.from({ length: 50_000 }, () => {
      state = (state * 48271) % 2147483647;
      price += (state % 7) - 3;
      return price;
    });
    const columns = [Float64Array.from(ticks, (tick) => tick / 100)];
    const [fast] = compute({ definition: indicators.sma, parameters: [10], columns, decimals: 2 });
    const [slow] = compute({ definition: indicators.sma, parameters: [30], columns, decimals: 2 });
    const naive = (n: number) => {
      let sum = 0;
      return columns[0].map((value, i) => {
        sum += value - (i >= n ? columns[0][i - n] : 0);
        return sum / n;
      });
    };
    const [naiveFast, naiveSlow] = [naive(10), naive(30)];
    let ties = 0;
    let missed = 0;
    for (let i = 29; i < ticks.length; i++) {
      const sumOf = (n: number) => ticks.slice(i - n + 1, i + 1).reduce((sum, tick) => sum + tick, 0);
      const order = Math.sign(3 * sumOf(10) - sumOf(30));
      expect(Math.sign(fast[i] - slow[i])).toBe(order);
      if (order === 0) {
        ties++;
        if (naiveFast[i] !== naiveSlow[i]) missed++;
      }
    }
    expect(ties).toBeGreaterThan(100);
    // A running float sum misses such ties: the test would not pass by accident.
    expect(missed).toBeGreaterThan(50);
  });

  test('ema and rma begin exactly at the sma of their first values, on the grid and off it', () => {
    fc.assert(
      fc.property(prices, fc.boolean(), ({ decimals, ticks, period }, isOnGrid) => {
        const scale = isOnGrid ? Number(`1e${decimals}`) : 7;
        const input = {
          parameters: [period],
          columns: [Float64Array.from(ticks, (tick) => tick / scale)],
          decimals: isOnGrid ? decimals : -1,
        };
        const [mean] = compute({ definition: indicators.sma, ...input });
        for (const definition of [indicators.ema, indicators.rma])
          expect(compute({ definition, ...input })[0][period - 1]).toBe(mean[period - 1]);
      }),
      { seed, numRuns: 300 },
    );
  });

  test('the seed of ema is the mean of the decimals, where the doubles give another', () => {
    // 0.57 × 100 and 2.01 × 100 are not whole in floating point; their noise would make this 1.3299999999999998.
    const columns = [Float64Array.of(0.57, 2.01, 1.41)];
    expect(compute({ definition: indicators.ema, parameters: [3], columns, decimals: 2 })[0][2]).toBe(1.33);
  });

  test('wma off the grid forgets large values that have left its window', () => {
    const close = Float64Array.from({ length: 400 }, (_, i) => (i < 200 ? 1e12 / (3 + (i % 7)) : 1 / (3 + (i % 7))));
    const [found] = compute({ definition: indicators.wma, parameters: [9], columns: [close], decimals: -1 });
    for (let i = 230; i < 400; i++) {
      let sum = 0;
      for (let k = 0; k < 9; k++) sum += (k + 1) * close[i - 8 + k];
      expect(Math.abs(found[i] - sum / 45)).toBeLessThanOrEqual(1e-15);
    }
  });

  test('bollinger holds where squares of ticks leave 2^53: within 1e-12 of the exact deviation', () => {
    const ticks = Array.from({ length: 300 }, (_, i) => 6_543_212_345_678 + ((i * 7919) % 9973) * (i < 150 ? 100_000_007 : 3));
    const columns = [Float64Array.from(ticks, (tick) => tick / 1e8)];
    const [upper] = compute({ definition: indicators.bollinger, parameters: [20, 1e30], columns, decimals: 8 });
    for (let i = 19; i < 300; i++) {
      const window = ticks.slice(i - 19, i + 1).map(BigInt);
      const sum = window.reduce((total, tick) => total + tick, 0n);
      const squares = window.reduce((total, tick) => total + tick * tick, 0n);
      const exact = Math.sqrt(Number(20n * squares - sum * sum)) / 20e8;
      expect(Math.abs(upper[i] / 1e30 / exact - 1)).toBeLessThanOrEqual(1e-12);
    }
  });

  test('a value off the grid leaves no trace once it has left the window', () => {
    const close = Float64Array.from({ length: 200 }, (_, i) => (5000 + ((i * 37) % 91)) / 100);
    const [clean] = compute({ definition: indicators.sma, parameters: [7], columns: [close], decimals: 2 });
    const dirty = close.slice();
    dirty[50] = 51.123456789;
    const [found] = compute({ definition: indicators.sma, parameters: [7], columns: [dirty], decimals: 2 });
    expect(found.subarray(57)).toEqual(clean.subarray(57));
    expect(found[53]).not.toBe(clean[53]);
  });
});

const bars = fc.record({
  rows: fc.array(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.nat(200), fc.nat(200)), { minLength: 1, maxLength: 120 }),
  period: fc.integer({ min: 1, max: 25 }),
});

function barsOf(rows: readonly (readonly [number, number, number])[]): { high: Float64Array; low: Float64Array; close: Float64Array } {
  let ticks = 100_000;
  const close = Float64Array.from(rows, ([step]) => {
    ticks += step;
    return ticks / 100;
  });
  return {
    high: close.map((price, i) => Math.round(price * 100 + rows[i][1]) / 100),
    low: close.map((price, i) => Math.round(price * 100 - rows[i][2]) / 100),
    close,
  };
}

/** Textbook mean of the last n values of a plain array; NaN where one is missing. */
function meanOfLast(values: readonly number[], i: number, n: number): number {
  if (i < n - 1) return Number.NaN;
  return values.slice(i - n + 1, i + 1).reduce((sum, value) => sum + value, 0) / n;
}

/** Textbook smoothing: seed = mean of the first n numbers. */
function smoothed(values: readonly number[], n: number, weight: number): number[] {
  const first = values.findIndex((value) => !Number.isNaN(value));
  const result = new Array<number>(values.length).fill(Number.NaN);
  const start = first + n - 1;
  if (first < 0 || start >= values.length) return result;
  result[start] = meanOfLast(values, start, n);
  for (let i = start + 1; i < values.length; i++) result[i] = result[i - 1] * (1 - weight) + values[i] * weight;
  return result;
}

function expectNear(found: Float64Array, expected: readonly number[], tolerance: number): void {
  if (expected.every(Number.isNaN)) expect(found.every(Number.isNaN)).toBe(true);
  else expectColumn(found, expected, tolerance);
}

describe(`naive second implementations in plain arrays, tolerance 1e-8 (seed ${seed})`, () => {
  const check = (body: (input: { high: number[]; low: number[]; close: number[]; n: number }) => void) =>
    fc.assert(
      fc.property(bars, ({ rows, period }) => {
        const { high, low, close } = barsOf(rows);
        body({ high: [...high], low: [...low], close: [...close], n: period });
      }),
      { seed, numRuns: 200 },
    );
  const columns = (...parts: number[][]) => parts.map((part) => Float64Array.from(part));

  test('extremes: donchian and ichimoku equal maxima and minima taken afresh at every bar', () => {
    check(({ high, low, close, n }) => {
      const middle = (i: number, span: number) =>
        i < span - 1 ? Number.NaN : (Math.max(...high.slice(i - span + 1, i + 1)) + Math.min(...low.slice(i - span + 1, i + 1))) / 2;
      const [upper, half, lower] = compute({ definition: indicators.donchian, parameters: [n], columns: columns(high, low), decimals: 2 });
      for (let i = 0; i < high.length; i++) {
        expect(upper[i]).toBe(i < n - 1 ? Number.NaN : Math.max(...high.slice(i - n + 1, i + 1)));
        expect(lower[i]).toBe(i < n - 1 ? Number.NaN : Math.min(...low.slice(i - n + 1, i + 1)));
      }
      expectNear(
        half,
        high.map((_, i) => middle(i, n)),
        1e-8,
      );
      const found = compute({
        definition: indicators.ichimoku,
        parameters: [n, 2 * n, 3 * n, 5],
        columns: columns(high, low, close),
        decimals: 2,
      });
      const spanA = high.map((_, i) => (i < 5 ? Number.NaN : (middle(i - 5, n) + middle(i - 5, 2 * n)) / 2));
      const spanB = high.map((_, i) => (i < 5 ? Number.NaN : middle(i - 5, 3 * n)));
      [high.map((_, i) => middle(i, n)), high.map((_, i) => middle(i, 2 * n)), spanA, spanB, close].forEach((expected, k) => {
        expectNear(found[k], expected, 1e-8);
      });
    });
  });

  test('ema, rma and macd', () => {
    check(({ close, n }) => {
      const slow = n + 5;
      const run = (definition: (typeof indicators)['ema'], parameters: number[]) =>
        compute({ definition, parameters, columns: columns(close), decimals: 2 });
      expectNear(run(indicators.ema, [n])[0], smoothed(close, n, 2 / (n + 1)), 1e-8);
      expectNear(run(indicators.rma, [n])[0], smoothed(close, n, 1 / n), 1e-8);
      const slowLine = smoothed(close, slow, 2 / (slow + 1));
      const line = smoothed(close, n, 2 / (n + 1)).map((value, i) => value - slowLine[i]);
      const signal = smoothed(line, 4, 2 / 5);
      const found = run(indicators.macd, [n, slow, 4]);
      [line, signal, line.map((value, i) => value - signal[i])].forEach((expected, k) => {
        expectNear(found[k], expected, 1e-8);
      });
    });
  });

  test('rsi and atr', () => {
    check(({ high, low, close, n }) => {
      const changes = close.map((price, i) => Math.round((price - (close[i - 1] ?? Number.NaN)) * 100) / 100);
      const gain = smoothed(
        changes.map((change) => Math.max(change, 0)),
        n,
        1 / n,
      );
      const loss = smoothed(
        changes.map((change) => Math.max(-change, 0)),
        n,
        1 / n,
      );
      const expected = gain.map((up, i) => (up + loss[i] === 0 ? 50 : 100 - 100 / (1 + up / loss[i])));
      expectNear(compute({ definition: indicators.rsi, parameters: [n], columns: columns(close), decimals: 2 })[0], expected, 1e-8);
      const ranges = high.map((top, i) => {
        const before = close[i - 1] ?? Number.NaN;
        return Math.max(top - low[i], Math.abs(top - before), Math.abs(low[i] - before));
      });
      const found = compute({ definition: indicators.atr, parameters: [n], columns: columns(high, low, close), decimals: 2 })[0];
      expectNear(found, smoothed(ranges, n, 1 / n), 1e-8);
    });
  });
});
