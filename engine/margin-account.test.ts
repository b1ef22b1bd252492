/** Margin accounts: what may be bought, what borrowing costs, what a margin call does. */
import { describe, expect, test } from 'vitest';
import type { AccountEvent } from './result.ts';
import type { AccountSettings } from './settings.ts';
import { playScript, type ScriptInput, type Turn } from './testing/play-script.ts';
import { type BarRow, tapeOf } from './testing/tapes.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const flat = (price: number): BarRow => [price, price, price, price];
const daysOf = (prices: readonly (number | BarRow)[], symbol = 'A') =>
  tapeOf(
    prices.map((price) => (typeof price === 'number' ? flat(price) : price)),
    { symbol, timeframe: '1d' },
  );
const margins = [{ symbol: null, per: 'notional', initial: 0.5, maintenance: 0.25 }] as const;
const margin = (more: Partial<AccountSettings> = {}): Partial<AccountSettings> => ({ kind: 'margin', margins, ...more });
const played = (input: ScriptInput) => playScript({ instrument: { quoteDecimals: 2 }, ...input });
const briefEvents = (events: readonly AccountEvent[]) => events.map(({ timeMs, kind, figures }) => [timeMs / dayMs, kind, figures]);

describe('buying power (10.7)', () => {
  const at = (sizeBase: number, side: 1 | -1 = 1) => ({ 0: ({ order }: Turn) => void order.market({ side, sizeBase }) });

  test.each([
    ['200 at 100 are 20,000, twice an equity of 10,000', 200, 1, 'filled'],
    ['a hundredth more is refused', 200.01, 1, 'rejected'],
    ['as much may be sold short', 200, -1, 'filled'],
    ['and no more', 200.01, -1, 'rejected'],
  ] as const)('%s', (_, size, side, status) => {
    const { orders } = played({ tapes: [daysOf([100, 100])], settings: { account: margin() }, at: at(size, side) });
    expect(orders.map((order) => order.status)).toEqual([status]);
  });

  test('the refusal when an order is sent tells both sides, and nothing was sent', () => {
    const { orders } = played({ tapes: [daysOf([100, 100])], settings: { account: margin() }, at: at(250) });
    expect(orders[0]).toMatchObject({ reason: 'initial margin would be 12500, equity after its fee is 10000', endedMs: dayMs });
  });

  test('the fee comes off the equity that carries the margin', () => {
    const settings = { account: margin(), costs: { feeRateTaker: 0.01 } };
    const { orders } = played({ tapes: [daysOf([100, 100])], settings, at: at(198) });
    expect(orders[0].reason).toBe('initial margin would be 9900, equity after its fee is 9802');
  });

  test('is judged again at the fill, at its price', () => {
    const { orders } = played({ tapes: [daysOf([100, 101])], settings: { account: margin() }, at: at(200) });
    expect(orders[0]).toMatchObject({
      status: 'rejected',
      reason: 'initial margin would be 10100, equity after its fee is 10000',
      endedMs: dayMs,
    });
  });

  test('counts the orders on their way, of other instruments too', () => {
    const { orders } = played({
      tapes: [daysOf([100, 100]), daysOf([50, 50], 'B')],
      settings: { account: margin() },
      at: {
        0: ({ series: [a, b] }) => {
          a.order.market({ side: 1, sizeBase: 150 });
          b.order.market({ side: -1, sizeBase: 100 });
          b.order.market({ side: -1, sizeBase: 1 });
        },
      },
    });
    expect(orders.map((order) => order.status)).toEqual(['filled', 'filled', 'rejected']);
    expect(orders[2].reason).toBe('initial margin would be 10025, equity after its fee is 10000');
  });

  test('a fraction of equity is cut to what the margin carries, less the buffer and the fee', () => {
    const settings = { account: margin(), costs: { feeRateTaker: 0.01 } };
    const { orders } = played({
      tapes: [daysOf([100, 100])],
      settings,
      at: { 0: ({ order }) => void order.market({ side: 1, equityFraction: 5 }) },
    });
    expect(orders[0].status).toBe('filled');
    expect(orders[0].sizeBase).toBeCloseTo(9_900 / (50 + 1), 7);
  });

  test('a reduction passes whatever the margin', () => {
    const { orders } = played({
      tapes: [daysOf([100, 100, 71, 71])],
      settings: { account: margin() },
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 200 }),
        2: ({ order }) => void order.market({ side: -1, sizeBase: 50 }),
      },
    });
    expect(orders.map((order) => order.status)).toEqual(['filled', 'filled']);
  });

  test('what is left shows as freeQuote', () => {
    const free: number[] = [];
    played({
      tapes: [daysOf([100, 100, 110])],
      settings: { account: margin() },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 100 }) },
      always: ({ account }) => void free.push(account.freeQuote),
    });
    expect(free).toEqual([10_000, 5_000, 11_000 - 5_500]);
  });
});

describe('interest (12.3)', () => {
  const buys = { 0: ({ order }: Turn) => void order.market({ side: 1, sizeBase: 150 }) };

  test('is a 365th of the rate on cash below 0 as each UTC day ends, in the bar that closes there, on the interest of before too', () => {
    const { accountEvents, ledger, equity } = played({
      tapes: [daysOf([100, 100, 100])],
      settings: { account: margin({ interestRateAnnual: 0.073 }) },
      at: buys,
    });
    expect(briefEvents(accountEvents)).toEqual([
      [2, 'interest', { currency: 'USDT', debit: 5000, amount: 1 }],
      [3, 'interest', { currency: 'USDT', debit: 5001, amount: 1 }],
    ]);
    expect([...equity.equityQuote]).toEqual([10_000, 9_999, 9_998]);
    expect(ledger).toEqual({ deposit: '10000', purchases: '15000', sales: '0', fees: '0', interest: '2' });
  });

  test('of a gap is charged for each of its days, and before the open that follows', () => {
    const monday = 4;
    const tape = tapeOf([flat(100), flat(100), flat(100)], { symbol: 'A', timeframe: '1d', openTimesMs: [0, dayMs, monday * dayMs] });
    const cash: number[] = [];
    const { accountEvents } = played({
      tapes: [tape],
      settings: { account: margin({ interestRateAnnual: 0.073 }) },
      at: { ...buys, 1: ({ order }) => void order.close() },
      onFill: (_, { account }) => void cash.push(account.cashQuote),
    });
    expect(accountEvents.map((event) => event.timeMs / dayMs)).toEqual([2, 3, 4]);
    expect(cash).toEqual([-5_000, 9_997]);
  });

  test('by the hour is a 24th of that, and a debit paid back within the hour costs nothing', () => {
    const tape = tapeOf(
      Array.from({ length: 8 }, () => flat(100)),
      { symbol: 'A', timeframe: '15m' },
    );
    const settings = { account: margin({ interestRateAnnual: 0.876, accrual: 'hour' }) };
    const stays = played({ tapes: [tape], settings, at: buys });
    expect(stays.accountEvents.map(({ timeMs, figures }) => [timeMs / hourMs, figures.amount])).toEqual([
      [1, 0.5],
      [2, 0.5],
    ]);
    const leaves = played({ tapes: [tape], settings, at: { ...buys, 1: ({ order }) => void order.close() } });
    expect(leaves.accountEvents).toEqual([]);
  });

  test('by the day is the same whether the bars are days or hours', () => {
    const account = margin({ interestRateAnnual: 0.1 });
    const hours = tapeOf(
      Array.from({ length: 24 * 5 }, () => flat(100)),
      { symbol: 'A', timeframe: '1h' },
    );
    const byDay = played({ tapes: [daysOf([100, 100, 100, 100, 100])], settings: { account }, at: buys });
    const byHour = played({ tapes: [hours], settings: { account }, at: { 23: buys[0] } });
    expect(byHour.ledger).toEqual(byDay.ledger);
    expect(byHour.accountEvents).toEqual(byDay.accountEvents);
  });
});

test('a short pays its borrow fee on what it is worth at the close of the day, and its proceeds bear no interest', () => {
  const { accountEvents, ledger } = played({
    tapes: [daysOf([100, 100, 120])],
    settings: { account: margin({ borrowRateAnnual: 0.0365, interestRateAnnual: 0.5 }) },
    at: { 0: ({ order }) => void order.market({ side: -1, sizeBase: 50 }) },
  });
  expect(briefEvents(accountEvents)).toEqual([
    [2, 'borrowFee', { symbol: 'A', sizeBase: 50, priceQuote: 100, amount: 0.5 }],
    [3, 'borrowFee', { symbol: 'A', sizeBase: 50, priceQuote: 120, amount: 0.6 }],
  ]);
  expect(ledger).toEqual({ deposit: '10000', purchases: '0', sales: '5000', fees: '0', borrowFees: '1.1' });
});

describe('a margin call', () => {
  // 150 A at 100 and 100 B at 50, half of it borrowed: at 58 and 44 equity is 3,100, the maintenance margin 3,275.
  const called = (rule: 'largestLossFirst' | 'all', { last = 57, more = {} }: { last?: number; more?: Partial<AccountSettings> } = {}) =>
    played({
      tapes: [daysOf([100, 100, 58, last, last]), daysOf([50, 50, 44, 43, 43], 'B')],
      settings: { account: margin({ liquidation: { rule, feeFraction: 0.01 }, ...more }) },
      at: {
        0: ({ series: [a, b] }) => {
          a.order.market({ side: 1, sizeBase: 150 });
          b.order.market({ side: 1, sizeBase: 100 });
        },
        1: ({ series: [a] }) => {
          a.order.limit({ side: 1, sizeBase: 10, limitPrice: 20, tag: 'adds' });
          a.order.limit({ side: -1, sizeBase: 10, limitPrice: 500, tag: 'reduces' });
          a.order.stop({ side: -1, sizeBase: 500, stopPrice: 10, tag: 'turns' });
        },
        2: ({ series: [a] }) => void a.order.market({ side: 1, sizeBase: 1, tag: 'late' }),
      },
    });
  const exits = ({ fills }: ReturnType<typeof called>) =>
    fills.slice(2).map((fill) => [fill.timeMs / dayMs, 'AB'[fill.instrumentIndex], fill.side * fill.sizeBase, fill.priceQuote, fill.role]);

  test('comes where equity at a close is below the maintenance margin, never at it', () => {
    // 200 at 100, cash −10,000: at p equity is 200 p − 10,000 and its maintenance margin 50 p; they meet at 66.66…
    const run = (price: number) =>
      played({
        tapes: [daysOf([100, 100, price, price])],
        settings: { account: margin() },
        instrument: { quoteDecimals: 2 },
        at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 200 }) },
      }).accountEvents.map((event) => event.kind);
    expect(run(66.67)).toEqual([]);
    expect(run(66.66)).toEqual(['marginCall', 'liquidation', 'marginRestored']);
    const exact = played({
      tapes: [daysOf([100, 100, 80])],
      settings: { account: margin({ margins: [{ symbol: null, per: 'notional', initial: 0.5, maintenance: 0.375 }] }) },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 200 }) },
    });
    expect([exact.accountEvents, exact.equity.equityQuote[2]]).toEqual([[], 6_000]);
  });

  test('closes the largest loss first, whole, at the next open, and stops where that restores the margin', () => {
    const result = called('largestLossFirst');
    expect(exits(result)).toEqual([[3, 'A', -150, 57, 'liquidation']]);
    expect(briefEvents(result.accountEvents)).toEqual([
      [3, 'marginCall', { equityQuote: 3_100, requiredQuote: 3_275 }],
      [3, 'liquidation', { symbol: 'A', sizeBase: 150, priceQuote: 57, feeQuote: 85.5, equityQuote: 2_764.5 }],
      [4, 'marginRestored', { equityQuote: 2_764.5, requiredQuote: 1_075 }],
    ]);
    expect(result.ledger).toMatchObject({ sales: '8550', liquidationFees: '85.5' });
  });

  test('closes the next position too where the first does not do: 3,100 less a fee of 2,175 is below the 1,100 that B needs', () => {
    const result = called('largestLossFirst', { more: { liquidation: { rule: 'largestLossFirst', feeFraction: 0.25 } } });
    expect(exits(result)).toEqual([
      [3, 'A', -150, 57, 'liquidation'],
      [3, 'B', -100, 43, 'liquidation'],
    ]);
  });

  test('all closes everything', () => {
    expect(exits(called('all')).map(([, symbol]) => symbol)).toEqual(['A', 'B']);
  });

  test('cancels what would increase or turn a position, leaves what reduces, and nothing more is bought', () => {
    const { orders } = called('largestLossFirst');
    const reason = 'by the margin call: equity 3100 is below the maintenance margin 3275';
    expect(orders.filter((order) => order.tag !== '').map(({ tag, status, reason }) => [tag, status, reason])).toEqual([
      ['adds', 'cancelled', reason],
      ['reduces', 'expired', 'the tape ended'],
      ['turns', 'cancelled', reason],
      ['liquidation', 'filled', ''],
      ['late', 'rejected', 'a margin call stands: the order finds a position of 0, and nothing is increased until the margin is restored'],
    ]);
  });

  test('a strategy cannot cancel what the call closes', () => {
    const { fills } = played({
      tapes: [daysOf([100, 100, 66, 65])],
      settings: { account: margin() },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 200 }), 2: ({ order }) => order.cancelAll() },
    });
    expect(fills.map((fill) => fill.role)).toEqual(['own', 'liquidation']);
  });

  test('that comes too late leaves a debit, and the account goes on owing', () => {
    const { equity, accountEvents } = played({
      tapes: [daysOf([100, 100, 66, 40, 40, 40])],
      settings: { account: margin({ interestRateAnnual: 0.365 }) },
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 200 }),
        4: ({ order }) => void order.market({ side: 1, sizeBase: 1 }),
      },
    });
    expect([...equity.equityQuote.slice(3)].map((quote) => Math.round(quote))).toEqual([-2_022, -2_024, -2_026]);
    expect(accountEvents.filter((event) => event.kind === 'marginCall')).toHaveLength(1);
  });

  test('gives the same whether onBar is called at every bar or where it asked', () => {
    const replays = (['unfiltered', 'dense'] as const).map((replay) =>
      played({
        tapes: [daysOf([100, 100, 66, 65])],
        settings: { account: margin({ interestRateAnnual: 0.1 }), replay },
        at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 200 }) },
      }),
    );
    expect(replays[0].certificate.runHash).toBe(replays[1].certificate.runHash);
  });
});

test('a margin call leaves an order whose rest only reduces', () => {
  const bar = (row: BarRow, volume: number): BarRow => [row[0], row[1], row[2], row[3], volume];
  const a = [
    bar(flat(100), 1000),
    bar(flat(100), 1000),
    bar([100, 102, 100, 101], 16),
    bar(flat(101), 1000),
    bar(flat(101), 1000),
    bar([101, 103, 101, 101], 1000),
  ];
  const b = [flat(100), flat(100), flat(100), [100, 100, 40, 40] as BarRow, flat(40), flat(40)].map((row) => bar(row, 1000));
  const { orders } = played({
    tapes: [daysOf(a), daysOf(b, 'B')],
    settings: {
      initialCapitalQuote: 1000,
      liquidity: { volumeShare: 0.25 },
      account: margin({ margins: [{ symbol: null, per: 'notional', initial: 0.25, maintenance: 0.2 }] }),
    },
    at: {
      0: ({ series: [first, second] }) => {
        first.order.market({ side: 1, sizeBase: 10 });
        second.order.market({ side: 1, sizeBase: 14 });
      },
      // Four fill: the other four are less than the six that are held.
      1: ({ order }) => void order.limit({ side: -1, sizeBase: 8, limitPrice: 101 }),
    },
  });
  expect(orders.map(({ role, status, filledBase }) => [role, status, filledBase])).toEqual([
    ['own', 'filled', 10],
    ['own', 'filled', 14],
    ['own', 'filled', 8],
    ['liquidation', 'filled', 14],
  ]);
});

test.each([
  ['equityFraction', { equityFraction: 0.5 }],
  ['riskFraction', { riskFraction: 0.1, stopLoss: 40 }],
])('an account that owes has no share to give: %s', (_, size) => {
  const { orders } = played({
    tapes: [daysOf([100, 100, [100, 100, 50, 50], 50, 50, 50])],
    settings: {
      initialCapitalQuote: 1000,
      account: margin({ margins: [{ symbol: null, per: 'notional', initial: 0.25, maintenance: 0.2 }] }),
    },
    at: {
      0: ({ order }) => void order.market({ side: 1, sizeBase: 30 }),
      4: ({ order }) => {
        order.market({ side: 1, ...size });
        order.target({ equityFraction: 0.5 });
      },
    },
  });
  const reason = 'equity is -500: nothing to take a share of';
  expect(orders.slice(2).map((order) => [order.status, order.reason])).toEqual([
    ['rejected', reason],
    ['rejected', reason],
  ]);
});

test('an order passes whose margin is the whole equity but for the last bits of a double', () => {
  // A tenth of 5 at 100.1 is 50.050000000000004.
  const { orders } = played({
    tapes: [daysOf([100.1, 100.1])],
    settings: {
      initialCapitalQuote: 50.05,
      account: margin({ margins: [{ symbol: null, per: 'notional', initial: 0.1, maintenance: 0.05 }] }),
    },
    at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 5 }) },
  });
  expect(orders[0].status).toBe('filled');
});

test('unrealised profit counts contracts by what a point of them is worth', () => {
  const { openPositions, equity } = played({
    tapes: [daysOf([100, 100, 103])],
    instrument: { quoteDecimals: 2, multiplier: 5 },
    settings: { account: margin() },
    at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 2 }) },
  });
  expect([openPositions[0].unrealisedPnlQuote, equity.equityQuote[2] - 10_000]).toEqual([30, 30]);
});

test('a share of equity keeps back the margin of the price that slippage makes', () => {
  const { orders } = played({
    tapes: [daysOf([100, 100])],
    settings: { account: margin(), costs: { slippageFraction: 0.1 }, risk: { sizeBufferFraction: 0 } },
    at: { 0: ({ order }) => void order.market({ side: 1, equityFraction: 3 }) },
  });
  // At 110 a unit sets 55 aside and has lost 10 of 100.
  expect(orders[0]).toMatchObject({ status: 'filled', sizeBase: Math.floor((10_000 / 65) * 1e8) / 1e8 });
});
