import { describe, expect, test } from 'vitest';
import { playScript, type Turn } from '../../testing/play-script.ts';
import { type BarRow, tapeOf } from '../../testing/tapes.ts';

const before: BarRow = [100, 100, 100, 100];

/** Orders sent at a close at 100, and how many of these bars are counted as ambiguous. */
function ambiguous(
  send: (turn: Turn) => void,
  bars: readonly BarRow[],
  options: { ambiguity?: 'optimistic'; limitFill?: 'touch' } = {},
): number {
  const { ambiguousBarCount } = playScript({
    rows: [before, ...bars],
    at: { 0: send },
    settings: {
      account: { kind: 'frictionless', leverage: 100 },
      ambiguity: options.ambiguity ?? 'pessimistic',
      semantics: { limitFill: options.limitFill ?? 'penetrate' },
    },
  });
  return ambiguousBarCount;
}

const buyLimit =
  (limitPrice: number) =>
  ({ order }: Turn) =>
    void order.limit({ side: 1, sizeBase: 1, limitPrice });
const sellLimit =
  (limitPrice: number) =>
  ({ order }: Turn) =>
    void order.limit({ side: -1, sizeBase: 1, limitPrice });
const buyStop =
  (stopPrice: number) =>
  ({ order }: Turn) =>
    void order.stop({ side: 1, sizeBase: 1, stopPrice });
const sellStop =
  (stopPrice: number) =>
  ({ order }: Turn) =>
    void order.stop({ side: -1, sizeBase: 1, stopPrice });
const entry =
  (stopLoss: number, takeProfit: number) =>
  ({ order }: Turn) =>
    void order.market({ side: 1, sizeBase: 1, stopLoss, takeProfit });
const both =
  (...sends: ((turn: Turn) => void)[]) =>
  (turn: Turn) => {
    for (const send of sends) send(turn);
  };

describe('a bar counts as ambiguous where two orders could have filled in either sequence', () => {
  test.each<[string, (turn: Turn) => void, BarRow[]]>([
    ['a stop below its open and a target above it', entry(98, 102), [[100, 103, 97, 100]]],
    ['a stop and a target, made at an earlier open', entry(98, 102), [before, [100, 103, 97, 100]]],
    ['two entries, one on each side', both(buyLimit(98), sellLimit(102)), [[100, 103, 97, 100]]],
    ['two stops, one on each side', both(buyStop(102), sellStop(98)), [[100, 102, 98, 100]]],
    [
      'a limit at the open itself, which a price beyond it fills, and a stop on the other side',
      both(buyLimit(100), buyStop(102)),
      [[100, 103, 99, 100]],
    ],
  ])('%s', (_, send, bars) => {
    expect(ambiguous(send, bars)).toBe(1);
    expect(ambiguous(send, bars, { ambiguity: 'optimistic' })).toBe(1);
  });

  test.each<[string, (turn: Turn) => void, BarRow[]]>([
    ['one order', buyLimit(98), [[100, 103, 97, 100]]],
    ['only one of two inside the range', both(buyLimit(98), sellLimit(102)), [[100, 103, 99, 100]]],
    ['two on the same side: the nearer comes first', both(buyLimit(98), sellStop(97)), [[100, 101, 96, 100]]],
    ['a touched limit that needs penetration', both(buyLimit(98), sellLimit(102)), [[100, 103, 98, 100]]],
    ['one passed by the open: it comes first', both(buyLimit(98), buyStop(99)), [[100, 101, 97, 100]]],
    ['a stop passed by the open of its entry, and its target above', entry(105, 102), [[100, 103, 97, 100]]],
    ['a stop passed by the open of its entry, and a limit below', both(entry(105, 120), buyLimit(98)), [[100, 101, 97, 100]]],
    [
      'orders that no bar reaches',
      both(buyLimit(50), sellLimit(150)),
      [
        [100, 103, 97, 100],
        [100, 103, 97, 100],
      ],
    ],
  ])('not: %s', (_, send, bars) => {
    expect(ambiguous(send, bars)).toBe(0);
  });

  test('a touch is enough where limits fill on a touch', () => {
    expect(ambiguous(both(buyLimit(98), sellLimit(102)), [[100, 102, 98, 100]], { limitFill: 'touch' })).toBe(1);
  });

  test('every ambiguous bar is counted, and one bar once, whatever happens on it', () => {
    const again = both(buyLimit(98), sellLimit(102), buyLimit(95), sellLimit(105));
    expect(ambiguous(again, [[100, 103, 97, 100], before, [100, 106, 94, 100]])).toBe(2);
    // Both sides of the open, and then an entry inside whose stop may have been touched before or after it.
    const nested = both(sellLimit(103), ({ order }) => void order.limit({ side: 1, sizeBase: 1, limitPrice: 98, takeProfit: 101 }));
    expect(ambiguous(nested, [[100, 104, 97, 99]])).toBe(1);
    // Two entries inside, each with a stop that is not certain.
    const doubtful = ({ order }: Turn) => void order.stop({ side: 1, sizeBase: 1, stopPrice: 102, stopLoss: 99 });
    expect(ambiguous(both(doubtful, doubtful), [[100, 103, 98, 101]])).toBe(1);
  });

  test('bars of different instruments are counted each', () => {
    const tapes = ['A', 'B'].map((symbol) => tapeOf([before, [100, 103, 97, 100], [100, 100, 100, 100]], { symbol }));
    const { ambiguousBarCount } = playScript({
      tapes,
      settings: { account: { kind: 'frictionless', leverage: 100 } },
      at: { 0: ({ series }) => series.forEach(({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: 98, takeProfit: 102 })) },
    });
    expect(ambiguousBarCount).toBe(2);
  });
});

test('pessimistic fills stops, then entries, then targets; optimistic the other way about', () => {
  const played = (ambiguity: 'pessimistic' | 'optimistic') =>
    playScript({
      rows: [before, before, [100, 103, 97, 100]],
      settings: { account: { kind: 'frictionless', leverage: 100 }, ambiguity },
      at: {
        0: entry(98, 102),
        1: both(
          ({ order }) => void order.limit({ side: 1, sizeBase: 2, limitPrice: 99 }),
          ({ order }) => void order.limit({ side: -1, sizeBase: 3, limitPrice: 101, reduceOnly: true }),
        ),
      },
    })
      .fills.slice(1)
      .map((fill) => `${fill.role} ${fill.priceQuote}`);
  expect(played('pessimistic')).toEqual(['stopLoss 98', 'own 99', 'own 101']);
  expect(played('optimistic')).toEqual(['takeProfit 102', 'own 99']);
});

describe("a strategy's own exits are stops and targets by what they do to the position held, whatever the sequence", () => {
  const stop = ({ order }: Turn) => void order.stop({ side: -1, sizeBase: 1, stopPrice: 95 });
  const stopLimit = ({ order }: Turn) => void order.stopLimit({ side: -1, sizeBase: 1, stopPrice: 95, limitPrice: 94 });
  const limit = ({ order }: Turn) => void order.limit({ side: -1, sizeBase: 1, limitPrice: 105 });
  const exits = (kind: 'spot' | 'frictionless', ambiguity: 'pessimistic' | 'optimistic', ...sends: ((turn: Turn) => void)[]) =>
    playScript({
      rows: [before, before, [100, 110, 90, 100]],
      settings: { account: { kind, leverage: 1 }, ambiguity },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 1 }), 1: both(...sends) },
    })
      .fills.slice(1)
      .map((fill) => fill.priceQuote);

  test('long on a spot account: the stop where pessimistic, the limit where optimistic', () => {
    for (const falling of [stop, stopLimit]) {
      expect(exits('spot', 'pessimistic', limit, falling)).toEqual([95]);
      expect(exits('spot', 'pessimistic', falling, limit)).toEqual([95]);
      expect(exits('spot', 'optimistic', limit, falling)).toEqual([105]);
      expect(exits('spot', 'optimistic', falling, limit)).toEqual([105]);
    }
  });

  test('where both may fill, an exit that turns into an entry keeps the stage it had as the bar began', () => {
    expect(exits('frictionless', 'pessimistic', limit, stop)).toEqual([95, 105]);
    const buy = ({ order }: Turn) => void order.limit({ side: 1, sizeBase: 1, limitPrice: 98 });
    expect(exits('frictionless', 'pessimistic', limit, buy, stop)).toEqual([95, 98, 105]);
    expect(exits('frictionless', 'optimistic', stop, buy, limit)).toEqual([105, 98, 95]);
  });

  test('short: a buy stop is the stop and a buy limit the target', () => {
    const prices = (...sends: ((turn: Turn) => void)[]) =>
      playScript({
        rows: [before, before, [100, 110, 90, 100]],
        settings: { account: { kind: 'frictionless', leverage: 1 } },
        at: { 0: ({ order }) => void order.market({ side: -1, sizeBase: 1 }), 1: both(...sends) },
      })
        .fills.slice(1)
        .map((fill) => fill.priceQuote);
    expect(prices(buyLimit(98), buyStop(102))).toEqual([102, 98]);
    expect(prices(buyStop(102), buyLimit(98))).toEqual([102, 98]);
  });

  test('flat: both are entries, in sequence', () => {
    const prices = (...sends: ((turn: Turn) => void)[]) =>
      playScript({
        rows: [before, [100, 110, 90, 100]],
        settings: { account: { kind: 'frictionless', leverage: 1 } },
        at: { 0: both(...sends) },
      }).fills.map((fill) => fill.priceQuote);
    expect(prices(sellLimit(102), sellStop(98))).toEqual([102, 98]);
    expect(prices(sellStop(98), sellLimit(102))).toEqual([98, 102]);
    // Flat as the bar began: the entry that fills first does not make a stop of the other.
    expect(prices(buyLimit(98), sellStop(95))).toEqual([98, 95]);
  });

  test('a stop-limit that is triggered in one stage is no limit in a later one of the same bar', () => {
    const late = ({ order }: Turn) => void order.stopLimit({ side: -1, sizeBase: 1, stopPrice: 95, limitPrice: 99 });
    expect(exits('spot', 'pessimistic', late)).toEqual([]);
  });
});
