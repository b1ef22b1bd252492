/** Owns what a period costs or settles, in exact amounts of each currency: interest, borrow fees, variation margin, liquidation fees. Never decides when a period ends. */
import { decimalsOf } from '../model/instrument.ts';
import type { AccountEvent } from '../result.ts';
import type { AccountSettings } from '../settings.ts';
import type { DecimalLedger } from './ledger.ts';
import { numberToUnits, ratioOf, unitsToNumber } from './money.ts';
import type { Portfolio } from './portfolio.ts';

export interface AccrualInput {
  readonly account: AccountSettings;
  readonly portfolio: Portfolio;
  readonly events: AccountEvent[];
}

/** A fraction as whole numbers. */
interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export class Accrual {
  private readonly portfolio: Portfolio;
  private readonly events: AccountEvent[];
  private readonly interest: Ratio;
  private readonly borrow: Ratio;
  private readonly liquidation: Ratio;

  constructor({ account, portfolio, events }: AccrualInput) {
    this.portfolio = portfolio;
    this.events = events;
    // A year has 365 days of interest, whatever the year.
    const periodsPerYear = account.accrual === 'hour' ? 365n * 24n : 365n;
    this.interest = ratio(account.kind === 'margin' ? account.interestRateAnnual : 0, periodsPerYear);
    this.borrow = ratio(account.kind === 'margin' ? account.borrowRateAnnual : 0, periodsPerYear);
    this.liquidation = ratio(account.liquidation.feeFraction, 1n);
  }

  /** Books what the period that ends at this time owes or settles. */
  accrue(timeMs: number): void {
    const { portfolio } = this;
    if (portfolio.futures !== null) this.settle(timeMs);
    if (this.interest.numerator > 0n) {
      for (const { currency, ledger } of this.ledgers()) this.chargeInterest(timeMs, currency, ledger);
    }
    if (this.borrow.numerator === 0n) return;
    for (let i = 0; i < portfolio.positionBase.length; i++) if (portfolio.positionBase[i] < 0) this.chargeBorrow(timeMs, i);
  }

  /** Books the fee of a position closed by a margin call; returns it in quote. */
  chargeLiquidation(instrumentIndex: number, priceQuote: number, sizeBase: number): number {
    const ledger = this.ledgerOf(instrumentIndex);
    const { numerator, denominator } = this.liquidation;
    const units = ratioOf(ledger.notionalUnits(instrumentIndex, priceQuote, sizeBase), numerator, denominator);
    if (units !== 0) ledger.post('liquidationFees', units);
    return unitsToNumber(units, ledger.quoteDecimals);
  }

  private settle(timeMs: number): void {
    const { portfolio } = this;
    for (let i = 0; i < portfolio.positionBase.length; i++) {
      if (portfolio.positionBase[i] === 0 || portfolio.futures === null) continue;
      const priceQuote = portfolio.closePriceAt(i, timeMs);
      const amount = portfolio.futures[i].settleAt(i, priceQuote);
      this.note(timeMs, 'settlement', { symbol: portfolio.instruments[i].symbol, sizeBase: portfolio.positionBase[i], priceQuote, amount });
    }
  }

  private chargeInterest(timeMs: number, currency: string, ledger: DecimalLedger): void {
    const { units } = ledger;
    if (units >= 0) return;
    const owed = ratioOf(-units, this.interest.numerator, this.interest.denominator);
    if (owed === 0) return;
    ledger.post('interest', owed);
    const debit = unitsToNumber(-units, ledger.quoteDecimals);
    this.note(timeMs, 'interest', { currency, debit, amount: unitsToNumber(owed, ledger.quoteDecimals) });
  }

  private chargeBorrow(timeMs: number, i: number): void {
    const { portfolio } = this;
    const ledger = this.ledgerOf(i);
    const sizeBase = -portfolio.positionBase[i];
    const priceQuote = portfolio.closePriceAt(i, timeMs);
    const owed = ratioOf(ledger.notionalUnits(i, priceQuote, sizeBase), this.borrow.numerator, this.borrow.denominator);
    if (owed === 0) return;
    ledger.post('borrowFees', owed);
    const amount = unitsToNumber(owed, ledger.quoteDecimals);
    this.note(timeMs, 'borrowFee', { symbol: portfolio.instruments[i].symbol, sizeBase, priceQuote, amount });
  }

  private ledgers(): readonly { readonly currency: string; readonly ledger: DecimalLedger }[] {
    const { currencies, ledger, instruments } = this.portfolio;
    return currencies?.accounts ?? [{ currency: instruments[0].quoteCurrency, ledger: ledger as DecimalLedger }];
  }

  private ledgerOf(instrumentIndex: number): DecimalLedger {
    const { currencies, ledger } = this.portfolio;
    return currencies?.ledgerOf(instrumentIndex) ?? (ledger as DecimalLedger);
  }

  private note(timeMs: number, kind: AccountEvent['kind'], figures: AccountEvent['figures']): void {
    this.events.push(Object.freeze({ timeMs, kind, figures: Object.freeze(figures) }));
  }
}

function ratio(value: number, divisor: bigint): Ratio {
  const decimals = decimalsOf(value);
  return { numerator: BigInt(numberToUnits(value, decimals)), denominator: 10n ** BigInt(decimals) * divisor };
}
