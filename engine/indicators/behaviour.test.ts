import { describe, expect, test } from 'vitest';
import { ConfigError } from '../errors.ts';
import { type IndicatorName, indicators } from './catalogue.ts';
import { compute, computeStreaming } from './oracles.test.helper.ts';
import { createSource } from './source.ts';

const nan = Number.NaN;
const names = Object.keys(indicators) as IndicatorName[];
const sourceCount: Partial<Record<IndicatorName, number>> = { donchian: 2, atr: 3, stochastic: 3, adx: 3, ichimoku: 3 };
const parameters: Record<IndicatorName, readonly number[]> = {
  sma: [5],
  ema: [5],
  rma: [5],
  wma: [5],
  rsi: [5],
  atr: [5],
  macd: [3, 5, 4],
  bollinger: [5, 2],
  donchian: [5],
  stochastic: [5, 3, 2],
  adx: [5],
  ichimoku: [2, 3, 5, 4],
};
/** Index of each output's first number in a column that has no NaN. */
const firsts: Record<IndicatorName, readonly number[]> = {
  sma: [4],
  ema: [4],
  rma: [4],
  wma: [4],
  rsi: [5],
  atr: [5],
  macd: [4, 7, 7],
  bollinger: [4, 4, 4],
  donchian: [4, 4, 4],
  stochastic: [6, 7],
  adx: [9, 5, 5],
  ichimoku: [1, 2, 6, 8, 0],
};

function waves(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => (5000 + ((i * 37) % 23) + i) / 100);
}

/** high, low, close; or only what the indicator reads. */
function columnsFor(name: IndicatorName, close: Float64Array, height = 0.25): Float64Array[] {
  const rounded = (price: number) => Math.round(price * 100) / 100;
  const count = sourceCount[name] ?? 1;
  if (count === 1) return [close];
  return [close.map((price) => rounded(price + height)), close.map((price) => rounded(price - height)), close].slice(0, count);
}

const leading = (values: Float64Array) => values.findIndex((value) => !Number.isNaN(value));

describe('warm-up', () => {
  for (const name of names) {
    const definition = indicators[name];
    test(`${name}(${parameters[name]}) starts at index ${firsts[name]} and is a number from there on`, () => {
      const found = compute({ definition, parameters: parameters[name], columns: columnsFor(name, waves(60)), decimals: 2 });
      expect(found.map(leading)).toEqual(firsts[name]);
      found.forEach((values, k) => {
        expect(values.subarray(firsts[name][k]).every(Number.isFinite)).toBe(true);
      });
    });

    test(`${name}: leading NaN delay it, as if the column began after them`, () => {
      const close = waves(60);
      const plain = compute({ definition, parameters: parameters[name], columns: columnsFor(name, close), decimals: 2 });
      const delayed = columnsFor(name, close).map((values) => Float64Array.from([nan, nan, nan, ...values]));
      const found = compute({ definition, parameters: parameters[name], columns: delayed, decimals: 2 });
      found.forEach((values, k) => {
        expect(values).toEqual(Float64Array.from([nan, nan, nan, ...plain[k]]));
      });
    });

    test(`${name}: a NaN in the middle starts the warm-up anew: it never stays`, () => {
      const close = waves(80);
      const columns = columnsFor(name, close);
      for (const values of columns) values[40] = nan;
      const found = compute({ definition, parameters: parameters[name], columns, decimals: 2 });
      const rest = columns.map((values) => values.slice(41));
      const anew = compute({ definition, parameters: parameters[name], columns: rest, decimals: 2 });
      found.forEach((values, k) => {
        // Displaced spans show what was computed 4 bars before, from before the gap for as long.
        const isSpan = definition.outputs[k].startsWith('span');
        const from = isSpan ? 4 : 0;
        expect(values.subarray(41 + from)).toEqual(anew[k].subarray(from));
        expect(values[40 + from]).toBeNaN();
        expect(values[39 + from]).not.toBeNaN();
      });
    });

    test(`${name}: an infinite value counts as NaN`, () => {
      const columns = columnsFor(name, waves(80));
      for (const values of columns) values[30] = Number.POSITIVE_INFINITY;
      const found = compute({ definition, parameters: parameters[name], columns, decimals: 2 });
      found.forEach((values, k) => {
        if (definition.outputs[k] !== 'chikou') expect(values.every((value) => Number.isNaN(value) || Number.isFinite(value))).toBe(true);
        expect(values.at(-1)).not.toBeNaN();
      });
    });

    test(`${name}: periods longer than the column give NaN only, an empty column nothing`, () => {
      const long = parameters[name].map((value) => value * 100);
      const found = compute({ definition, parameters: long, columns: columnsFor(name, waves(60)), decimals: 2 });
      found.forEach((values, k) => {
        if (definition.outputs[k] !== 'chikou') expect(values.every(Number.isNaN)).toBe(true);
      });
      const empty = columnsFor(name, new Float64Array(0));
      expect(compute({ definition, parameters: parameters[name], columns: empty, decimals: 2 }).map((values) => values.length)).toEqual(
        definition.outputs.map(() => 0),
      );
    });
  }

  test('sma of an sma: composition warms up one after the other', () => {
    const [inner] = compute({ definition: indicators.sma, parameters: [5], columns: [waves(30)], decimals: 2 });
    const [outer] = compute({ definition: indicators.sma, parameters: [3], columns: [inner], decimals: -1 });
    expect(leading(outer)).toBe(6);
    expect(outer[10]).toBeCloseTo((inner[8] + inner[9] + inner[10]) / 3, 12);
  });
});

describe('flat market: every value stated in the docstring, none NaN after warm-up, none off by a last bit', () => {
  const flat: Record<IndicatorName, readonly number[]> = {
    sma: [0.1],
    ema: [0.1],
    rma: [0.1],
    wma: [0.1],
    rsi: [50],
    atr: [0],
    macd: [0, 0, 0],
    bollinger: [0.1, 0.1, 0.1],
    donchian: [0.1, 0.1, 0.1],
    stochastic: [50, 50],
    adx: [0, 0, 0],
    ichimoku: [0.1, 0.1, 0.1, 0.1, 0.1],
  };
  for (const name of names) {
    test(`${name} is ${flat[name]}`, () => {
      const columns = columnsFor(name, new Float64Array(60).fill(0.1), 0);
      for (const form of [compute, computeStreaming]) {
        const found = form({ definition: indicators[name], parameters: parameters[name], columns, decimals: 1 });
        found.forEach((values, k) => {
          for (let i = firsts[name][k]; i < 60; i++) expect(values[i]).toBe(flat[name][k]);
        });
      }
    });
  }

  test('a one-sided market: rsi 100 and 0, adx 100 with +DI alone', () => {
    const rising = Float64Array.from({ length: 40 }, (_, i) => 10 + i);
    const run = (name: IndicatorName, columns: Float64Array[]) =>
      compute({ definition: indicators[name], parameters: parameters[name], columns, decimals: 0 });
    expect(run('rsi', [rising])[0][30]).toBe(100);
    expect(run('rsi', [rising.toReversed()])[0][30]).toBe(0);
    const [adx, plus, minus] = run('adx', [rising, rising.map((price) => price - 1), rising]);
    expect([adx[30], plus[30], minus[30]]).toEqual([100, 100, 0]);
  });

  test('equal moves up and down in decimals are no directional move, though their doubles differ', () => {
    // 0.3 − 0.2 is less than 0.2 − 0.1 in floating point; in ticks both are one.
    const high = Float64Array.of(0.2, 0.3);
    const low = Float64Array.of(0.2, 0.1);
    const columns = [high, low, low];
    const [, plus, minus] = compute({ definition: indicators.adx, parameters: [1], columns, decimals: 1 });
    expect([plus[1], minus[1]]).toEqual([0, 0]);
    const [, loosePlus, looseMinus] = compute({ definition: indicators.adx, parameters: [1], columns, decimals: -1 });
    expect(loosePlus[1] + looseMinus[1]).toBeGreaterThan(0);
  });
});

describe('edges', () => {
  test('ichimoku with displacement 0 draws its spans where they are computed', () => {
    const columns = columnsFor('ichimoku', waves(60));
    const here = compute({ definition: indicators.ichimoku, parameters: [2, 3, 5, 0], columns, decimals: 2 });
    const ahead = compute({ definition: indicators.ichimoku, parameters: [2, 3, 5, 4], columns, decimals: 2 });
    for (const k of [2, 3]) expect(here[k].subarray(0, -4)).toEqual(ahead[k].subarray(4));
  });

  test('stochastic: a NaN close in a flat range is a NaN, not the middle', () => {
    const flat = new Float64Array(20).fill(5);
    const close = flat.slice();
    close[10] = nan;
    const [k] = compute({ definition: indicators.stochastic, parameters: [3, 1, 1], columns: [flat, flat, close], decimals: 0 });
    expect([k[9], k[10], k[11]]).toEqual([50, nan, 50]);
  });
});

describe('declarations', () => {
  test('outputs keep a grid where they lie on one exactly', () => {
    expect(indicators.donchian.outputDecimals([2, 2])).toEqual([2, 3, 2]);
    expect(indicators.donchian.outputDecimals([-1, 2])).toEqual([-1, -1, 2]);
    expect(indicators.ichimoku.outputDecimals([2, 2, 2])).toEqual([3, 3, 4, 3, 2]);
    expect(indicators.sma.outputDecimals([2])).toEqual([-1]);
    const columns = columnsFor('ichimoku', waves(300));
    const found = compute({ definition: indicators.ichimoku, parameters: [9, 26, 52, 26], columns, decimals: 2 });
    indicators.ichimoku.outputDecimals([2, 2, 2]).forEach((decimals, k) => {
      const scale = Number(`1e${decimals}`);
      expect(found[k].every((value) => Number.isNaN(value) || Math.round(value * scale) / scale === value)).toBe(true);
    });
  });

  test('the middle of a channel is the decimal half: 0.15, not 0.15000000000000002', () => {
    const columns = [Float64Array.of(0.2), Float64Array.of(0.1)];
    expect(compute({ definition: indicators.donchian, parameters: [1], columns, decimals: 1 })[1][0]).toBe(0.15);
  });

  test('a parameter outside its rule is refused with its name, in both forms', () => {
    const source = createSource(waves(10), 2);
    const bad: [IndicatorName, number[], string][] = [
      ['sma', [0], 'sma: period is 0; expected a whole number from 1 to 1000000'],
      ['ema', [2.5], 'ema: period is 2.5; expected a whole number from 1 to 1000000'],
      ['macd', [12, nan, 9], 'macd: slow is NaN; expected a whole number from 1 to 1000000'],
      ['bollinger', [20, Number.POSITIVE_INFINITY], 'bollinger: deviations is Infinity; expected a finite number'],
      ['wma', [1e7], 'wma: period is 10000000; expected a whole number from 1 to 1000000'],
    ];
    for (const [name, values, message] of bad) {
      const targets = indicators[name].outputs.map(() => new Float64Array(10));
      for (const form of [() => indicators[name].batch([source], values, targets), () => indicators[name].stream(values, [2])]) {
        expect(form).toThrow(ConfigError);
        expect(form).toThrow(expect.objectContaining({ code: 'STRATEGY_PARAMETER', message }));
      }
    }
  });

  test('the catalogue and its entries are frozen and named as listed', () => {
    expect(Object.isFrozen(indicators)).toBe(true);
    for (const name of names) {
      expect(indicators[name].name).toBe(name);
      expect(Object.isFrozen(indicators[name])).toBe(true);
    }
  });
});
