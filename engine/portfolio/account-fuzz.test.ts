/**
 * Random fills, conversions, accruals and settlements in three currencies, on the ledgers of a run and on a second one made of exact fractions
 * that shares nothing with them. After each the cash of the currency it touched must agree to the last digit.
 */
import { describe, expect, test } from 'vitest';
import { Grid } from '../model/grid.ts';
import type { Instrument } from '../model/instrument.ts';
import { createRandom, type Random } from '../random.ts';
import type { AccountEvent } from '../result.ts';
import { type AccountSettings, plainAccount } from '../settings.ts';
import { Fraction } from '../testing/fraction.ts';
import { instrumentOf, tapeOf } from '../testing/tapes.ts';
import { Accrual } from './accrual.ts';
import { Conversion } from './conversion.ts';
import { CurrencyLedgers } from './currency-ledgers.ts';
import { FuturesLedger } from './futures-ledger.ts';
import { cashCauses, DecimalLedger, type FillAmounts, type LedgerInput } from './ledger.ts';
import type { Portfolio } from './portfolio.ts';

const seed = 20_260_504;
const minuteMs = 60_000;
const codes = ['USD', 'EUR', 'JPY'] as const;
type Code = (typeof codes)[number];
const decimals: Readonly<Record<Code, number>> = { USD: 2, EUR: 4, JPY: 0 };
const instruments: readonly Instrument[] = [
  instrumentOf({ symbol: 'A', quoteCurrency: 'USD', tickSize: 0.01, lotSize: 0.001 }),
  instrumentOf({ symbol: 'B', quoteCurrency: 'EUR', tickSize: 0.00025, lotSize: 1e-8, multiplier: 12.5 }),
  instrumentOf({ symbol: 'C', quoteCurrency: 'JPY', tickSize: 0.5, lotSize: 1 }),
  instrumentOf({ symbol: 'D', quoteCurrency: 'EUR', tickSize: 1e-8, lotSize: 10, multiplier: 1000 }),
];
const feeRates: LedgerInput['feeRates'] = [
  { maker: 0.0002, taker: 0.00055 },
  { maker: 0, taker: 0.001 },
  { maker: 0.00033, taker: 0.00077 },
  { maker: 0.0001, taker: 0.1 },
];
const feeFixedQuote = 1;
const account: AccountSettings = {
  ...plainAccount,
  interestRateAnnual: 0.0675,
  borrowRateAnnual: 0.03125,
  liquidation: { rule: 'all', feeFraction: 0.0125 },
  conversion: { policy: 'atFill', costFraction: 0.0015 },
};
const rateRows = Array.from({ length: 400 }, (_, i) => 100 + ((i * 7919) % 4001) / 100);
/** EUR in USD, and USD in JPY: the second is turned round. */
const rates: Readonly<Record<'EUR' | 'JPY', readonly number[]>> = {
  EUR: rateRows.map((row) => Number((row / 125).toFixed(5))),
  JPY: rateRows.map((row) => Number((row + 20.25).toFixed(3))),
};

/** The independent reference. */
class SlowAccount {
  readonly cash: Record<Code, Fraction>;
  readonly sizes = instruments.map(() => Fraction.of(0));
  readonly bases = instruments.map(() => Fraction.of(0));
  private readonly isFutures: boolean;
  constructor(isFutures: boolean, start: Readonly<Record<Code, number>>) {
    this.isFutures = isFutures;
    this.cash = { USD: Fraction.of(start.USD), EUR: Fraction.of(start.EUR), JPY: Fraction.of(start.JPY) };
  }

  fill({ instrumentIndex: i, side, priceQuote, sizeBase, isMaker }: FillAmounts, rateNow: Readonly<Record<'EUR' | 'JPY', number>>): void {
    const code = instruments[i].quoteCurrency as Code;
    const size = Fraction.of(sizeBase);
    const notional = this.notional(i, priceQuote, size);
    const fee = notional
      .times(Fraction.of(isMaker ? feeRates[i].maker : feeRates[i].taker))
      .rounded(decimals[code])
      .plus(Fraction.of(feeFixedQuote));
    this.pay(code, fee);
    if (this.isFutures) this.trade(i, side, size, notional);
    else this.pay(code, side > 0 ? notional : Fraction.of(0).minus(notional));
    const signed = side > 0 ? size : Fraction.of(0).minus(size);
    this.sizes[i] = this.sizes[i].plus(signed).rounded(8);
    if (code !== 'USD' && this.cash[code].isNegative) this.convert(code, rateNow[code]);
  }

  /** The day's end: what every short and every debit owes, or what every contract has won. */
  accrue(prices: readonly number[]): void {
    for (const [i, size] of this.sizes.entries()) {
      const code = instruments[i].quoteCurrency as Code;
      if (this.isFutures) {
        const basis = this.signedNotional(i, prices[i], size);
        this.pay(code, this.bases[i].minus(basis));
        this.bases[i] = basis;
      }
    }
    if (this.isFutures) return;
    for (const code of codes) {
      const owed = Fraction.of(0).minus(this.cash[code]).times(Fraction.of(account.interestRateAnnual)).over(Fraction.of(365));
      if (this.cash[code].isNegative) this.pay(code, owed.rounded(decimals[code]));
    }
    for (const [i, size] of this.sizes.entries()) {
      const code = instruments[i].quoteCurrency as Code;
      if (!size.isNegative) continue;
      const owed = this.notional(i, prices[i], Fraction.of(0).minus(size))
        .times(Fraction.of(account.borrowRateAnnual))
        .over(Fraction.of(365));
      this.pay(code, owed.rounded(decimals[code]));
    }
  }

  liquidate(i: number, priceQuote: number, sizeBase: number): void {
    const code = instruments[i].quoteCurrency as Code;
    const notional = this.notional(i, priceQuote, Fraction.of(sizeBase));
    this.pay(code, notional.times(Fraction.of(account.liquidation.feeFraction)).rounded(decimals[code]));
  }

  private trade(i: number, side: number, size: Fraction, notional: Fraction): void {
    const code = instruments[i].quoteCurrency as Code;
    const held = this.sizes[i];
    const isAgainst = held.numerator !== 0n && held.isNegative === side > 0;
    const heldSize = held.isNegative ? Fraction.of(0).minus(held) : held;
    const closing = !isAgainst ? Fraction.of(0) : size.minus(heldSize).isNegative ? size : heldSize;
    const closed = notional.times(closing).over(size).rounded(decimals[code]);
    if (closing.numerator !== 0n) {
      const share = this.bases[i].times(closing).over(heldSize).rounded(decimals[code]);
      const value = held.isNegative ? Fraction.of(0).minus(closed) : closed;
      this.pay(code, share.minus(value));
      this.bases[i] = this.bases[i].minus(share).rounded(decimals[code]);
    }
    const opened = notional.minus(closed);
    this.bases[i] = (side > 0 ? this.bases[i].plus(opened) : this.bases[i].minus(opened)).rounded(decimals[code]);
  }

  private convert(code: 'EUR' | 'JPY', rate: number): void {
    const lacking = Fraction.of(0).minus(this.cash[code]);
    const paid = (code === 'EUR' ? lacking.times(Fraction.of(rate)) : lacking.over(Fraction.of(rate))).rounded(decimals.USD);
    this.cash[code] = Fraction.of(0);
    this.pay('USD', paid.plus(paid.times(Fraction.of(account.conversion.costFraction)).rounded(decimals.USD)));
  }

  private notional(i: number, priceQuote: number, size: Fraction): Fraction {
    const { multiplier, quoteCurrency } = instruments[i];
    return Fraction.of(priceQuote)
      .times(size)
      .times(Fraction.of(multiplier))
      .rounded(decimals[quoteCurrency as Code]);
  }

  private signedNotional(i: number, priceQuote: number, size: Fraction): Fraction {
    return size.isNegative
      ? Fraction.of(0).minus(this.notional(i, priceQuote, Fraction.of(0).minus(size)))
      : this.notional(i, priceQuote, size);
  }

  private pay(code: Code, amount: Fraction): void {
    this.cash[code] = this.cash[code].minus(amount).rounded(decimals[code]);
  }
}

interface Rig {
  readonly ledgers: CurrencyLedgers;
  readonly slow: SlowAccount;
  readonly accrual: Accrual;
  readonly clock: { timeMs: number };
  readonly prices: number[];
  readonly positionBase: Float64Array;
}

function rigOf(kind: 'margin' | 'futures'): Rig {
  const clock = { timeMs: 0 };
  const start = { USD: 1_000_000, EUR: 25_000.5, JPY: 3_000_000 };
  const accounts = codes.map((currency) => {
    const input = { instruments, initialCapitalQuote: start[currency], quoteDecimals: decimals[currency], feeRates, feeFixedQuote };
    const ledger = kind === 'futures' ? new FuturesLedger(input) : new DecimalLedger(input);
    if (currency === 'USD') return { currency, ledger, conversion: null };
    const tape = tapeOf(rates[currency].map((rate) => [rate, rate, rate, rate]));
    const [baseCurrency, quoteCurrency] = currency === 'EUR' ? ['EUR', 'USD'] : ['USD', 'JPY'];
    const source = { tape, baseCurrency, quoteCurrency, baseDecimals: 2, quoteDecimals: 2 };
    return { currency, ledger, conversion: new Conversion(source, 'USD', clock) };
  });
  const accountOf = instruments.map((one) => codes.indexOf(one.quoteCurrency as Code));
  const { costFraction } = account.conversion;
  const ledgers = new CurrencyLedgers({
    accounts,
    accountOf,
    convertsAtFill: true,
    feePurse: null,
    conversionCostFraction: costFraction,
    onConverted() {},
  });
  const prices = [100, 2, 5000, 0.001];
  const positionBase = new Float64Array(instruments.length);
  const futures = kind === 'futures' ? accountOf.map((place) => accounts[place].ledger as FuturesLedger) : null;
  // What Accrual reads of a portfolio, with the marks in the test's own hand.
  const portfolio = { instruments, positionBase, futures, currencies: ledgers, ledger: ledgers, closePriceAt: (i: number) => prices[i] };
  const events: AccountEvent[] = [];
  const accrual = new Accrual({ account: { ...account, kind }, portfolio: portfolio as unknown as Portfolio, events });
  return { ledgers, slow: new SlowAccount(kind === 'futures', start), accrual, clock, prices, positionBase };
}

/** A fill of very different lengths: everyday sizes mostly, some that leave what a double can hold. */
function fillOf(random: Random, prices: number[]): FillAmounts {
  const instrumentIndex = Math.floor(random() * instruments.length);
  const { tickSize, lotSize } = instruments[instrumentIndex];
  const digits = 1 + Math.floor(random() * (random() < 0.05 ? 13 : 5));
  const priceQuote = new Grid(tickSize).at(1 + Math.floor(random() * 1_000_000));
  const sizeBase = new Grid(lotSize).at(1 + Math.floor(random() * Number(`1e${digits}`)));
  prices[instrumentIndex] = priceQuote;
  return { instrumentIndex, side: random() < 0.5 ? 1 : -1, priceQuote, sizeBase, isMaker: random() < 0.5 };
}

describe.each(['margin', 'futures'] as const)('a %s account in three currencies', (kind) => {
  const operationCount = 60_000;

  test(`has the cash of exact fractions after each of ${operationCount} operations (seed ${seed})`, () => {
    const random = createRandom(seed);
    const { ledgers, slow, accrual, clock, prices, positionBase } = rigOf(kind);
    const rateNow = { EUR: 0, JPY: 0 };
    let largest = 0n;
    let fillCount = 0;
    for (let n = 0; n < operationCount; n++) {
      const bar = Math.min(rateRows.length - 1, Math.floor((n / operationCount) * rateRows.length));
      clock.timeMs = (bar + 1) * minuteMs;
      rateNow.EUR = rates.EUR[bar];
      rateNow.JPY = rates.JPY[bar];
      const draw = random();
      if (draw < 0.9) {
        const fill = fillOf(random, prices);
        ledgers.settle(fill);
        slow.fill(fill, rateNow);
        const grid = new Grid(instruments[fill.instrumentIndex].lotSize);
        positionBase[fill.instrumentIndex] = grid.round(positionBase[fill.instrumentIndex] + fill.side * fill.sizeBase);
        fillCount++;
      } else if (draw < 0.97) {
        accrual.accrue(n);
        slow.accrue(prices);
      } else {
        const i = Math.floor(random() * instruments.length);
        const size = new Grid(instruments[i].lotSize).at(1 + Math.floor(random() * 10_000));
        accrual.chargeLiquidation(i, prices[i], size);
        slow.liquidate(i, prices[i], size);
      }
      for (const { currency, ledger } of ledgers.accounts) {
        const code = currency as Code;
        const expected = (slow.cash[code].numerator * 10n ** BigInt(decimals[code])) / slow.cash[code].denominator;
        const difference = BigInt(ledger.units) - expected;
        const size = difference < 0n ? -difference : difference;
        if (size > largest) largest = size;
      }
    }
    ledgers.assertBalanced();
    const told = Object.keys({ ...ledgers.causes(), ...ledgers.otherCauses().EUR });
    console.info(
      `${kind}: ${operationCount} operations, ${fillCount} of them fills, 3 currencies, largest discrepancy ${largest} in the last digit`,
    );
    expect(largest).toBe(0n);
    expect(fillCount).toBeGreaterThan(50_000);
    // Every cause that this kind of account knows came up.
    const never = kind === 'margin' ? ['settlement', 'writeOff'] : ['interest', 'borrowFees', 'writeOff'];
    expect(new Set([...told, ...never])).toEqual(new Set(Object.keys(cashCauses)));
  });
});
