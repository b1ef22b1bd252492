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
