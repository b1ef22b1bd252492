import { describe, expect, test } from 'vitest';
import { playScript, type Turn } from '../../testing/play-script.ts';
import { type BarRow, tapeOf } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const before: BarRow = [100, 100, 100, 100];

interface Options {
  readonly limitFill?: 'touch';
  readonly slippage?: number;
  readonly startMs?: number;
  readonly always?: (turn: Turn) => void;
}

/** Sends at the close of a bar at 100; each fill as "price@minute", a maker's with an m. */
function play(send: (turn: Turn) => void, bars: readonly BarRow[], options: Options = {}) {
  const { startMs = 0 } = options;
  const result = playScript({
    tapes: [tapeOf([before, ...bars], { startMs })],
    instrument: { feeRateMaker: 0.001, feeRateTaker: 0.002 },
    settings: {
      account: { kind: 'frictionless', leverage: 100 },
      costs: { slippageFraction: options.slippage ?? 0 },
      semantics: { limitFill: options.limitFill ?? 'penetrate' },
    },
    at: { 0: send },
    ...(options.always === undefined ? {} : { always: options.always }),
  });
  const fills = result.fills
    .map((fill) => {
      const isMaker = Math.abs(fill.feeQuote / fill.notionalQuote - 0.001) < 1e-6;
      return `${fill.priceQuote}@${(fill.timeMs - startMs) / minuteMs}${isMaker ? 'm' : ''}`;
    })
    .join(' ');
  return { fills, orders: result.orders };
}

const buy = { side: 1, sizeBase: 1 } as const;
const sell = { side: -1, sizeBase: 1 } as const;

describe('market if touched (2)', () => {
  const buyAt98 = ({ order }: Turn) => void order.marketIfTouched({ ...buy, touchPrice: 98 });
  const sellAt102 = ({ order }: Turn) => void order.marketIfTouched({ ...sell, touchPrice: 102 });
  test.each<[string, (turn: Turn) => void, BarRow[], string]>([
    ['a buy waits above its price', buyAt98, [[100, 105, 98.01, 100]], ''],
    ['a buy fills at its price where it is touched, without penetration', buyAt98, [[100, 101, 98, 100]], '98@2'],
    ['a buy fills at an open at its price or below', buyAt98, [[97, 99, 96, 98]], '97@1'],
    ['an open at the price itself is enough', buyAt98, [[98, 99, 97, 98]], '98@1'],
    ['a sale waits below its price', sellAt102, [[100, 101.99, 90, 100]], ''],
    ['a sale fills at its price where it is touched', sellAt102, [[100, 102, 99, 100]], '102@2'],
    ['a sale fills at an open above', sellAt102, [[103, 104, 102, 103]], '103@1'],
  ])('%s', (_, send, bars, fills) => {
    expect(play(send, bars).fills).toBe(fills);
  });

  test('it is taker and slipped against itself', () => {
    expect(play(buyAt98, [[100, 101, 98, 100]], { slippage: 0.01 }).fills).toBe('98.98@2');
    expect(play(sellAt102, [[100, 102, 99, 100]], { slippage: 0.01 }).fills).toBe('100.98@2');
  });
});

describe('limit if touched (2, 2.2)', () => {
  const buyAt = (touchPrice: number, limitPrice: number) => (turn: Turn) =>
    void turn.order.limitIfTouched({ ...buy, touchPrice, limitPrice });
  test.each<[string, BarRow[], string]>([
    ['touched inside, it fills no further on that bar', [[100, 101, 96, 99]], ''],
    [
      'from the next event on it is a limit order, maker at rest',
      [
        [100, 101, 98, 99],
        [99, 100, 96.9, 98],
      ],
      '97@3m',
    ],
    [
      'and an open through its limit fills it there',
      [
        [100, 101, 98, 99],
        [96, 100, 95, 98],
      ],
      '96@2',
    ],
    ['an open at the touch price triggers it, and the inside may fill it', [[98, 99, 96.99, 98]], '97@2m'],
    ['an open through the limit triggers and fills it at once', [[96.5, 97, 96, 97]], '96.5@1'],
  ])('a buy at 98, limit 97: %s', (_, bars, fills) => {
    expect(play(buyAt(98, 97), bars).fills).toBe(fills);
  });

  test('a limit above the touch price fills at the touching open without slippage', () => {
    expect(play(buyAt(98, 99), [[97.5, 98, 97, 98]], { slippage: 0.01 }).fills).toBe('97.5@1');
  });

  test('a triggered one says so before it fills', () => {
    const states: string[] = [];
    playScript({
      rows: [before, [100, 101, 98, 99], [99, 100, 96.9, 98]],
      settings: { account: { kind: 'frictionless' } },
      at: { 0: buyAt(98, 97) },
      onOrder: ({ status, isTriggered }) => void states.push(`${status} ${isTriggered}`),
    });
    expect(states).toEqual(['open false', 'triggered true', 'filled true']);
  });
});

describe('onOpen and onClose (1.5, 2)', () => {
  const quiet = (count: number): BarRow[] => Array.from({ length: count }, () => before);
  const lateMs = dayMs - 3 * minuteMs;

  test('onOpen fills at the first open of a later day than the day it was sent', () => {
    const bars: BarRow[] = [before, before, [105, 106, 104, 105], before];
    expect(play(({ order }) => void order.onOpen(buy), bars, { startMs: lateMs }).fills).toBe('105@3');
  });

  test('onOpen sent on the close at midnight fills at the open there: that day begins after it', () => {
    expect(play(({ order }) => void order.onOpen(buy), [[103, 103, 103, 103]], { startMs: dayMs - minuteMs }).fills).toBe('103@1');
  });

  test('onClose fills at the close of the last bar of the day, taker and slipped', () => {
    const bars: BarRow[] = [before, [100, 104, 99, 103], before];
    expect(play(({ order }) => void order.onClose(buy), bars, { startMs: lateMs }).fills).toBe('103@3');
    expect(play(({ order }) => void order.onClose(buy), bars, { startMs: lateMs, slippage: 0.01 }).fills).toBe('104.03@3');
  });

  test('onClose fills at the last bar before a night without bars, and not at one that is merely the last of the tape', () => {
    const openTimesMs = [0, minuteMs, dayMs + minuteMs];
    const result = playScript({
      tapes: [tapeOf([before, [100, 104, 99, 103], before], { openTimesMs })],
      at: { 0: ({ order }) => void order.onClose(buy) },
    });
    expect(result.fills.map((fill) => [fill.timeMs, fill.priceQuote])).toEqual([[2 * minuteMs, 103]]);
    expect(play(({ order }) => void order.onClose(buy), quiet(3)).fills).toBe('');
  });

  test('onClose comes after the targets of its bar in every policy', () => {
    const sold = (ambiguity: 'pessimistic' | 'optimistic' | 'path') =>
      playScript({
        tapes: [tapeOf([before, before, [100, 106, 99, 101], before], { startMs: dayMs - 3 * minuteMs })],
        settings: { ambiguity },
        at: {
          0({ order }) {
            order.market({ ...buy, takeProfit: 105 });
            order.onClose({ ...sell, reduceOnly: true, after: 0 });
          },
        },
      });
    for (const policy of ['pessimistic', 'optimistic', 'path'] as const) {
      const { fills, orders } = sold(policy);
      expect(fills.map((fill) => fill.priceQuote)).toEqual([100, 105]);
      expect(orders.map((order) => order.reason)).toContain('nothing left to reduce');
    }
  });
});

describe('post-only (2.4)', () => {
  const rest = ({ order }: Turn) => void order.limit({ ...buy, limitPrice: 99, postOnly: true });
  test('an open that would fill it at once rejects it, with the open', () => {
    const { fills, orders } = play(rest, [[98, 99, 97, 98]]);
    expect(fills).toBe('');
    expect(orders[0]).toMatchObject({ status: 'rejected', reason: 'would take at the open 98: post-only orders rest' });
  });

  test('once it has rested it is maker, also where a later open passes it', () => {
    const bars: BarRow[] = [
      [100, 101, 99.5, 100],
      [98, 99, 97, 98],
    ];
    expect(play(rest, bars).fills).toBe('98@2m');
  });

  test('an open at the limit itself would not fill it under penetrate, and would under touch', () => {
    expect(play(rest, [[99, 100, 98, 99]]).fills).toBe('99@2m');
    expect(play(rest, [[99, 100, 98, 99]], { limitFill: 'touch' }).orders[0].status).toBe('rejected');
  });

  test('sent when an open filled another, it is judged by that open', () => {
    const result = playScript({
      rows: [before, [100, 101, 97, 99]],
      settings: { account: { kind: 'frictionless', leverage: 10 } },
      at: { 0: ({ order }) => void order.market(buy) },
      onFill: (_, { order }) => void order.limit({ ...buy, limitPrice: 100.5, postOnly: true }),
    });
    expect(result.orders[1]).toMatchObject({ status: 'rejected', reason: 'would take at the open 100: post-only orders rest' });
  });
});
