/** Fees taken in base, and the rests that they and minimum notionals leave. RULES 8.2 and 10.2. */
import { describe, expect, test } from 'vitest';
import { guarded } from './risk/guarded.test.helper.ts';
import { playScript, type ScriptInput, type Turn } from './testing/play-script.ts';
import type { BarRow } from './testing/tapes.ts';

const minuteMs = 60_000;
const flat = (price: number): BarRow => [price, price, price, price];
const rows = (prices: readonly number[]) => prices.map(flat);
const buy = (sizeBase: number) => (turn: Turn) => void turn.order.market({ side: 1, sizeBase });
const sell = (sizeBase: number) => (turn: Turn) => void turn.order.market({ side: -1, sizeBase });
const close = (turn: Turn) => void turn.order.close();

describe('a fee in base', () => {
  const inBase = { costs: { feeCurrency: 'base', feeRateTaker: 0.001, feeRateMaker: 0.001 }, account: { dust: 'keep' } } as const;
  const instrument = { lotSize: 0.01, tickSize: 0.01, baseDecimals: 8, quoteDecimals: 2 };
  const played = (input: ScriptInput) => playScript({ instrument, settings: inBase, ...input });

  test('is taken from what is bought; the sale pays quote', () => {
    const held: number[] = [];
    const { ledger, fills, openPositions } = played({
      rows: rows([100, 100, 110, 110]),
      at: { 0: buy(10), 1: sell(5) },
      always: ({ position }) => void held.push(position.sizeBase),
    });
    expect(held).toEqual([0, 9.99, 4.99, 4.99]);
    expect(ledger).toEqual({ deposit: '10000', purchases: '1000', sales: '550', fees: '0.55' });
    // The buy's fee is told in quote too: 0.01 at 100.
    expect(fills.map(({ sizeBase, feeQuote }) => [sizeBase, feeQuote])).toEqual([
      [10, 1],
      [5, 0.55],
    ]);
    expect(openPositions[0].sizeBase).toBe(4.99);
  });

  test('trades and the open position make up the change of equity, fees and all', () => {
    const { trades, openPositions, equity, fills } = played({ rows: rows([100, 100, 110, 130]), at: { 0: buy(10), 1: sell(5) } });
    const [{ pnlQuote, entryFeeQuote }] = trades;
    expect(entryFeeQuote).toBeCloseTo(5 / 9.99, 12);
    expect(pnlQuote).toBeCloseTo(5 * 10 - 5 / 9.99 - 0.55, 12);
    const restOfEntryFee = fills[0].feeQuote - entryFeeQuote;
    expect(10_000 + pnlQuote + openPositions[0].unrealisedPnlQuote - restOfEntryFee).toBeCloseTo(equity.equityQuote[3], 9);
  });

  test('a position that ends as dust has been closed for the protections too', () => {
    const { orders } = played({
      rows: rows([100, 100, 100, 100, 100]),
      settings: guarded({ cooldown: { bars: 9 } }, inBase),
      at: { 0: buy(1), 1: close, 3: buy(1) },
    });
    expect(orders.map(({ status, reason }) => `${status} ${reason}`)).toEqual([
      'filled ',
      'filled ',
      'rejected cooldown: its position was closed; entries are refused until 9 of its bars have closed',
    ]);
  });

  test('leaves a rest below one lot when everything is sold: dust, which joins the next entry', () => {
    const held: number[] = [];
    const { dust, orders, trades, accountEvents, equity } = played({
      rows: rows([100, 100, 100, 200, 200, 200]),
      at: { 0: buy(1), 1: close, 3: buy(1), 4: close },
      always: ({ position }) => void held.push(position.sizeBase),
    });
    expect(orders.map(({ sizeBase, status }) => [sizeBase, status])).toEqual([
      [1, 'filled'],
      [0.99, 'filled'],
      [1, 'filled'],
      [1, 'filled'],
    ]);
    // 0.999 − 0.99, then 0.009 + 0.999 − 1.
    expect(held).toEqual([0, 0.999, 0, 0, 1.008, 0]);
    expect(dust).toEqual([{ instrumentIndex: 0, sizeBase: 0.008, markPriceQuote: 200 }]);
    expect(accountEvents.map(({ timeMs, kind, figures }) => [timeMs / minuteMs, kind, figures.sizeBase])).toEqual([
      [2, 'dust', 0.009],
      [5, 'dust', 0.008],
    ]);
    // FIFO over both: the dust of the first entry is sold first.
    expect(trades.map(({ entryOrderId, sizeBase }) => [entryOrderId, sizeBase])).toEqual([
      [0, 0.99],
      [0, 0.009],
      [2, 0.991],
    ]);
    expect(equity.equityQuote[3]).toBeCloseTo(10_000 - 100 + 99 - 0.1 + 0.009 * 200, 9);
  });

  test('protections sell what whole lots can carry', () => {
    const { fills, dust } = played({
      rows: [flat(100), [100, 100, 89, 90], flat(90)],
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 2, stopLoss: 90 }) },
    });
    expect(fills[1]).toMatchObject({ sizeBase: 1.99, role: 'stopLoss' });
    expect(dust[0].sizeBase).toBe(0.008);
  });

  test('the account is flat with dust: exposure ends, and the position view is empty', () => {
    const { metrics } = played({ rows: rows([100, 100, 100, 100]), at: { 0: buy(1), 1: close } });
    expect(metrics.exposureFraction).toBe(1 / 4);
  });

  test.each(['frictionless', 'margin'] as const)('is refused on a %s account', (kind) => {
    const margins = [{ symbol: null, per: 'notional', initial: 1, maintenance: 0.5 }] as const;
    expect(() => played({ rows: rows([1, 1]), settings: { ...inBase, account: { kind, margins } } })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
  });
});

describe('a rest below the minimum notional (10.2)', () => {
  const instrument = { lotSize: 0.001, minimumNotionalQuote: 50 };
  const keep = { account: { dust: 'keep' } } as const;

  test('of a reduction is dust at once', () => {
    const { dust, accountEvents, openPositions } = playScript({
      instrument,
      settings: keep,
      rows: rows([100, 100, 100]),
      at: { 0: buy(1), 1: sell(0.6) },
    });
    expect(dust).toEqual([{ instrumentIndex: 0, sizeBase: 0.4, markPriceQuote: 100 }]);
    expect(openPositions).toEqual([]);
    expect(accountEvents[0]).toMatchObject({
      kind: 'dust',
      figures: { symbol: 'BTC/USDT', sizeBase: 0.4, notionalQuote: 40, minimumNotionalQuote: 50, lotSize: 0.001 },
    });
  });

  test('that the price made so is dust when it is to be closed: refused once, then flat', () => {
    const held: number[] = [];
    const { orders, dust } = playScript({
      instrument,
      settings: keep,
      rows: rows([100, 100, 40, 40, 40]),
      at: { 0: buy(1), 2: close, 3: close },
      always: ({ position }) => void held.push(position.sizeBase),
    });
    expect(orders.map(({ status, reason }) => [status, reason])).toEqual([
      ['filled', ''],
      ['rejected', "notional 40 is below the instrument's minimum 50"],
    ]);
    expect(held).toEqual([0, 1, 0, 0, 0]);
    expect(dust[0].sizeBase).toBe(1);
  });

  test('refused and ended so, a position has been closed for the protections too', () => {
    const { orders } = playScript({
      instrument,
      settings: guarded({ cooldown: { bars: 9 } }, keep),
      rows: rows([100, 100, 40, 40, 40]),
      at: { 0: buy(1), 2: close, 3: buy(2) },
    });
    expect(orders.at(-1)?.reason).toMatch(/^cooldown: its position was closed/);
  });

  test('is sold all the same where the account says so', () => {
    const { orders, dust } = playScript({ instrument, rows: rows([100, 100, 40, 40, 40]), at: { 0: buy(1), 2: close } });
    expect(orders.map((order) => order.status)).toEqual(['filled', 'filled']);
    expect(dust).toEqual([]);
  });

  test('of a short is bought back with the next entry', () => {
    const held: number[] = [];
    const { dust, ledger } = playScript({
      instrument,
      settings: { account: { kind: 'frictionless', dust: 'keep' } },
      rows: rows([100, 100, 100, 100, 100]),
      at: { 0: sell(2), 1: buy(1.7), 3: buy(1) },
      always: ({ position }) => void held.push(position.sizeBase),
    });
    expect(held).toEqual([0, -2, 0, 0, 0.7]);
    expect(dust).toEqual([]);
    expect(ledger).toMatchObject({ purchases: '270', sales: '200' });
  });

  test('a drawdown halt ends in dust, not in a loop', () => {
    const { orders, dust } = playScript({
      instrument,
      settings: { ...keep, risk: { drawdownHaltFraction: 0.1 }, initialCapitalQuote: 100 },
      rows: rows([100, 100, 40, 40, 40, 40]),
      at: { 0: buy(1) },
    });
    expect(orders.map(({ role, status }) => [role, status])).toEqual([
      ['own', 'filled'],
      ['halt', 'rejected'],
    ]);
    expect(dust[0].sizeBase).toBe(1);
  });
});
