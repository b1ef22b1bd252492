import { describe, expect, test } from 'vitest';
import { StrategyError } from './errors.ts';
import type { Order } from './model/order.ts';
import { play } from './play.ts';
import { defineStrategy, type SetupContext, type StrategyHandlers } from './strategy.ts';
import { settingsOf, testHashes } from './testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from './testing/tapes.ts';

type Setup = (context: SetupContext<Record<never, never>>) => StrategyHandlers;

const rows: readonly BarRow[] = Array.from({ length: 200 }, (_, i) => [100 + i, 101 + i, 99 + i, 100 + i]);

function run(setup: () => Setup, bars = rows) {
  return play({
    tapes: [tapeOf(bars)],
    instruments: [instrumentOf()],
    settings: settingsOf(),
    strategy: () => defineStrategy({ name: 'faulty', parameters: {}, setup: setup() }),
    parameters: {},
    hashes: testHashes,
    recording: 'full',
  });
}

function fault(setup: () => Setup, bars = rows): StrategyError {
  try {
    run(setup, bars);
  } catch (error) {
    if (error instanceof StrategyError) return error;
    throw error;
  }
  throw new Error('the strategy played without a fault');
}

describe('what a strategy is given', () => {
  test('an order told to onOrder is a frozen copy: changing it throws and moves nothing', () => {
    const error = fault(() => () => ({
      onBar: ({ order, timeMs }) => void (timeMs === 60_000 && order.limit({ side: 1, sizeBase: 1, limitPrice: 1 })),
      onOrder: (order) => {
        (order as Order & { limitPrice: number }).limitPrice = 1e9;
      },
    }));
    expect(error.code).toBe('STRATEGY_THREW');
    expect(error.message).toContain('read only property');
  });

  test('each order event tells the state of its moment, also where a later one has passed', () => {
    const seen: string[] = [];
    const crash: readonly BarRow[] = [
      [100, 100, 100, 100],
      [100, 101, 50, 60],
      [60, 60, 60, 60],
    ];
    run(
      () => () => ({
        onBar: ({ order, timeMs }) => void (timeMs === 60_000 && order.market({ side: 1, sizeBase: 1, stopLoss: 90 })),
        onOrder: (order) => void seen.push(`${order.role} ${order.status}`),
      }),
      crash,
    );
    expect(seen).toEqual(['own open', 'own filled', 'stopLoss open', 'stopLoss filled']);
  });

  test('instrument and bars are frozen: a kernel cannot leave the future on them', () => {
    const noting: Setup = ({ bars, indicators }) => {
      indicators.batch('note', bars.close, (source) => {
        (bars.instrument as unknown as Record<string, unknown>).future = Array.from(source);
      });
      return {};
    };
    expect(() => run(() => noting)).toThrow(/not extensible/);
    expect(() =>
      run(() => ({ bars }) => ({ onBar: () => void Object.assign(bars.instrument, { multiplier: 3 }) })),
    ).toThrow(/read only/);
  });
});

describe('a custom indicator over whole columns', () => {
  test('that divides by the highest price of the whole tape is refused, also where that price comes early', () => {
    const peakAt20: readonly BarRow[] = rows.map((_, i) => (i === 40 ? [300, 300, 300, 300] : [100, 100, 100, 100]));
    const error = fault(
      () =>
        ({ bars, indicators }) => {
          indicators.batch('share', bars.close, (source, target) => {
            const highest = source.reduce((best, value) => Math.max(best, value), 0);
            for (let i = 0; i < source.length; i++) target[i] = source[i] / highest;
          });
          return {};
        },
      peakAt20,
    );
    expect(error.code).toBe('LOOKAHEAD');
    expect(error.fields.bar).toBe(0);
  });
});

describe('declarations', () => {
  test('a misspelt handler is refused with the one meant', () => {
    expect(fault(() => () => ({ onbar() {} }) as StrategyHandlers).message).toContain('a handler "onbar"; did you mean "onBar"?');
  });

  test('a handler that is no function is refused', () => {
    expect(fault(() => () => ({ onBar: 3 }) as unknown as StrategyHandlers).message).toContain('handler onBar was number');
  });

  test('indicators and wake conditions are refused in handlers, prices are not', () => {
    expect(
      fault(() => ({ bars, indicators }) => ({ onBar: () => void indicators.sma(bars.close, 3) })).message,
    ).toContain('indicators.sma was called from a handler');
    expect(
      fault(() => ({ wake }) => ({ onBar: () => wake.onSchedule({ everyMs: 60_000 }) })).message,
    ).toContain('wake.onSchedule');
    expect(
      run(() => ({ bars }) => ({ onBar: () => void bars.volume.at(0) })).warnings,
    ).toEqual([]);
  });

  test('a strategy that only listens to fills is not told that warm-up failed', () => {
    expect(run(() => () => ({ onFill() {} })).warnings).toEqual([]);
  });
});
