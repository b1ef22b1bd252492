import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instrument } from '../model/instrument.ts';
import { DecimalLedger } from '../portfolio/ledger.ts';
import { roundedUnits } from '../portfolio/money.ts';
import { playScript } from '../testing/play-script.ts';
import { instrumentOf } from '../testing/tapes.ts';
import { type ChargedFill, type FeeTier, feeModelOf, type PerUnitRule, StrategyFees, TradedWindow } from './fees.ts';

const seed = 20_260_104;
const dayMs = 86_400_000;
const none = Number.POSITIVE_INFINITY;

/** A decimal as a fraction of whole numbers, read from its shortest text; the slow references know nothing else. */
interface Ratio {
  readonly over: bigint;
  readonly under: bigint;
}
function ratioOf(value: number | string): Ratio {
  const [mantissa, exponent = '0'] = String(value).split('e');
  const [whole, places = ''] = mantissa.split('.');
  const shift = places.length - Number(exponent);
  const digits = BigInt(whole + places);
  return shift >= 0 ? { over: digits, under: 10n ** BigInt(shift) } : { over: digits * 10n ** BigInt(-shift), under: 1n };
}
const times = (...all: readonly Ratio[]): Ratio =>
  all.reduce((product, one) => ({ over: product.over * one.over, under: product.under * one.under }), { over: 1n, under: 1n });
const isLess = (a: Ratio, b: Ratio) => a.over * b.under < b.over * a.under;
/** In units of 10^−decimals, half away from zero. */
const unitsOf = ({ over, under }: Ratio, decimals: number): bigint =>
  over < 0n ? -unitsOf({ over: -over, under }, decimals) : (2n * over * 10n ** BigInt(decimals) + under) / (2n * under);

const price = fc.integer({ min: 1, max: 1e9 }).map((ticks) => ticks / 100);
const size = fc.integer({ min: 1, max: 1e9 }).map((lots) => lots / 1000);

describe('a value in whole units', () => {
  test('is rounded as the decimal that it reads as, half away from zero', () => {
    expect([1.005, 2.675, 0.5, 1.5, 0.045, 1e-9, 0, 1e21].map((value) => roundedUnits(value, 2))).toEqual([
      101,
      268,
      50,
      150,
      5,
      0,
      0,
      10n ** 23n,
    ]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.integer({ min: 0, max: 12 }), (value, decimals) => {
        expect(BigInt(roundedUnits(value, decimals))).toBe(unitsOf(ratioOf(value), decimals));
      }),
      { seed, numRuns: 5_000 },
    );
    // Halves, where the product of doubles goes either way.
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 5 }), (whole, decimals) => {
        const half = Number(`${whole}5e-${decimals + 1}`);
        expect(BigInt(roundedUnits(half, decimals))).toBe(unitsOf(ratioOf(half), decimals));
      }),
      { seed, numRuns: 5_000 },
    );
  });
});

describe('what was traded in 30 days', () => {
  test('equals a sum over all fills, whatever their times and sizes', () => {
    const fill = fc.record({
      waitMs: fc.oneof(fc.integer({ min: 0, max: 40 * dayMs }), fc.integer({ min: 0, max: dayMs }), fc.constant(15 * dayMs)),
      amount: fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.bigInt({ min: 0n, max: 10n ** 9n })),
    });
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 60 }), (fills) => {
        const traded = new TradedWindow();
        const all: { timeMs: number; amount: bigint }[] = [];
        let nowMs = 0;
        for (const { waitMs, amount } of fills) {
          nowMs += waitMs;
          traded.moveTo(nowMs);
          const sum = all.filter(({ timeMs }) => timeMs > nowMs - 30 * dayMs).reduce((total, one) => total + one.amount, 0n);
          expect(BigInt(traded.sum)).toBe(sum);
          traded.add(nowMs, amount);
          all.push({ timeMs: nowMs, amount });
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  test('lets go of each fill once, however many there are', () => {
    const traded = new TradedWindow();
    const perDay = 500;
    for (let n = 0; n < 100_000; n++) {
      traded.moveTo((n * dayMs) / perDay);
      if (n > 30 * perDay) expect(traded.sum).toBe(30 * perDay - 1);
      traded.add((n * dayMs) / perDay, 1);
    }
  });

  test('a fill of exactly 30 days ago counts no more', () => {
    const traded = new TradedWindow();
    traded.add(0, 5);
    traded.moveTo(30 * dayMs - 1);
    expect(traded.sum).toBe(5);
    traded.moveTo(30 * dayMs);
    expect(traded.sum).toBe(0);
  });
});

const tiers: readonly FeeTier[] = [
  { fromQuote: 0, maker: 0.001, taker: 0.0015 },
  { fromQuote: 100_000, maker: 0.0008, taker: 0.00125 },
  // A rebate: rounded away from zero like any fee.
  { fromQuote: 1_000_000.5, maker: -0.00025, taker: 0.0003 },
];

describe('tiers', () => {
  const instruments: readonly Instrument[] = ['a', 'a', 'b'].map((venue, i) => instrumentOf({ venue, symbol: `${i}`, lotSize: 0.001 }));

  test('charge what a slow count in fractions charges, venue by venue', () => {
    const fill = fc.record({
      waitMs: fc.integer({ min: 0, max: 10 * dayMs }),
      instrumentIndex: fc.integer({ min: 0, max: 2 }),
      priceQuote: price,
      sizeBase: size,
      isMaker: fc.boolean(),
      isBuy: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 30 }), fc.constantFrom(0, 2, 8), (fills, quoteDecimals) => {
        const clock = { timeMs: 0 };
        const feeModel = feeModelOf({ rule: { kind: 'tiers', tiers }, instruments, quoteDecimals, clock });
        const ledger = new DecimalLedger({
          instruments,
          initialCapitalQuote: 1e6,
          quoteDecimals,
          feeRates: instruments.map(() => ({ maker: 9, taker: 9 })),
          feeFixedQuote: 0,
          feeModel,
        });
        let feeSum = 0n;
        const done: { timeMs: number; venue: string; notional: bigint }[] = [];
        for (const { waitMs, isBuy, ...asked } of fills) {
          clock.timeMs += waitMs;
          const { venue } = instruments[asked.instrumentIndex];
          const notional = unitsOf(times(ratioOf(asked.priceQuote), ratioOf(asked.sizeBase)), quoteDecimals);
          const traded = done
            .filter((one) => one.venue === venue && one.timeMs > clock.timeMs - 30 * dayMs)
            .reduce((sum, one) => sum + one.notional, 0n);
          const tier = tiers.findLast(({ fromQuote }) => traded >= unitsOf(ratioOf(fromQuote), quoteDecimals)) ?? tiers[0];
          const under = 10n ** BigInt(quoteDecimals);
          const fee = unitsOf(times({ over: notional, under }, ratioOf(asked.isMaker ? tier.maker : tier.taker)), quoteDecimals);
          // Asked twice and booked once.
          const charged: ChargedFill = { ...asked, side: isBuy ? 1 : -1 };
          ledger.cost(charged);
          ledger.settle(charged);
          feeSum += fee;
          expect(unitsOf(ratioOf(ledger.causes().fees ?? ''), quoteDecimals)).toBe(feeSum);
          done.push({ timeMs: clock.timeMs, venue, notional });
        }
      }),
      { seed, numRuns: 400 },
    );
  });

  test('a fill counts towards the tier of the next, not its own', () => {
    const rows = Array.from({ length: 4 }, () => [100, 100, 100, 100] as const);
    const { fills } = playScript({
      rows,
      settings: { initialCapitalQuote: 1e6, costs: { fees: { kind: 'tiers', tiers } } },
      always: ({ order }) => void order.market({ side: 1, sizeBase: 1000 }),
    });
    expect(fills.map((fill) => fill.feeQuote)).toEqual([150, 125, 125]);
  });
});

describe('fees a unit', () => {
  const instruments = [instrumentOf({ lotSize: 0.001, multiplier: 5 })];
  const bound = fc.integer({ min: 0, max: 10_000 }).map((cents) => cents / 100);

  test('equal fractions, for fills and for whole orders, in bounds', () => {
    const rule = fc
      .record({
        amountQuote: fc.integer({ min: 0, max: 1e6 }).map((units) => units / 1e6),
        minimumQuote: bound,
        maximumQuote: fc.oneof(fc.constant(none), bound),
        maximumFraction: fc.constantFrom(none, 0.01, 0.00005),
        boundsOf: fc.constantFrom('fill' as const, 'order' as const),
      })
      .map((fields): PerUnitRule => ({ kind: 'perUnit', ...fields }));
    const part = fc.record({ orderId: fc.integer({ min: 0, max: 2 }), priceQuote: price, sizeBase: size, isWhole: fc.boolean() });
    fc.assert(
      fc.property(rule, fc.array(part, { maxLength: 20 }), fc.constantFrom(2, 8), (perUnit, parts, quoteDecimals) => {
        const model = feeModelOf({ rule: perUnit, instruments, quoteDecimals, clock: { timeMs: 0 } });
        const under = 10n ** BigInt(quoteDecimals);
        const open = new Map<number, { size: Ratio; notional: bigint; fee: bigint }>();
        for (const { isWhole, ...asked } of parts) {
          const notional = unitsOf(times(ratioOf(asked.priceQuote), ratioOf(asked.sizeBase), ratioOf(5)), quoteDecimals);
          const before = perUnit.boundsOf === 'order' ? open.get(asked.orderId) : undefined;
          const own = ratioOf(asked.sizeBase);
          const sizeSum: Ratio =
            before === undefined
              ? own
              : { over: before.size.over * own.under + own.over * before.size.under, under: before.size.under * own.under };
          const notionalSum = (before?.notional ?? 0n) + notional;
          const whole = slowPerUnit(perUnit, sizeSum, { over: notionalSum, under }, quoteDecimals);
          const fee = whole > (before?.fee ?? 0n) ? whole - (before?.fee ?? 0n) : 0n;
          const charged: ChargedFill = { ...asked, instrumentIndex: 0, side: 1, isMaker: false, isWhole };
          const units = model?.feeUnits(charged, notional) ?? -1;
          expect(BigInt(units)).toBe(fee);
          model?.note(charged, notional, units);
          if (isWhole) open.delete(asked.orderId);
          else open.set(asked.orderId, { size: sizeSum, notional: notionalSum, fee: (before?.fee ?? 0n) + fee });
        }
      }),
      { seed, numRuns: 1_000 },
    );
  });

  function slowPerUnit(rule: PerUnitRule, sizeSum: Ratio, notional: Ratio, decimals: number): bigint {
    let fee = times(sizeSum, ratioOf(rule.amountQuote));
    if (isLess(fee, ratioOf(rule.minimumQuote))) fee = ratioOf(rule.minimumQuote);
    if (rule.maximumQuote !== none && isLess(ratioOf(rule.maximumQuote), fee)) fee = ratioOf(rule.maximumQuote);
    const most = rule.maximumFraction === none ? fee : times(notional, ratioOf(rule.maximumFraction));
    return unitsOf(isLess(most, fee) ? most : fee, decimals);
  }

  test('a fixed amount comes on top, and the sum of all fees is what the ledger says', () => {
    const { fills, ledger } = playScript({
      rows: Array.from({ length: 3 }, () => [100, 100, 100, 100] as const),
      settings: {
        costs: {
          feeFixedQuote: 0.25,
          fees: { kind: 'perUnit', amountQuote: 0.1, minimumQuote: 1, maximumQuote: none, maximumFraction: none, boundsOf: 'fill' },
        },
      },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 2 }), 1: ({ order }) => void order.market({ side: 1, sizeBase: 20 }) },
    });
    expect(fills.map((fill) => fill.feeQuote)).toEqual([1.25, 2.25]);
    expect(ledger).toEqual({ deposit: '10000', purchases: '2200', sales: '0', fees: '3.5' });
  });
});

describe("a strategy's own fee", () => {
  const rows = Array.from({ length: 3 }, () => [100, 100, 100, 100] as const);
  const run = (fee: ((fill: { sizeBase: number; isMaker: boolean; timeMs: number }) => number) | undefined, size = 3) =>
    playScript({
      rows,
      settings: { costs: { fees: { kind: 'strategy' } } },
      ...(fee === undefined ? {} : { fee }),
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: size }) },
    });

  test('is asked for each fill and rounded to the currency', () => {
    expect(run(({ sizeBase }) => sizeBase / 7).fills[0].feeQuote).toBe(0.42857143);
    const seen: unknown[] = [];
    run((fill) => {
      seen.push({ ...fill });
      return 0;
    });
    expect(seen.at(-1)).toEqual({
      venue: 'test',
      symbol: 'BTC/USDT',
      side: 1,
      priceQuote: 100,
      sizeBase: 3,
      notionalQuote: 300,
      isMaker: false,
      timeMs: 60_000,
    });
  });

  test('an order that cash does not carry with it is rejected', () => {
    const { orders } = run(() => 9_700.5);
    expect(orders[0].reason).toBe('costs 10000.5 with its fee, cash is 10000');
  });

  test.each([[-1], [Number.NaN], [none], ['1' as unknown as number]])('of %s ends the run, and says of which fill', (value) => {
    expect(() => run(() => value)).toThrow(`the strategy's fee of 3 BTC/USDT at 100 was ${value}, expected a finite number of at least 0`);
  });

  test('has to be declared where the scenario asks for it', () => {
    expect(() => run(undefined)).toThrow('the strategy declares no fee');
    expect(() => new StrategyFees([instrumentOf()], 8, { timeMs: 0 }).declare(undefined)).toThrow('add fee: (fill) => …');
  });

  test('is nobody to plain doubles but a rate', () => {
    const costs = { fees: { kind: 'tiers', tiers } } as const;
    expect(() => playScript({ rows, settings: { costs, semantics: { moneyDecimals: 'none', profile: 'other' } } })).toThrow(
      'the semantics "other" keep cash in plain doubles',
    );
  });
});

describe('a size that is clipped to what cash buys', () => {
  const clipped = (fees: PerUnitRule | { kind: 'strategy' } | { kind: 'tiers'; tiers: readonly FeeTier[] }, fraction = 1) =>
    playScript({
      rows: Array.from({ length: 3 }, () => [100, 100, 100, 100] as const),
      settings: { costs: { fees }, risk: { sizeBufferFraction: 0 } },
      fee: ({ notionalQuote }) => notionalQuote * 0.02 + 50,
      at: { 0: ({ order }) => void order.market({ side: 1, equityFraction: fraction }) },
    });
  const perUnit: PerUnitRule = {
    kind: 'perUnit',
    amountQuote: 2,
    minimumQuote: 30,
    maximumQuote: none,
    maximumFraction: none,
    boundsOf: 'fill',
  };

  test('keeps back no more than a maximum below the minimum', () => {
    const { fills } = clipped({ ...perUnit, amountQuote: 0.01, maximumQuote: 10 });
    const spent = fills[0].notionalQuote + fills[0].feeQuote;
    expect(spent).toBeLessThanOrEqual(10_000);
    expect(spent).toBeGreaterThan(9_998);
  });

  test.each([
    ['per unit', perUnit],
    ['by a function', { kind: 'strategy' } as const],
    ['by tiers', { kind: 'tiers', tiers } as const],
  ])('keeps back its fee %s', (_, fees) => {
    const { orders, fills } = clipped(fees);
    expect(orders[0].status).toBe('filled');
    const spent = fills[0].notionalQuote + fills[0].feeQuote;
    expect(spent).toBeLessThanOrEqual(10_000);
    expect(spent).toBeGreaterThan(9_700);
  });
});
