import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Conversion, type ConversionTape } from '../portfolio/conversion.ts';
import { DecimalLedger } from '../portfolio/ledger.ts';
import { unitsToNumber } from '../portfolio/money.ts';
import type { RunSettings } from '../settings.ts';
import { playScript, type ScriptInput } from '../testing/play-script.ts';
import { type BarRow, instrumentOf, tapeOf } from '../testing/tapes.ts';
import { FeePurse } from './fee-purse.ts';

const minuteMs = 60_000;
const seed = 20_260_104;
const flat = (price: number): BarRow => [price, price, price, price];
const pair = (base: string, quote: string, prices: readonly number[]): ConversionTape => ({
  tape: tapeOf(prices.map(flat), { symbol: `${base}/${quote}`, startMs: -minuteMs, venue: 'fx' }),
  baseCurrency: base,
  quoteCurrency: quote,
  baseDecimals: 8,
  quoteDecimals: 8,
});
const inBnb: Partial<RunSettings['costs']> = { feeCurrency: { currency: 'BNB', discountFraction: 0.25 } };
const play = (held: number, input: ScriptInput = {}, costs = inBnb) =>
  playScript({
    rows: [100, 100, 100, 100, 100].map(flat),
    instrument: { feeRateTaker: 0.001 },
    conversions: [pair('BNB', 'USDT', [300, 300, 400, 400, 400, 400])],
    settings: { account: { currency: 'USDT', balances: held === 0 ? {} : { BNB: held } }, costs },
    always: ({ order }) => void order.market({ side: 1, sizeBase: 10 }),
    ...input,
  });

describe('fees in a currency of their own (8.2)', () => {
  test('are taken from its balance at the last known rate, less the discount, while that carries them, and then from quote', () => {
    const { fills, ledger, otherLedgers } = play(0.005);
    // 1 USDT less a quarter is 0.0025 BNB at 300 and 0.001875 at 400; then there is too little.
    expect(fills.map((fill) => fill.feeQuote)).toEqual([0.75, 0.75, 1, 1]);
    expect(ledger).toEqual({ deposit: '10000', purchases: '4000', sales: '0', fees: '2' });
    expect(otherLedgers).toEqual({ BNB: { deposit: '0.005', purchases: '0', sales: '0', fees: '0.004375' } });
  });

  test('are taken from a balance that just carries them', () => {
    // 0.75 USDT at 300.
    expect(play(0.0025).fills.map((fill) => fill.feeQuote)).toEqual([0.75, 1, 1, 1]);
  });

  test('are paid back whole: a discount lowers what is owed, never a rebate', () => {
    const rows: BarRow[] = [flat(100), [100, 100, 98, 99], flat(99)];
    const { fills, otherLedgers } = play(5, {
      rows,
      instrument: { feeRateMaker: -0.01 },
      always: ({ order, call }) => void (call === 0 && order.limit({ side: 1, limitPrice: 99, sizeBase: 10 })),
    });
    expect([fills.map((fill) => fill.feeQuote), otherLedgers.BNB.fees]).toEqual([[-9.9], '-0.02475']);
  });

  test('are rounded once, to their own currency: the discount is not rounded to the quote before', () => {
    const { fills, otherLedgers } = play(1, {
      instrument: { feeRateTaker: 0.001, quoteDecimals: 2 },
      conversions: [{ ...pair('BNB', 'USDT', [300, 300]), quoteDecimals: 2 }],
      always: ({ order, timeMs }) => void (timeMs === minuteMs && order.market({ side: 1, sizeBase: 10.5 })),
    });
    // 1.05 USDT less a quarter is 0.7875: 0.002625 BNB at 300, though 0.79 is told.
    expect(fills.map((fill) => fill.feeQuote)).toEqual([0.79]);
    expect(otherLedgers.BNB.fees).toBe('0.002625');
  });

  test('are paid in quote where there is no balance of it', () => {
    const { fills, otherLedgers } = play(0);
    expect(fills[0].feeQuote).toBe(1);
    expect(otherLedgers).toEqual({ BNB: { deposit: '0', purchases: '0', sales: '0', fees: '0' } });
  });

  test('work with every model of fees', () => {
    const tiers = [{ fromQuote: 0, maker: 0, taker: 0.002 }];
    expect(play(1, {}, { ...inBnb, fees: { kind: 'tiers', tiers } }).otherLedgers.BNB.fees).toBe('0.01625');
    expect(play(1, { fee: () => 4 }, { ...inBnb, fees: { kind: 'strategy' } }).otherLedgers.BNB.fees).toBe('0.0325');
  });

  test('need a series that says what the currency is worth, and another currency than the account trades in', () => {
    expect(() => play(1, { conversions: [] })).toThrow('nothing turns BNB into USDT');
    expect(() => play(0, { conversions: [] }, { feeCurrency: { currency: 'USDT', discountFraction: 0 } })).toThrow(
      'costs.feeCurrency USDT is what the account trades in',
    );
  });

  test('equal fractions, with quote and fees each in a currency of its own', () => {
    const price = fc.integer({ min: 1, max: 1e7 }).map((ticks) => ticks / 100);
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        price,
        price,
        fc.integer({ min: 0, max: 100 }),
        fc.constantFrom([2, 8], [8, 2], [4, 4]),
        (fee, quoteRate, ownRate, percent, [quoteDecimals, ownDecimals]) => {
          const clock = { timeMs: 0 };
          const pocketOf = (decimals: number, code: string, rate: number) => ({
            ledger: new DecimalLedger({
              instruments: [instrumentOf()],
              initialCapitalQuote: 1e12,
              quoteDecimals: decimals,
              feeRates: [{ maker: 0, taker: 0 }],
              feeFixedQuote: 0,
            }),
            conversion: new Conversion(pair(code, 'USD', [rate]), 'USD', clock),
          });
          const quote = pocketOf(quoteDecimals, 'EUR', quoteRate);
          const own = pocketOf(ownDecimals, 'BNB', ownRate);
          const before = BigInt(own.ledger.units);
          const kept = BigInt(100 - percent);
          const round = (over: bigint, under: bigint) => (2n * over + under) / (2n * under);
          const discounted = round(fee * kept, 100n);
          const cents = (rate: number) => BigInt(Math.round(rate * 100));
          const amount = round(
            fee * kept * cents(quoteRate) * 10n ** BigInt(ownDecimals),
            100n * cents(ownRate) * 10n ** BigInt(quoteDecimals),
          );
          const isCarried = amount <= before;
          const told = new FeePurse(own, { currency: 'BNB', discountFraction: percent / 100 }).takeOver(quote, fee);
          expect(before - BigInt(own.ledger.units)).toBe(isCarried ? amount : 0n);
          expect(told).toBe(unitsToNumber(isCarried ? discounted : fee, quoteDecimals));
          own.ledger.assertBalanced();
          quote.ledger.assertBalanced();
        },
      ),
      { seed, numRuns: 1_000 },
    );
  });
});
