import { describe, expect, test } from 'vitest';
import { playScript, type Script, type ScriptInput } from '../../testing/play-script.ts';
import { type BarRow, tapeOf } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const bars: BarRow[] = [
  [100, 101, 99, 100],
  [101, 104, 101, 103],
  [104, 105, 102, 104],
];
const buy = { side: 1, sizeBase: 1 } as const;

function play(at: Script['at'], options: Partial<ScriptInput> = {}) {
  const { settings, ...rest } = options;
  return playScript({
    rows: bars,
    ...rest,
    settings: { ...settings, semantics: { marketFill: 'close', ...settings?.semantics } },
    ...(at && { at }),
  });
}

describe('market orders that fill at the close that decided (2.8)', () => {
  test('fill there, stamped with it, and the equity row tells cash and position behind them', () => {
    const result = play(
      { 0: ({ order }) => void order.market(buy), 1: ({ order }) => void order.close() },
      { instrument: { feeRateTaker: 0.01 } },
    );
    expect(result.fills.map((fill) => [fill.timeMs / minuteMs, fill.openTimeMs / minuteMs, fill.priceQuote])).toEqual([
      [1, 0, 100],
      [2, 1, 103],
    ]);
    expect([...result.equity.equityQuote]).toEqual([9_999, 10_000 + 3 - 1 - 1.03, 10_000 + 3 - 1 - 1.03]);
    expect(result.metrics.exposureFraction).toBeCloseTo(1 / 3);
  });

  test('every output says so', () => {
    expect(play({ 0: ({ order }) => void order.market(buy) }).warnings[0]).toBe(
      'optimistic: market orders filled at the close that decided (fills.market: close)',
    );
  });

  test('what one attaches takes part from the next open on', () => {
    const result = play({ 0: ({ order }) => void order.market({ ...buy, stopLoss: 99.5, takeProfit: 103.5 }) });
    expect(result.fills.map((fill) => [fill.role, fill.timeMs / minuteMs, fill.priceQuote])).toEqual([
      ['own', 1, 100],
      ['takeProfit', 2, 103.5],
    ]);
  });

  test('slippage hurts, and limits wait as ever', () => {
    const result = play(
      {
        0({ order }) {
          order.market(buy);
          order.limit({ ...buy, limitPrice: 101 });
        },
      },
      { settings: { costs: { slippageFraction: 0.01 } } },
    );
    expect(result.fills.map((fill) => fill.priceQuote)).toEqual([101]);
  });

  test('one sent from onFill there waits for the next open: nothing fills in the call that sent it', () => {
    const result = play(
      { 0: ({ order }) => void order.market(buy) },
      { onFill: ({ orderId }, { order }) => void (orderId === 0 && order.market(buy)) },
    );
    expect(result.fills.map((fill) => [fill.timeMs / minuteMs, fill.priceQuote])).toEqual([
      [1, 100],
      [1, 101],
    ]);
    expect(result.fills[1].openTimeMs).toBe(minuteMs);
  });

  test('an instrument whose bar does not close then waits for its next open', () => {
    const slow = tapeOf(
      [
        [50, 50, 50, 50],
        [60, 60, 60, 60],
      ],
      { symbol: 'SLOW', timeframe: '3m' },
    );
    const quick = tapeOf(
      Array.from({ length: 7 }, (): BarRow => [100, 100, 100, 100]),
      { symbol: 'QUICK' },
    );
    const result = play({ 3: ({ series }) => void series[1].order.market(buy) }, { tapes: [quick, slow] });
    expect(result.fills).toHaveLength(0);
    const later = play({ 2: ({ series }) => void series[1].order.market(buy) }, { tapes: [quick, slow] });
    expect(later.fills.map((fill) => [fill.timeMs / minuteMs, fill.priceQuote])).toEqual([[3, 50]]);
  });
});
