import { describe, expect, test } from 'vitest';
import { brief, playScript, type ScriptInput } from '../../testing/play-script.ts';
import { type BarRow, tapeOf } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const before: BarRow = [100, 100, 100, 100];

function ended(
  endOfRun: 'keepOpen' | 'closeAtLastClose' | 'closeAtLastOpen',
  input: Omit<ScriptInput, 'rows'> & { rows?: readonly BarRow[] } = {},
) {
  return playScript({
    rows: [before, before, [105, 112, 104, 110]],
    at: {
      0: ({ order }) => void order.market({ side: 1, sizeBase: 2, stopLoss: 50 }),
      2: ({ order }) => void order.market({ side: 1, sizeBase: 1 }),
    },
    ...input,
    settings: { semantics: { endOfRun } },
  });
}

describe('at the end of a run (11.1)', () => {
  test('positions stay open, marked at the last close and outside trades; what rests expires', () => {
    const result = ended('keepOpen');
    expect(result.trades).toEqual([]);
    expect(result.openPositions).toEqual([
      { instrumentIndex: 0, sizeBase: 2, averagePriceQuote: 100, markPriceQuote: 110, unrealisedPnlQuote: 20 },
    ]);
    expect(result.equity.equityQuote.at(-1)).toBe(10_020);
    expect(result.orders.slice(1).map(({ role, status, reason, endedMs }) => [role, status, reason, endedMs])).toEqual([
      ['stopLoss', 'expired', 'the tape ended', 3 * minuteMs],
      ['own', 'expired', 'the tape ended', 3 * minuteMs],
    ]);
  });

  test('closeAtLastClose sells at the last close; the order sent at it expires, the stop is cancelled', () => {
    const result = ended('closeAtLastClose');
    expect(brief(result.fills).at(-1)).toEqual([3 * minuteMs, -1, 110, 2, 'endOfRun']);
    expect(result.openPositions).toEqual([]);
    expect(result.trades).toHaveLength(1);
    expect(result.equity.equityQuote.at(-1)).toBe(10_020);
    expect(result.orders.slice(1).map(({ role, status }) => [role, status])).toEqual([
      ['stopLoss', 'cancelled'],
      ['own', 'expired'],
      ['endOfRun', 'filled'],
    ]);
  });

  test('closeAtLastClose pays fee and slippage, and overwrites the last equity row', () => {
    const result = playScript({
      rows: [before, before, [105, 112, 104, 110]],
      instrument: { feeRateTaker: 0.01 },
      settings: { semantics: { endOfRun: 'closeAtLastClose' }, costs: { slippageFraction: 0.1 } },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 1 }) },
    });
    expect(result.fills.map((fill) => [fill.priceQuote, fill.feeQuote])).toEqual([
      [110, 1.1],
      [99, 0.99],
    ]);
    expect([...result.equity.equityQuote]).toEqual([10_000, 10_000 - 10 - 1.1, 10_000 - 11 - 2.09]);
  });

  test('closeAtLastOpen plays the last bar again: the close goes first, then what was sent on that bar', () => {
    const result = ended('closeAtLastOpen');
    expect(brief(result.fills).slice(1)).toEqual([
      [2 * minuteMs, -1, 105, 2, 'endOfRun'],
      [2 * minuteMs, 1, 105, 1],
    ]);
    expect(result.equity.equityQuote.at(-1)).toBe(10_000 + 10 + 5);
  });

  test('an instrument that ended early is closed at its last price, at the end of the run and not before the order was made', () => {
    const tapes = [tapeOf([before, before, before, before], { symbol: 'A' }), tapeOf([before, [100, 101, 99, 101]], { symbol: 'B' })];
    const { fills, orders } = playScript({
      tapes,
      settings: { semantics: { endOfRun: 'closeAtLastClose' } },
      at: { 0: ({ series }) => series.forEach(({ order }) => void order.market({ side: 1, sizeBase: 1 })) },
    });
    expect(brief(fills)).toEqual([
      [minuteMs, 1, 100, 1],
      [minuteMs, 1, 100, 1],
      [4 * minuteMs, -1, 100, 1, 'endOfRun'],
      [4 * minuteMs, -1, 101, 1, 'endOfRun'],
    ]);
    for (const fill of fills) expect(fill.timeMs).toBeGreaterThanOrEqual(orders[fill.orderId].submittedMs);
  });

  test('equity rows are the distinct closes, and a position without bars keeps its last close', () => {
    const tapes = [tapeOf([before, before, before, before], { symbol: 'A' }), tapeOf([before, [100, 107, 99, 107]], { symbol: 'B' })];
    const { equity } = playScript({ tapes, at: { 0: ({ series }) => void series[1].order.market({ side: 1, sizeBase: 1 }) } });
    expect([...equity.timeMs].map((timeMs) => timeMs / minuteMs)).toEqual([1, 2, 3, 4]);
    expect([...equity.equityQuote]).toEqual([10_000, 10_007, 10_007, 10_007]);
  });
});

test('11.2 equity of 0 or less at a close ends the run: positions are closed there, what rests expires, and equity is 0 from then on', () => {
  let calls = 0;
  const result = playScript({
    rows: [before, before, [100, 100, 40, 40], [40, 200, 40, 200], [200, 200, 200, 200]],
    settings: { initialCapitalQuote: 100, account: { kind: 'frictionless', leverage: 5 }, semantics: { ruin: 'closeAll' } },
    at: {
      0: ({ order }) => {
        order.market({ side: 1, sizeBase: 4 });
        order.limit({ side: 1, sizeBase: 1, limitPrice: 10 });
      },
    },
    always: () => calls++,
  });
  expect(brief(result.fills)).toEqual([
    [minuteMs, 1, 100, 4],
    [3 * minuteMs, -1, 40, 4, 'endOfRun'],
  ]);
  expect(result.orders.map(({ status, reason }) => [status, reason])).toContainEqual(['expired', 'the account was ruined']);
  expect(Array.from(result.equity.equityQuote)).toEqual([100, 100, 0, 0, 0]);
  expect(calls).toBe(2);
});
