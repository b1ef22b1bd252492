/**
 * Random fills on the ledgers whose fees are more than a rate: tiers by what was traded, paid from a purse while that carries them; and fees
 * taken from what is bought. Beside each an account of exact fractions that shares nothing with it; cash must agree to the last digit.
 */
import { expect, test } from 'vitest';
import { FeePurse } from '../costs/fee-purse.ts';
import { TieredFees } from '../costs/fees.ts';
import { Grid } from '../model/grid.ts';
import { dayMs } from '../model/timeframe.ts';
import { createRandom, type Random } from '../random.ts';
import { Fraction } from '../testing/fraction.ts';
import { instrumentOf, tapeOf } from '../testing/tapes.ts';
import { BaseFeeLedger } from './base-fee-ledger.ts';
import { Conversion } from './conversion.ts';
import { CurrencyLedgers } from './currency-ledgers.ts';
import { DecimalLedger, type FillAmounts } from './ledger.ts';

const seed = 20_260_511;
const fillCount = 20_000;
const zero = Fraction.of(0);
const instruments = [
  instrumentOf({ symbol: 'A', tickSize: 0.01, lotSize: 0.001, baseDecimals: 6 }),
  instrumentOf({ symbol: 'B', tickSize: 1e-8, lotSize: 10, multiplier: 12.5, baseDecimals: 0, venue: 'other' }),
];

/** Mostly everyday sizes, some that leave what a double can hold. */
function fillOf(random: Random): FillAmounts {
  const instrumentIndex = random() < 0.5 ? 0 : 1;
  const { tickSize, lotSize } = instruments[instrumentIndex];
  const digits = 1 + Math.floor(random() * (random() < 0.05 ? 12 : 5));
  const sizeBase = new Grid(lotSize).at(1 + Math.floor(random() * Number(`1e${digits}`)));
  const priceQuote = new Grid(tickSize).at(1 + Math.floor(random() * 1_000_000));
  return { instrumentIndex, side: random() < 0.5 ? 1 : -1, priceQuote, sizeBase, isMaker: random() < 0.5 };
}

function notionalOf({ instrumentIndex, priceQuote }: FillAmounts, sizeBase: Fraction, decimals: number): Fraction {
  return Fraction.of(priceQuote).times(sizeBase).times(Fraction.of(instruments[instrumentIndex].multiplier)).rounded(decimals);
}

function unitsOf(amount: Fraction, decimals: number): bigint {
  return (amount.numerator * 10n ** BigInt(decimals)) / amount.denominator;
}

test(`tiers paid from a purse leave the cash of exact fractions after each of ${fillCount} fills (seed ${seed})`, () => {
  const random = createRandom(seed);
  const clock = { timeMs: 0 };
  const tiers = [
    { fromQuote: 0, maker: 0.0011, taker: 0.0025 },
    { fromQuote: 20_000_000, maker: -0.0001, taker: 0.00175 },
    { fromQuote: 5_000_000_000, maker: 0, taker: 0.0009 },
  ];
  const feeRates = instruments.map(() => ({ maker: 0, taker: 0 }));
  const ledgerOf = (initialCapitalQuote: number, quoteDecimals: number, feeModel: TieredFees | null) =>
    new DecimalLedger({ instruments, initialCapitalQuote, quoteDecimals, feeRates, feeFixedQuote: 0, feeModel });
  const rates = Array.from({ length: 300 }, (_, i) => 200 + ((i * 7919) % 40_001) / 100);
  const tape = tapeOf(
    rates.map((rate) => [rate, rate, rate, rate]),
    { timeframe: '1d' },
  );
  const conversion = new Conversion({ tape, baseCurrency: 'BNB', quoteCurrency: 'USD', baseDecimals: 8, quoteDecimals: 2 }, 'USD', clock);
  const bnb = ledgerOf(40_000, 8, null);
  const usd = ledgerOf(1_000_000, 2, new TieredFees({ tiers, instruments, quoteDecimals: 2, clock }));
  const ledgers = new CurrencyLedgers({
    accounts: [
      { currency: 'USD', ledger: usd, conversion: null },
      { currency: 'BNB', ledger: bnb, conversion },
    ],
    accountOf: [0, 0],
    convertsAtFill: false,
    feePurse: new FeePurse({ ledger: bnb, conversion }, { currency: 'BNB', discountFraction: 0 }),
    conversionCostFraction: 0,
    onConverted() {},
  });
  let cash = Fraction.of(1_000_000);
  let purse = Fraction.of(40_000);
  const traded: { readonly timeMs: number; readonly i: number; readonly notional: Fraction }[] = [];
  const windows = [zero, zero];
  const counts = { tiers: new Set<number>(), purse: 0, quote: 0 };
  let old = 0;
  for (let n = 0; n < fillCount; n++) {
    clock.timeMs = Math.floor(((n + 1) / fillCount) * rates.length * dayMs);
    const fill = fillOf(random);
    const i = fill.instrumentIndex;
    for (; old < traded.length && traded[old].timeMs <= clock.timeMs - 30 * dayMs; old++)
      windows[traded[old].i] = windows[traded[old].i].minus(traded[old].notional).rounded(2);
    const notional = notionalOf(fill, Fraction.of(fill.sizeBase), 2);
    const tier = tiers.findLastIndex(({ fromQuote }) => !windows[i].minus(Fraction.of(fromQuote)).isNegative);
    const fee = notional.times(Fraction.of(fill.isMaker ? tiers[tier].maker : tiers[tier].taker)).rounded(2);
    traded.push({ timeMs: clock.timeMs, i, notional });
    windows[i] = windows[i].plus(notional).rounded(2);
    const closed = Math.floor(clock.timeMs / dayMs) - 1;
    const left = closed < 0 ? Fraction.of(-1) : purse.minus(fee.over(Fraction.of(rates[closed])).rounded(8)).rounded(8);
    counts.tiers.add(tier);
    cash = (fill.side > 0 ? cash.minus(notional) : cash.plus(notional)).rounded(2);
    if (left.isNegative) cash = cash.minus(fee).rounded(2);
    else purse = left;
    counts[left.isNegative ? 'quote' : 'purse']++;
    ledgers.settle(fill);
    if (BigInt(usd.units) !== unitsOf(cash, 2) || BigInt(bnb.units) !== unitsOf(purse, 8))
      expect([n, usd.units, bnb.units]).toEqual([n, unitsOf(cash, 2), unitsOf(purse, 8)]);
  }
  ledgers.assertBalanced();
  expect(counts.tiers.size).toBe(3);
  expect(Math.min(counts.purse, counts.quote)).toBeGreaterThan(1_000);
});

test(`fees taken from what is bought leave the cash and the base of exact fractions after each of ${fillCount} fills (seed ${seed})`, () => {
  const random = createRandom(seed);
  const feeRates = [
    { maker: 0.0002, taker: 0.00055 },
    { maker: 0, taker: 0.1 },
  ];
  const ledger = new BaseFeeLedger({ instruments, initialCapitalQuote: 1_000_000, quoteDecimals: 2, feeRates, feeFixedQuote: 0.25 });
  let cash = Fraction.of(1_000_000);
  for (let n = 0; n < fillCount; n++) {
    const fill = fillOf(random);
    const { instrumentIndex: i, sizeBase, isMaker } = fill;
    const rate = Fraction.of(isMaker ? feeRates[i].maker : feeRates[i].taker);
    const notional = notionalOf(fill, Fraction.of(sizeBase), 2);
    const fixed = Fraction.of(0.25);
    const inBase = Fraction.of(sizeBase).times(rate).rounded(instruments[i].baseDecimals);
    if (fill.side > 0) cash = cash.minus(notional).minus(fixed).rounded(2);
    else cash = cash.plus(notional).minus(notional.times(rate).rounded(2)).minus(fixed).rounded(2);
    ledger.settle(fill);
    const isSame = BigInt(ledger.units) === unitsOf(cash, 2) && ledger.feeBase(fill) === Number(inBase.text(instruments[i].baseDecimals));
    if (!isSame) expect([n, ledger.units, ledger.feeBase(fill)]).toEqual([n, unitsOf(cash, 2), inBase.text(instruments[i].baseDecimals)]);
  }
  ledger.assertBalanced();
  expect(Object.keys(ledger.causes())).toEqual(['deposit', 'purchases', 'sales', 'fees']);
});
