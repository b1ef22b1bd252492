import { describe, expect, test } from 'vitest';
import type { Tape } from './model/bar.ts';
import { type PlayInput, play } from './play.ts';
import { createRandom } from './random.ts';
import type { RunResult } from './result.ts';
import { crossedAbove, crossedBelow, type SetupContext, type StrategyDefinition, type StrategyHandlers } from './strategy.ts';
import { playScript } from './testing/play-script.ts';
import { refusalOf } from './testing/refusal.ts';
import { settingsOf, testHashes } from './testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from './testing/tapes.ts';

const minuteMs = 60_000;
type Setup = (context: SetupContext<Record<never, never>>) => StrategyHandlers;

const rising = (length: number): BarRow[] => Array.from({ length }, (_, i) => [100 + i, 101 + i, 99 + i, 100 + i]);

function run(setup: Setup, tapes: readonly Tape[], input: Partial<PlayInput> = {}): RunResult {
  const symbols = [...new Set(tapes.map((tape) => tape.key.symbol))];
  return play({
    tapes,
    instruments: symbols.map((symbol) => instrumentOf({ symbol })),
    settings: settingsOf(),
    strategy: () => ({ name: 'test', parameters: {}, setup }) as unknown as StrategyDefinition,
    parameters: {},
    hashes: testHashes,
    recording: 'full',
    ...input,
  });
}

/** Minutes (of the close) at which onBar is called. */
function callsOf(
  setup: (context: SetupContext<Record<never, never>>) => void,
  tapes: readonly Tape[],
  settings: Parameters<typeof settingsOf>[0] = {},
): number[] {
  const calls: number[] = [];
  run(
    (context) => {
      setup(context);
      return { onBar: ({ timeMs }) => void calls.push(timeMs / minuteMs) };
    },
    tapes,
    { settings: settingsOf(settings) },
  );
  return calls;
}

describe('onBar starts where every declared column has a value', () => {
  const minutes = tapeOf(rising(10));

  test('at the first bar where nothing needs warming', () => {
    expect(callsOf(() => {}, [minutes])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(callsOf(({ bars }) => void bars.close, [minutes])).toHaveLength(10);
  });

  test('at the slowest indicator', () => {
    const setup = ({ bars, indicators }: SetupContext<Record<never, never>>) => {
      indicators.sma(bars.close, 3);
      indicators.sma(indicators.sma(bars.close, 3), 4);
      indicators.sma(bars.close, 2);
    };
    expect(callsOf(setup, [minutes])).toEqual([6, 7, 8, 9, 10]);
  });

  test('history before the window warms them up', () => {
    const setup = ({ bars, indicators }: SetupContext<Record<never, never>>) => void indicators.sma(bars.close, 3);
    expect(callsOf(setup, [minutes], { window: { fromMs: 5 * minuteMs, toMs: 8 * minuteMs } })).toEqual([6, 7, 8]);
  });

  test('not before a second series has a bar; then at each batch of either', () => {
    const late = tapeOf(rising(2), { symbol: 'B', timeframe: '5m' });
    expect(callsOf(({ series }) => void series.map((bars) => bars.close), [minutes, late])).toEqual([5, 6, 7, 8, 9, 10]);
  });

  test('at bars of the first series, and of those of which setup reads a column', () => {
    const fives = tapeOf(rising(2), { timeframe: '5m' });
    expect(callsOf(({ bars }) => void bars.close, [fives, minutes])).toEqual([5, 10]);
    // Orders and position of a series are no reading of it, nor is taking it into the hand.
    expect(callsOf(({ bars, series: [, minute] }) => void [bars.close, minute.order, minute.position], [fives, minutes])).toEqual([5, 10]);
    expect(callsOf(({ bars, series: [, minute] }) => void [bars.close, minute.close], [fives, minutes])).toEqual([5, 6, 7, 8, 9, 10]);
    // The five-minute close has its first value at 5; what decides on the minute may look up to it alone.
    expect(callsOf(({ series: [, five] }) => void five.close, [minutes, fives])).toEqual([5, 6, 7, 8, 9, 10]);
  });

  test('where setup takes series and reads no column, at bars of the first of each instrument', () => {
    const fives = tapeOf(rising(2), { timeframe: '5m' });
    const others = tapeOf(rising(10), { symbol: 'B' });
    expect(callsOf(({ series }) => void series, [fives, minutes])).toEqual([5, 10]);
    expect(callsOf(({ series }) => void series, [fives, others])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(callsOf(({ bars }) => void bars, [fives, others])).toEqual([5, 10]);
    expect(callsOf(() => {}, [fives, others])).toEqual([5, 10]);
  });

  test('never, and the result says so', () => {
    const result = run(
      ({ bars, indicators }) => {
        indicators.sma(bars.close, 11);
        return {
          onBar() {
            throw new Error('called');
          },
        };
      },
      [minutes],
    );
    expect(result.warnings[0]).toContain('onBar was never called');
  });
});

describe('wake conditions', () => {
  const dense = { replay: 'dense' } as const;

  test('are ignored by unfiltered replay, and without any dense calls every bar', () => {
    const minutes = tapeOf(rising(5));
    expect(callsOf(({ bars, wake }) => wake.onSchedule({ everyMs: 1000 * minuteMs }) ?? void bars.close, [minutes])).toHaveLength(5);
    expect(callsOf(({ bars }) => void bars.close, [minutes], dense)).toHaveLength(5);
  });

  test('dense gives the certificate of unfiltered for a strategy that acts at crossings only', () => {
    const random = createRandom(5);
    let price = 1000;
    const rows: BarRow[] = Array.from({ length: 3000 }, () => {
      const open = price;
      price = Math.max(10, price + Math.round(random.normal() * 6));
      return [open, Math.max(open, price) + 1, Math.min(open, price) - 1, price];
    });
    let callCount = 0;
    const setup: Setup = ({ bars, indicators, wake }) => {
      const fast = indicators.sma(bars.close, 5);
      const slow = indicators.sma(bars.close, 20);
      wake.onCross(fast, slow);
      return {
        onBar({ order, position }) {
          callCount++;
          if (crossedAbove(fast, slow) && position.isFlat)
            order.market({ side: 1, equityFraction: 0.5, stopLoss: bars.close.at(0) - 15, takeProfit: bars.close.at(0) + 40 });
          else if (crossedBelow(fast, slow)) order.close();
        },
      };
    };
    const played = (replay: 'dense' | 'unfiltered') => {
      callCount = 0;
      const { certificate, fills } = run(setup, [tapeOf(rows)], { settings: settingsOf({ replay }) });
      return { certificate, fillCount: fills.length, callCount };
    };
    const unfiltered = played('unfiltered');
    const filtered = played('dense');
    expect(unfiltered.fillCount).toBeGreaterThan(100);
    expect(filtered.certificate).toEqual(unfiltered.certificate);
    expect(unfiltered.callCount).toBe(3000 - 19);
    expect(filtered.callCount).toBeLessThan(600);
  });

  test('onBarOf wakes at every close of a series, and at no other', () => {
    const tapes = [tapeOf(rising(12)), tapeOf(rising(2), { timeframe: '5m' })];
    expect(callsOf(({ series, wake }) => wake.onBarOf(series[1]), tapes, dense)).toEqual([5, 10]);
    expect(callsOf(({ series, wake }) => wake.onBarOf(series[0]), tapes, dense)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('onSchedule wakes at the first bar that closes at or after each multiple', () => {
    // The minutes 8 to 11 are missing: the multiple 10 is met at 12.
    const minutes = tapeOf(rising(12), { openTimesMs: [0, 1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15].map((minute) => minute * minuteMs) });
    const every = (everyMs: number, offsetMs?: number) =>
      callsOf(
        ({ bars, wake }) => wake.onSchedule(offsetMs === undefined ? { everyMs } : { everyMs, offsetMs }) ?? void bars.close,
        [minutes],
        dense,
      );
    expect(every(5 * minuteMs)).toEqual([1, 5, 12, 15]);
    expect(every(5 * minuteMs, 2 * minuteMs)).toEqual([1, 2, 7, 12]);
  });

  test('a crossing or a schedule of a slow series wakes once, not at each bar of a faster one', () => {
    const slow = tapeOf(
      [
        [10, 10, 10, 10],
        [10, 10, 10, 10],
        [10, 20, 10, 20],
        [20, 20, 20, 20],
      ],
      { timeframe: '5m' },
    );
    const fast = tapeOf(rising(20));
    const cross = callsOf(
      ({ series, indicators, wake }) => wake.onCross(series[0].close, indicators.sma(series[0].close, 2)),
      [slow, fast],
      dense,
    );
    expect(cross).toEqual([15]);
    const schedule = callsOf(
      ({ series, wake }) => wake.onSchedule({ everyMs: 10 * minuteMs }) ?? void series[0].close,
      [slow, fast],
      dense,
    );
    expect(schedule).toEqual([5, 10, 20]);
  });

  test('any of several conditions wakes', () => {
    const setup = ({ bars, wake }: SetupContext<Record<never, never>>) => {
      wake.onSchedule({ everyMs: 4 * minuteMs });
      wake.onSchedule({ everyMs: 6 * minuteMs });
      void bars.close;
    };
    expect(callsOf(setup, [tapeOf(rising(12))], dense)).toEqual([1, 4, 6, 8, 12]);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a schedule of every %d ms is refused', (everyMs) => {
    const error = refusalOf(() => callsOf(({ wake }) => wake.onSchedule({ everyMs }), [tapeOf(rising(3))], dense));
    expect(error).toMatchObject({
      code: 'STRATEGY_INVALID',
      message: `wake.onSchedule everyMs: was ${everyMs}, expected a whole number of ms above 0`,
    });
  });

  test('an offset that is no whole number of ms is refused', () => {
    const offsetMs = '500' as unknown as number;
    const error = refusalOf(() => callsOf(({ wake }) => wake.onSchedule({ everyMs: minuteMs, offsetMs }), [tapeOf(rising(3))], dense));
    expect(error.message).toBe('wake.onSchedule offsetMs: was the string "500", expected a whole number of ms');
  });

  test('fills and order events come between wakes', () => {
    const seen: string[] = [];
    run(
      ({ bars, wake }) => {
        void bars.close;
        wake.onSchedule({ everyMs: 10 * minuteMs });
        return {
          onBar: ({ order, timeMs }) => {
            seen.push(`bar ${timeMs / minuteMs}`);
            order.limit({ side: 1, sizeBase: 1, limitPrice: 100 - timeMs / minuteMs });
          },
          onFill: (fill) => void seen.push(`fill ${fill.timeMs / minuteMs}`),
          onOrder: (order) => void seen.push(order.status),
        };
      },
      [
        tapeOf([
          [100, 100, 100, 100],
          [100, 100, 100, 100],
          [100, 100, 90, 95],
          [95, 95, 95, 95],
        ]),
      ],
      { settings: settingsOf(dense) },
    );
    expect(seen).toEqual(['bar 1', 'open', 'filled', 'fill 3']);
  });
});

describe('a strategy', () => {
  test('that throws is told with time and row, and the cause is kept', () => {
    const error = refusalOf(
      () =>
        void playScript({
          rows: rising(5),
          at: {
            2: () => {
              throw new TypeError('no such thing');
            },
          },
        }),
    );
    expect(error).toMatchObject({
      code: 'STRATEGY_THREW',
      message: 'at 1970-01-01T00:03:00.000Z (row 2): TypeError: no such thing',
      fields: { row: 2, timeMs: 3 * minuteMs },
    });
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  test.each(['full', 'metrics'] as const)('that sends an order in setup is refused (%s)', (recording) => {
    const error = refusalOf(() =>
      run(
        ({ bars }) => {
          bars.order.market({ side: 1, sizeBase: 1 });
          return {};
        },
        [tapeOf(rising(3))],
        { recording },
      ),
    );
    expect(error).toMatchObject({
      code: 'STRATEGY_INVALID',
      message: 'setup sent an order; orders are sent from onBar, onFill or onOrder',
    });
  });

  test('without handlers plays the tape and trades nothing', () => {
    const result = run(() => undefined as unknown as StrategyHandlers, [tapeOf(rising(3))]);
    expect(result.fills).toEqual([]);
    expect([...result.equity.equityQuote]).toEqual([10_000, 10_000, 10_000]);
  });

  test('gets the same random numbers in every run of one seed, and others of another', () => {
    const numbers = (seed: number) => {
      let drawn: number[] = [];
      run(
        ({ random }) => {
          drawn = [random(), random()];
          return {};
        },
        [tapeOf(rising(3))],
        { settings: settingsOf({ seed }) },
      );
      return drawn;
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
  });
});
