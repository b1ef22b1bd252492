/** Several currencies in one account: what may be paid with what, at which rate, and in which currency equity, risk and metrics are told. */
import { describe, expect, test } from 'vitest';
import type { ConversionTape } from './portfolio/conversion.ts';
import type { AccountSettings } from './settings.ts';
import { playScript, type ScriptInput, type Turn } from './testing/play-script.ts';
import { type BarRow, instrumentOf, tapeOf } from './testing/tapes.ts';

const minuteMs = 60_000;
const flat = (price: number): BarRow => [price, price, price, price];
const bars = (symbol: string, prices: readonly number[], startMs = 0) => tapeOf(prices.map(flat), { symbol, startMs });
const instruments = [
  instrumentOf({ symbol: 'U', quoteCurrency: 'USD', quoteDecimals: 2 }),
  instrumentOf({ symbol: 'E', quoteCurrency: 'EUR', quoteDecimals: 2 }),
];
const pair = (base: string, quote: string, prices: readonly number[], startMs = 0): ConversionTape => ({
  tape: tapeOf(prices.map(flat), { symbol: `${base}/${quote}`, startMs, venue: 'fx' }),
  baseCurrency: base,
  quoteCurrency: quote,
  baseDecimals: 2,
  quoteDecimals: 2,
});
const usd = (more: Partial<AccountSettings> = {}): Partial<AccountSettings> => ({ currency: 'USD', ...more });
const atFill = { policy: 'atFill', costFraction: 0.01 } as const;
const tapes = [bars('U', [100, 100, 100, 100]), bars('E', [50, 50, 60, 60])];
const played = ({ settings, ...input }: ScriptInput) =>
  playScript({
    tapes,
    instruments,
    conversions: [pair('EUR', 'USD', [1.15, 1.2, 1.25, 1.1, 1.2], -minuteMs)],
    ...input,
    settings: { ...settings },
  });
const buysE = (size: number) => ({ 0: ({ series: [, e] }: Turn) => void e.order.market({ side: 1, sizeBase: size }) });

describe('a purchase short of its currency (12.6)', () => {
  test('is refused where nothing is converted', () => {
    const { orders } = played({ settings: { account: usd({ balances: { EUR: 100 } }) }, at: buysE(10) });
    expect(orders[0]).toMatchObject({
      status: 'rejected',
      reason: 'costs 500 with its fee, cash is 100 EUR, and account.conversion is none',
    });
  });

  test('is paid from its own currency as far as that goes', () => {
    const { orders, ledger, otherLedgers } = played({ settings: { account: usd({ balances: { EUR: 500 } }) }, at: buysE(10) });
    expect(orders[0].status).toBe('filled');
    expect(ledger).toEqual({ deposit: '10000', purchases: '0', sales: '0', fees: '0' });
    expect(otherLedgers).toEqual({ EUR: { deposit: '500', purchases: '500', sales: '0', fees: '0' } });
  });

  test('is converted at the fill where the account says so: what is lacking, at the last close known, for a stated cost', () => {
    const { ledger, otherLedgers, accountEvents } = played({
      settings: { account: usd({ balances: { EUR: 100 }, conversion: atFill }) },
      at: buysE(10),
    });
    // The fill is at the open of minute 1: the rate known is the close of the first bar.
    expect(accountEvents).toEqual([
      { timeMs: minuteMs, kind: 'conversion', figures: { currency: 'EUR', boughtQuote: 400, paidQuote: 480, costQuote: 4.8 } },
    ]);
    expect(ledger).toEqual({ deposit: '10000', purchases: '0', sales: '0', fees: '0', conversion: '-480', conversionCosts: '4.8' });
    expect(otherLedgers.EUR).toEqual({ deposit: '100', purchases: '500', sales: '0', fees: '0', conversion: '400' });
  });

  test('is refused whole where the account currency does not carry it, to the cent', () => {
    // 1.2 × 1.01 × 8,250 EUR are 9,999 USD.
    const run = (size: number) => played({ settings: { account: usd({ conversion: atFill }) }, at: buysE(size) }).orders[0];
    expect(run(165).status).toBe('filled');
    expect(run(165.02).reason).toBe('lacks 8251 EUR, which cost 10000.21 USD; cash is 10000 USD');
  });

  test('a pair that names the account currency first is turned round', () => {
    const { accountEvents } = played({
      conversions: [pair('USD', 'EUR', [0.8, 0.8, 0.8, 0.8])],
      settings: { account: usd({ conversion: { policy: 'atFill', costFraction: 0 } }) },
      at: buysE(10),
    });
    expect(accountEvents.map(({ figures }) => figures.paidQuote)).toEqual([625]);
  });

  test('on margin is bought on a debit of its own currency, which bears interest there', () => {
    const margins = [{ symbol: null, per: 'notional', initial: 0.5, maintenance: 0.25 }] as const;
    const day = (prices: readonly number[], symbol: string) => tapeOf(prices.map(flat), { symbol, timeframe: '1d' });
    const { otherLedgers, ledger } = played({
      tapes: [day([100, 100], 'U'), day([50, 50], 'E')],
      settings: { account: usd({ kind: 'margin', margins, interestRateAnnual: 0.365 }) },
      at: buysE(100),
    });
    expect(otherLedgers.EUR).toEqual({ deposit: '0', purchases: '5000', sales: '0', fees: '0', interest: '5' });
    expect(ledger).toEqual({ deposit: '10000', purchases: '0', sales: '0', fees: '0' });
  });
});

describe('a purchase short of its currency on a frictionless account', () => {
  const frictionless = (more: Partial<AccountSettings>) => usd({ kind: 'frictionless', balances: { EUR: 100 }, ...more });

  test('is owed in its own currency, without interest, and the warnings say so', () => {
    const { orders, otherLedgers, warnings } = played({ settings: { account: frictionless({}) }, at: buysE(10) });
    expect(orders[0].status).toBe('filled');
    expect(otherLedgers.EUR).toEqual({ deposit: '100', purchases: '500', sales: '0', fees: '0' });
    expect(warnings).toEqual([
      'cash in EUR fell below 0: with account.conversion: none a frictionless account owes what it lacks, without interest; atFill buys it',
    ]);
  });

  test('is converted where the account says so', () => {
    const { otherLedgers, warnings } = played({ settings: { account: frictionless({ conversion: atFill }) }, at: buysE(10) });
    expect(otherLedgers.EUR).toMatchObject({ conversion: '400' });
    expect(warnings).toEqual([]);
  });
});

describe('the account currency (12.7)', () => {
  const result = played({ settings: { account: usd({ balances: { EUR: 1000 } }) }, at: buysE(10) });

  test('tells equity: cash, and positions at their closes, each at the last rate', () => {
    expect(result.quoteCurrency).toBe('USD');
    // 1,000 EUR, then 500 EUR and 10 E at 50, 60, 60.
    expect([...result.equity.equityQuote]).toEqual([
      10_000 + 1_000 * 1.2,
      10_000 + 1_000 * 1.25,
      10_000 + 1_100 * 1.1,
      10_000 + 1_100 * 1.2,
    ]);
  });

  test('tells the capital at the start: other balances at the rate known as the first bar opens', () => {
    expect(result.initialCapitalQuote).toBe(11_150);
  });

  test('tells sizes by fraction of equity, and what is left to pay with', () => {
    const { orders } = played({
      settings: { account: usd({ conversion: { policy: 'atFill', costFraction: 0 } }) },
      at: { 0: ({ series: [, e] }) => void e.order.market({ side: 1, equityFraction: 0.3 }) },
    });
    // 3,000 USD are 2,500 EUR: 50 at 50.
    expect(orders[0]).toMatchObject({ status: 'filled', sizeBase: 50 });
  });

  test('tells fees and the profit of trades, at the rate of their moment', () => {
    const { metrics } = played({
      settings: { account: usd({ balances: { EUR: 1000 } }), costs: { feeRateTaker: 0.01 } },
      at: { ...buysE(10), 1: ({ series: [, e] }) => void e.order.close() },
    });
    // Bought for 500 + 5 at 1.2, sold for 600 − 6 at 1.25.
    expect(metrics.feeQuoteTotal).toBeCloseTo(5 * 1.2 + 6 * 1.25, 10);
    expect(metrics.tradePnlQuoteTotal).toBeCloseTo((600 - 500 - 11) * 1.25, 10);
  });

  test('is what handlers see, with each currency for itself', () => {
    const seen: number[][] = [];
    played({
      settings: { account: usd({ balances: { EUR: 1000 } }) },
      at: buysE(10),
      always: ({ account }) => void seen.push([account.cashQuote, account.cashOf('USD'), account.cashOf('EUR'), account.cashOf('JPY')]),
    });
    expect(seen.slice(0, 2)).toEqual([
      [11_200, 10_000, 1_000, 0],
      [10_625, 10_000, 500, 0],
    ]);
  });
});

describe('what a fee beside the rate costs', () => {
  test('comes off the equity in the account currency where leverage is judged', () => {
    // 90 EUR are 13,500 JPY: of 15,000 that leaves no room for 0.99 × 100 EUR.
    const { orders } = playScript({
      tapes: [bars('E', [100, 100, 100])],
      instruments: [instrumentOf({ symbol: 'E', quoteCurrency: 'EUR', quoteDecimals: 2, lotSize: 0.01 })],
      conversions: [{ ...pair('EUR', 'JPY', [150, 150, 150, 150], -minuteMs), quoteDecimals: 0 }],
      settings: {
        initialCapitalQuote: 15_000,
        account: { kind: 'frictionless', leverage: 1, currency: 'JPY', conversion: { policy: 'atFill', costFraction: 0 } },
        costs: { feeFixedQuote: 90 },
      },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 0.99 }) },
    });
    expect(orders[0]).toMatchObject({
      status: 'rejected',
      reason: 'gross notional would be 14850, equity × leverage is 1500',
    });
  });
});

test('where nothing is converted, what is on its way in one currency leaves the cash of another alone', () => {
  const { orders } = played({
    settings: { account: usd({ balances: { EUR: 1000 } }) },
    at: {
      0: ({ series: [u, e] }) => {
        e.order.market({ side: 1, sizeBase: 20 });
        u.order.market({ side: 1, equityFraction: 1 });
      },
    },
  });
  expect(orders.map(({ status, sizeBase }) => [status, sizeBase])).toEqual([
    ['filled', 20],
    ['filled', 99],
  ]);
});

test('a currency is counted in the finest precision that anything tells it in', () => {
  const { ledger } = playScript({
    tapes: [bars('U', [100, 100]), bars('V', [100, 100])],
    instruments: [
      instrumentOf({ symbol: 'U', quoteCurrency: 'USD', quoteDecimals: 4, feeRateTaker: 0.00001 }),
      instrumentOf({ symbol: 'V', quoteCurrency: 'USD', quoteDecimals: 2 }),
    ],
    conversions: [pair('EUR', 'USD', [1, 1, 1], -minuteMs)],
    settings: { account: usd({ balances: { EUR: 1 } }) },
    at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 1 }) },
  });
  expect(ledger.fees).toBe('0.001');
});

describe('a rate', () => {
  test('is never read before its bar has closed: until then an order is refused', () => {
    const late = [pair('EUR', 'USD', [1.2, 1.2], 2 * minuteMs)];
    const { orders } = played({
      conversions: late,
      settings: { account: usd({ conversion: atFill }) },
      at: { ...buysE(1), 2: ({ series: [, e] }) => void e.order.market({ side: 1, sizeBase: 1 }) },
    });
    expect(orders.map(({ status, reason }) => [status, reason])).toEqual([
      ['rejected', 'no rate is known yet from EUR to USD'],
      ['filled', ''],
    ]);
  });

  test('that no series tells ends the run before it starts', () => {
    const run = (input: Partial<ScriptInput>) => () => played({ settings: { account: usd() }, at: {}, ...input });
    expect(run({ conversions: [pair('EUR', 'CHF', [1, 1])] })).toThrow(
      expect.objectContaining({
        code: 'CONVERSION_MISSING',
        message: 'nothing turns EUR into USD; name a series of EUR/USD or USD/EUR in account.conversions',
      }),
    );
    // Nothing quotes in the account's currency either: its precision would come from the series that is missing.
    const only = { tapes: [tapes[0]], instruments: [instruments[0]], conversions: [], settings: { account: { currency: 'EUR' } } };
    expect(run(only)).toThrow(
      expect.objectContaining({
        code: 'CONVERSION_MISSING',
        message: 'nothing turns USD into EUR; name a series of USD/EUR or EUR/USD in account.conversions',
      }),
    );
    expect(run({ conversions: [pair('EUR', 'USD', [1.2], minuteMs)], settings: { account: usd({ balances: { EUR: 1 } }) } })).toThrow(
      expect.objectContaining({ code: 'CONVERSION_MISSING', message: expect.stringContaining('has no close at or before the first bar') }),
    );
  });

  test('is part of the tape that the certificate covers', () => {
    const hashes = [1.2, 1.21].map((last) => {
      const conversions = [pair('EUR', 'USD', [1.2, 1.25, last])];
      return played({ conversions, settings: { account: usd() }, at: {} }).certificate.tapeHash;
    });
    expect(hashes[0]).not.toBe(hashes[1]);
  });
});
