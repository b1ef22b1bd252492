import { describe, expect, test } from 'vitest';
import { play as playInput } from '../../play.ts';
import type { RunResult } from '../../result.ts';
import { defineStrategy, type StrategyDefinition } from '../../strategy.ts';
import { playScript, type Script, type ScriptInput, scriptInput } from '../../testing/play-script.ts';
import { type BarRow, tapeOf } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const flat: BarRow = [100, 100, 100, 100];
const buy = { side: 1, sizeBase: 1 } as const;
const sell = { side: -1, sizeBase: 1 } as const;
type Policy = NonNullable<NonNullable<ScriptInput['settings']>['ambiguity']>;

function play(bars: readonly BarRow[], at: Script['at'], ambiguity: Policy = 'pessimistic'): RunResult {
  return playScript({ rows: bars, settings: { account: { kind: 'frictionless', leverage: 10 }, ambiguity }, ...(at && { at }) });
}
const told = ({ fills }: RunResult) => fills.map((fill) => `${fill.priceQuote}@${fill.timeMs / minuteMs}`).join(' ');

describe('a trailing stop of its own (6.1, 6.3)', () => {
  const trail = (wish: object): Script['at'] => ({
    0: ({ order }) => void order.trailingStop({ ...sell, trail: wish as { distance: number } }),
  });

  test('starts at the price last known, less its distance', () => {
    expect(told(play([flat, [100, 100, 98, 98]], trail({ distance: 2 })))).toBe('98@2');
    expect(told(play([flat, [100, 100, 98.01, 99]], trail({ distance: 2 })))).toBe('');
  });

  test('follows the high of the bars before, and never moves back', () => {
    const bars: BarRow[] = [flat, [100, 105, 104, 105], [105, 105, 104, 104], [104, 104, 102.5, 103]];
    expect(told(play(bars, trail({ distance: 2 })))).toBe('103@4');
  });

  test('a fraction is of the best price; the level lies on the tick, away from the price', () => {
    const { orders } = play([flat, [100, 101.77, 101, 101.5], [101.5, 101.5, 101.5, 101.5]], trail({ fraction: 0.03 }));
    // 101.77 × 0.97 = 98.7169
    expect(orders[0].stopPrice).toBe(98.71);
    const short: Script['at'] = { 0: ({ order }) => void order.trailingStop({ ...buy, trail: { fraction: 0.03 } }) };
    // 98.33 × 1.03 = 101.2799
    expect(play([flat, [100, 100, 98.33, 99], [99, 99, 99, 99]], short).orders[0].stopPrice).toBe(101.28);
  });

  test('a purchase follows the low', () => {
    const at: Script['at'] = { 0: ({ order }) => void order.trailingStop({ ...buy, trail: { distance: 2 } }) };
    expect(told(play([flat, [100, 101, 96, 96.5], [96.5, 98, 96.5, 98]], at))).toBe('98@2');
    expect(told(play([flat, [100, 100, 96, 96.5], [96.5, 98, 96.5, 98]], at))).toBe('98@2');
    expect(told(play([flat, [100, 100, 98.5, 99], [99, 101, 99, 101]], at))).toBe('100.5@3');
  });

  test('a level that an open has passed fills at the open (6.5)', () => {
    expect(told(play([flat, [95, 96, 94, 95]], trail({ distance: 2 })))).toBe('95@1');
  });

  test('an open raises the level before the inside is looked at', () => {
    // From 106 on the level is 104: 103.5 reaches it, whatever came first.
    const result = play([flat, [106, 106, 103.5, 105]], trail({ distance: 2 }));
    expect(told(result)).toBe('104@2');
    expect(result.ambiguousBarCount).toBe(0);
  });
});

describe('inside the bar (6.4)', () => {
  const trail: Script['at'] = { 0: ({ order }) => void order.trailingStop({ ...sell, trail: { distance: 2 } }) };
  test.each<[string, BarRow, string, string, number]>([
    ['the level of before is reached', [100, 104, 98, 103], '98@2', '98@2', 0],
    ['the bar comes back to the level its high makes, and closes above', [100, 104, 99, 103], '102@2', '', 1],
    ['it closes there or below', [100, 104, 99, 101], '102@2', '102@2', 0],
    ['it closes at its high', [100, 104, 100, 104], '102@2', '', 1],
    ['nothing is reached', [100, 101, 99.5, 100], '', '', 0],
  ])('%s', (_, bar, pessimistic, optimistic, ambiguous) => {
    const bars = [flat, bar];
    expect(told(play(bars, trail))).toBe(pessimistic);
    expect(told(play(bars, trail, 'optimistic'))).toBe(optimistic);
    expect(play(bars, trail).ambiguousBarCount).toBe(ambiguous);
    expect(play(bars, trail, 'optimistic').ambiguousBarCount).toBe(ambiguous);
  });

  test('where a target lies above too, either could have come first', () => {
    const both: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, trail: { distance: 2 }, takeProfit: 103 }) };
    const result = play([flat, [100, 104, 101, 101.5]], both);
    expect(result.fills[1]).toMatchObject({ role: 'trail', priceQuote: 102 });
    expect(result.ambiguousBarCount).toBe(1);
    expect(play([flat, [100, 104, 101, 101.5]], both, 'optimistic').fills[1]).toMatchObject({ role: 'takeProfit', priceQuote: 103 });
  });

  test('no trailing stop fills at a price that its bar did not have', () => {
    let seed = 12345;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    let fillCount = 0;
    for (let round = 0; round < 200; round++) {
      let last = 100;
      const bars = Array.from({ length: 20 }, (): BarRow => {
        const open = last + Math.round((random() - 0.5) * 4);
        last = open + Math.round((random() - 0.5) * 8);
        return [open, Math.max(open, last) + Math.round(random() * 3), Math.min(open, last) - Math.round(random() * 3), last];
      });
      const entry = random() < 0.5 ? { limitPrice: 99 } : { stopPrice: 101 };
      const at: Script['at'] = {
        0({ order }) {
          const wish = { ...buy, trail: { distance: 1 + Math.round(random() * 4) } };
          if ('limitPrice' in entry) order.limit({ ...wish, limitPrice: 99 });
          else order.stop({ ...wish, stopPrice: 101 });
          order.trailingStop({ ...sell, trail: { fraction: 0.01 + random() / 50 } });
        },
      };
      for (const policy of ['pessimistic', 'optimistic', 'path'] as const) {
        for (const fill of play(bars, at, policy).fills) {
          fillCount++;
          const [, high, low] = bars[fill.openTimeMs / minuteMs];
          expect(fill.priceQuote).toBeLessThanOrEqual(high);
          expect(fill.priceQuote).toBeGreaterThanOrEqual(low);
        }
      }
    }
    expect(fillCount).toBeGreaterThan(1000);
  });
});

describe('attached to an entry (6.2, 6.3, 6.4)', () => {
  test('starts at the price of the entry, and is live for the bar of an entry at the open', () => {
    const at: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, trail: { distance: 3 } }) };
    expect(told(play([flat, [102, 103, 98.9, 99]], at))).toBe('102@1 99@2');
  });

  test('after an entry inside the bar that bar does not raise it', () => {
    const at: Script['at'] = { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 99, trail: { distance: 2 } }) };
    const bars: BarRow[] = [flat, [100, 104, 98, 103], [103, 103, 101.5, 102]];
    expect(told(play(bars, at))).toBe('99@2');
    expect(play(bars, at).orders[1].stopPrice).toBe(101);
    // Optimistic: the high of 104 came after the entry, and the next bar reaches 102.
    expect(told(play(bars, at, 'optimistic'))).toBe('99@2 102@3');
  });

  test('after an entry inside the bar a level reached on it fills, pessimistic', () => {
    const at: Script['at'] = { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 99, trail: { distance: 2 } }) };
    expect(told(play([flat, [100, 100, 96, 98]], at))).toBe('99@2 97@2');
  });

  test('before its activation it is no order; the open, and the extreme of the bar, activate it', () => {
    const at: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, trail: { distance: 1, activation: 105 } }) };
    expect(told(play([flat, [100, 104.9, 90, 104]], at))).toBe('100@1');
    expect(told(play([flat, [100, 105, 100, 104.5], [104.5, 104.5, 103, 104]], at))).toBe('100@1 104@2');
    expect(told(play([flat, flat, [106, 106, 105.5, 106], [106, 106, 104, 105]], at))).toBe('100@1 105@4');
  });

  test('of several stages the last one activated counts', () => {
    const at: Script['at'] = {
      0: ({ order }) => void order.market({ ...buy, trail: [{ distance: 5 }, { distance: 1, activation: { fraction: 0.05 } }] }),
    };
    const bars: BarRow[] = [flat, [100, 104, 100, 104], [104, 106, 105.5, 106], [106, 106, 104, 105]];
    expect(told(play(bars, at))).toBe('100@1 105@4');
    expect(told(play([flat, [100, 104, 100, 104], [104, 104, 98, 99]], at))).toBe('100@1 99@3');
  });

  test('beside a stop the nearer comes first, and either ends the other', () => {
    const at: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, stopLoss: 97, trail: { distance: 5, activation: 104 } }) };
    const stopped = play([flat, [100, 100, 96, 97]], at);
    expect(stopped.orders.map(({ role, status, reason }) => [role, status, reason])).toEqual([
      ['own', 'filled', ''],
      ['stopLoss', 'filled', ''],
      ['trail', 'cancelled', 'the stop filled'],
    ]);
    const trailed = play([flat, [100, 106, 103, 105], [105, 105, 100, 101]], at);
    expect(trailed.fills.at(-1)).toMatchObject({ role: 'trail', priceQuote: 101 });
    expect(trailed.orders[1].reason).toBe('the trailing stop filled');
  });

  test('a trail without a distance, or with two, is a fault of the strategy', () => {
    const send = (wish: object) => () =>
      play([flat, flat], { 0: ({ order }) => void order.market({ ...buy, trail: wish as { distance: number } }) });
    expect(send({})).toThrow(/order trail: was nothing, expected one of distance, fraction, multiple/);
    expect(send({ distance: 1, fraction: 0.1 })).toThrow(/was distance and fraction/);
    expect(send({ fraction: 1 })).toThrow(/order trail fraction: was 1, expected a number between 0 and 1/);
    expect(send({ multiple: 3 })).toThrow(/order trail of: was nothing, expected the column of the multiple/);
  });
});

describe('so many times a column (6.1)', () => {
  /** Sends one trailing stop at the close of the second bar, three ranges behind; the range is a column of its own. */
  const strategy = (): StrategyDefinition =>
    defineStrategy({
      name: 'atr trail',
      parameters: {},
      setup({ bars, indicators }) {
        const range = indicators.batch('range', bars.volume, (source, target) => target.set(source));
        let call = 0;
        return {
          onBar({ order }) {
            if (call++ === 0) order.trailingStop({ side: -1, sizeBase: 1, trail: { multiple: 2, of: range } });
          },
        };
      },
    }) as unknown as StrategyDefinition;
  const run = (bars: readonly BarRow[], settings: ScriptInput['settings'] = {}) =>
    playInput({
      ...scriptInput({ tapes: [tapeOf(bars)], settings: { account: { kind: 'frictionless', leverage: 10 }, ...settings } }),
      strategy,
    });

  test('the value is that of the bar that closed last, never of the one under way', () => {
    // Volume stands for the range: 3 at the close, so the level is 94; the bar that reaches 94 has a range of 50 itself.
    expect(
      told(
        run([
          [100, 100, 100, 100, 3],
          [100, 100, 94, 95, 50],
        ]),
      ),
    ).toBe('94@2');
  });

  test('a range that shrinks raises the level at the next open, one that grows leaves it', () => {
    expect(
      told(
        run([
          [100, 100, 100, 100, 3],
          [100, 100, 100, 100, 1],
          [100, 100, 97, 98, 1],
        ]),
      ),
    ).toBe('98@3');
    expect(
      told(
        run([
          [100, 100, 100, 100, 1],
          [100, 100, 100, 100, 9],
          [100, 100, 97, 98, 1],
        ]),
      ),
    ).toBe('98@3');
  });

  test('sent late, it starts with the value known when it arrives (9.1)', () => {
    // There half a minute into the bar with a range of 50: the level is 94, and never moves back.
    const bars: BarRow[] = [
      [100, 100, 100, 100, 3],
      [100, 100, 100, 100, 50],
      [100, 100, 94, 95, 50],
    ];
    expect(told(run(bars, { latency: { order: { kind: 'fixed', ms: 30_000 } } }))).toBe('94@3');
  });

  test('the record names the column, and a strategy is not given it', () => {
    const [order] = run([
      [100, 100, 100, 100, 3],
      [100, 100, 100, 100, 1],
    ]).orders;
    expect(JSON.parse(JSON.stringify(order.terms?.trail))).toEqual([
      { measure: 'multiple', amount: 2, column: expect.stringContaining('range') },
    ]);
  });
});
