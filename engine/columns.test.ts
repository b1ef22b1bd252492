import { describe, expect, test } from 'vitest';
import { ColumnStore } from './columns.ts';
import type { PlayheadError } from './errors.ts';
import type { Tape } from './model/bar.ts';
import { type PlayInput, play } from './play.ts';
import type { RunResult } from './result.ts';
import type { Column, SetupContext, StrategyDefinition, StrategyHandlers } from './strategy.ts';
import { refusalOf } from './testing/refusal.ts';
import { settingsOf, testHashes } from './testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from './testing/tapes.ts';

type Setup = (context: SetupContext<Record<never, never>>) => StrategyHandlers;

/** Closes 100, 101, 102, … so that a value tells its bar. */
const rising = (length: number): BarRow[] => Array.from({ length }, (_, i) => [100 + i, 100.5 + i, 99.5 + i, 100 + i, i]);

/** setup is made anew at each evaluation, as a loader does. */
function run(makeSetup: () => Setup, input: Partial<PlayInput> & { rows?: number; tapes?: readonly Tape[] } = {}): RunResult {
  const tapes = input.tapes ?? [tapeOf(rising(input.rows ?? 40))];
  const symbols = [...new Set(tapes.map((tape) => tape.key.symbol))];
  return play({
    instruments: symbols.map((symbol) => instrumentOf({ symbol })),
    settings: settingsOf(),
    strategy: () => ({ name: 'test', parameters: {}, setup: makeSetup() }) as unknown as StrategyDefinition,
    parameters: {},
    hashes: testHashes,
    recording: 'full',
    ...input,
    tapes,
  });
}

function fault(makeSetup: () => Setup, input: Parameters<typeof run>[1] = {}): PlayheadError {
  return refusalOf(() => void run(makeSetup, input));
}

describe('a cursor', () => {
  test('reads now and the past, and NaN before the first bar', () => {
    const seen: number[][] = [];
    run(
      () =>
        ({ bars }) => ({
          onBar: () => void seen.push([bars.close.at(0), bars.close.at(1), bars.close.at(2), bars.volume.at(0), bars.closeTimeMs.at(0)]),
        }),
      { rows: 3 },
    );
    expect(seen).toEqual([
      [100, Number.NaN, Number.NaN, 0, 60_000],
      [101, 100, Number.NaN, 1, 120_000],
      [102, 101, 100, 2, 180_000],
    ]);
  });

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses at(%d): not a whole number of bars', (ago) => {
    expect(
      fault(() => ({ bars }) => ({ onBar: () => void bars.close.at(ago) })).code,
    ).toBe('STRATEGY_INVALID');
  });

  test.each([-1, -0.5, Number.NEGATIVE_INFINITY])('refuses at(%d): nothing can read past now', (ago) => {
    const error = fault(() => ({ bars }) => ({ onBar: () => void bars.close.at(ago) }));
    expect(error.code).toBe('LOOKAHEAD');
    expect(error.message).toContain(`at(${ago})`);
    expect(error.exitCode).toBe(5);
  });

  test('tells one bar from several, of a number in quotes too', () => {
    const told = (ago: unknown) =>
      fault(() => ({ bars }) => ({ onBar: () => void bars.close.at(ago as number) })).message;
    expect(told(-1)).toContain('at(-1) reads 1 bar past now');
    expect(told('-1')).toContain('at(-1) reads 1 bar past now');
    expect(told(-2)).toContain('at(-2) reads 2 bars past now');
  });

  test('shows nothing before the first step, not even in setup', () => {
    let inSetup = 0;
    run(() => ({ bars }) => {
      inSetup = bars.close.at(0);
      return {};
    });
    expect(inSetup).toBeNaN();
  });

  test('is frozen and has no way to its values', () => {
    run(() => ({ bars, indicators }) => {
      for (const column of [bars.close, indicators.sma(bars.close, 3)]) {
        expect(Object.isFrozen(column)).toBe(true);
        expect(Reflect.ownKeys(column)).toEqual([]);
        expect(JSON.stringify(column)).toBe('{}');
      }
      return {};
    });
  });

  test('of a higher timeframe shows a bar only once it has closed', () => {
    const minutes = tapeOf(rising(10));
    const fives = tapeOf(
      [
        [1, 9, 1, 7],
        [7, 9, 1, 8],
      ],
      { timeframe: '5m' },
    );
    const seen: number[] = [];
    run(
      () =>
        ({ series }) => ({ onBar: () => void seen.push(series[1].close.at(0)) }),
      { tapes: [minutes, fives] },
    );
    const none = Number.NaN;
    expect(seen).toEqual([none, none, none, none, 7, 7, 7, 7, 7, 8]);
  });

  test('of an indicator on a higher timeframe too', () => {
    const minutes = tapeOf(rising(15));
    const fives = tapeOf(
      [
        [1, 9, 1, 6],
        [7, 9, 1, 8],
        [8, 9, 1, 10],
      ],
      { timeframe: '5m' },
    );
    const seen: number[] = [];
    run(
      () =>
        ({ series, indicators }) => {
          const mean = indicators.sma(series[1].close, 2);
          return { onBar: () => void seen.push(mean.at(0)) };
        },
      { tapes: [minutes, fives] },
    );
    // The first call is at the bar where the mean has its first value.
    expect(seen).toEqual([7, 7, 7, 7, 7, 9]);
  });
});

describe('a custom batch indicator', () => {
  const double = (source: Float64Array, target: Float64Array) => {
    for (let i = 0; i < source.length; i++) target[i] = source[i] * 2;
  };

  test('is computed from the first bar in the catalogue, before the window', () => {
    const seen: number[] = [];
    run(
      () =>
        ({ bars, indicators }) => {
          const sum = indicators.batch('sum', bars.close, (source, target) => {
            let total = 0;
            for (let i = 0; i < source.length; i++) {
              total += source[i];
              target[i] = total;
            }
          });
          return { onBar: () => void seen.push(sum.at(0)) };
        },
      { rows: 4, settings: settingsOf({ window: { fromMs: 120_000, toMs: 240_000 } }) },
    );
    expect(seen).toEqual([303, 406]);
  });

  test('cannot keep the future: the arrays it was given are gone once it returns', () => {
    const kept: Float64Array[] = [];
    run(() => ({ bars, indicators }) => {
      indicators.batch('keeper', bars.close, (source, target) => {
        kept.push(source, target);
        double(source, target);
      });
      return { onBar: () => expect(kept.map((array) => array.length)).toEqual(kept.map(() => 0)) };
    });
    expect(kept.length).toBeGreaterThan(1);
  });

  test('writes into copies: neither the tape nor another column can be changed', () => {
    const tape = tapeOf(rising(5));
    const seen: number[] = [];
    run(
      () =>
        ({ bars, indicators }) => {
          indicators.batch('vandal', bars.close, (source, target) => {
            double(source, target);
            source.fill(0);
          });
          return { onBar: () => void seen.push(bars.close.at(0)) };
        },
      { tapes: [tape] },
    );
    expect(seen).toEqual([100, 101, 102, 103, 104]);
  });

  test.each<[string, (source: Float64Array, target: Float64Array) => void]>([
    ['the next bar', (source, target) => target.set([...source.slice(1), 0])],
    ['the last bar', (source, target) => void target.fill(source[source.length - 1])],
    ['the length of the tape', (source, target) => void target.fill(source.length)],
    ['a bar ten ahead', (source, target) => target.set(target.map((_, i) => source[Math.min(source.length - 1, i + 10)]))],
  ])('that reads %s is refused, with the bar', (_, kernel) => {
    const error = fault(() => ({ bars, indicators }) => {
      indicators.batch('oracle', bars.close, kernel);
      return {};
    });
    expect(error.code).toBe('LOOKAHEAD');
    expect(error.message).toMatch(
      /^custom indicator "oracle" reads ahead: with the bars after bar \d+ cut off, its value at bar \d+, closed \d{4}-\d\d-\d\dT[\d:.]+Z, changes from /,
    );
    expect(error.fields.bar).toBeTypeOf('number');
  });

  test('that reads backwards only is accepted, NaN in front and all', () => {
    const lag = (source: Float64Array, target: Float64Array) => {
      for (let i = 3; i < source.length; i++) target[i] = source[i - 3];
    };
    const seen: number[] = [];
    run(
      () =>
        ({ bars, indicators }) => {
          const lagged = indicators.batch('lag', bars.close, lag);
          return { onBar: () => void seen.push(lagged.at(0)) };
        },
      { rows: 6 },
    );
    expect(seen).toEqual([100, 101, 102]);
  });
});

describe('a custom stream indicator', () => {
  test('is played value by value, once, from the first bar', () => {
    const seen: number[] = [];
    run(
      () =>
        ({ bars, indicators }) => {
          const highest = indicators.stream('highest', bars.close, () => {
            let most = Number.NEGATIVE_INFINITY;
            return (value) => (most = Math.max(most, value));
          });
          return { onBar: () => void seen.push(highest.at(0)) };
        },
      {
        tapes: [
          tapeOf([
            [1, 9, 1, 5],
            [1, 9, 1, 9],
            [1, 9, 1, 7],
          ]),
        ],
      },
    );
    expect(seen).toEqual([5, 9, 9]);
  });

  test('that stores the values it sees cannot hand them to the evaluation that trades', () => {
    const sizes: number[] = [];
    run(
      () => {
        const seen: number[] = [];
        return ({ bars, indicators }) => {
          indicators.stream('spy', bars.close, () => (value) => {
            seen.push(value);
            return value;
          });
          return { onBar: () => void sizes.push(seen.length) };
        };
      },
      { rows: 5 },
    );
    expect(sizes).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('declarations', () => {
  const echo = (_: Float64Array, target: Float64Array) => void target.fill(0);
  test.each<[string, () => Setup, string]>([
    [
      'two custom indicators of one name',
      () =>
        ({ bars, indicators }) => {
          indicators.batch('x', bars.close, echo);
          indicators.stream('x', bars.open, () => (value) => value);
          return {};
        },
      'two custom indicators are called "x"; give each a name of its own',
    ],
    [
      'columns of two series in one indicator',
      () =>
        ({ series, indicators }) => {
          indicators.atr({ ...series[0], high: series[0].high, low: series[1].low, close: series[0].close }, 3);
          return {};
        },
      'atr: its columns are of different series',
    ],
    [
      'something that is no column',
      () =>
        ({ indicators }) => {
          indicators.sma({ at: () => 1 } as Column, 3);
          return {};
        },
      'an indicator was given something that is not a column of this run; pass bars.close or what another indicator returned',
    ],
    [
      'a period that is no whole number',
      () =>
        ({ bars, indicators }) => {
          indicators.sma(bars.close, 2.5);
          return {};
        },
      'sma: period was 2.5, expected a whole number of bars from 1 on',
    ],
    [
      'a period of none',
      () =>
        ({ bars, indicators }) => {
          indicators.macd(bars.close, { fast: 0, slow: 5, signal: 3 });
          return {};
        },
      'macd: fast was 0, expected a whole number of bars from 1 on',
    ],
    [
      'a period in words',
      () =>
        ({ bars, indicators }) => {
          indicators.sma(bars.close, '20' as unknown as number);
          return {};
        },
      'sma: period was the string "20", expected a whole number of bars from 1 on',
    ],
    [
      'deviations in words',
      () =>
        ({ bars, indicators }) => {
          indicators.bollinger(bars.close, { period: 5, deviations: '2' as unknown as number });
          return {};
        },
      'bollinger: deviations was the string "2", expected a number from 0 on',
    ],
    [
      'a displacement below none',
      () =>
        ({ bars, indicators }) => {
          indicators.ichimoku(bars, { tenkan: 9, kijun: 26, spanB: 52, displacement: -1 });
          return {};
        },
      'ichimoku: displacement was -1, expected a whole number of bars from 0 on',
    ],
  ])('%s are refused', (_, makeSetup, message) => {
    const tapes = [tapeOf(rising(10)), tapeOf(rising(2), { timeframe: '5m' })];
    expect(fault(makeSetup, { tapes })).toMatchObject({ code: 'STRATEGY_INVALID', message });
  });

  test('a custom indicator declared only the second time setup runs is refused', () => {
    let evaluation = 0;
    const error = fault(() => {
      evaluation++;
      const isSecond = evaluation === 2;
      return ({ bars, indicators }) => {
        if (isSecond) indicators.stream('late', bars.close, () => (value) => value);
        return {};
      };
    });
    expect(error).toMatchObject({
      code: 'STRATEGY_INVALID',
      message: 'setup declared the custom indicator "late" only the second time it ran: it must declare the same columns each time',
    });
  });

  test('each distinct column is computed once for all runs that share a store, and custom ones are told apart by strategy', () => {
    let count = 0;
    const columns = new ColumnStore();
    const tapes = [tapeOf(rising(40))];
    const makeSetup =
      () =>
      ({ bars, indicators }: SetupContext<Record<never, never>>) => {
        indicators.batch('counted', bars.close, (source, target) => {
          if (source.length === 40) count++;
          target.set(source);
        });
        return {};
      };
    run(makeSetup, { columns, tapes });
    run(makeSetup, { columns, tapes });
    expect(count).toBe(1);
    run(makeSetup, { columns, tapes, hashes: { ...testHashes, strategyHash: 'other' } });
    expect(count).toBe(2);
  });
});
