/**
 * Owns the cash of an account whose positions are contracts: nothing is paid for one but its fee, and what it has won or lost since it was
 * last settled (its variation) comes to cash at a settlement and, for the part closed, at the fill that closes it. Never knows a day.
 *
 * A position's basis is what it stood at when it was opened or last settled, signed like the position, in whole units of the currency. What is
 * closed takes its share of the basis by quantity; which entry it closes matters to trade statistics only.
 */
import { decimalsOf, lotStepOf } from '../model/instrument.ts';
import { DecimalLedger, type FillAmounts, type LedgerInput } from './ledger.ts';
import { addUnits, numberToUnits, ratioOf, unitsToNumber } from './money.ts';

export class FuturesLedger extends DecimalLedger {
  private readonly sizes: bigint[];
  private readonly bases: (number | bigint)[];
  private readonly sizeDecimals: readonly number[];

  constructor(input: LedgerInput) {
    super(input);
    this.sizes = input.instruments.map(() => 0n);
    this.bases = input.instruments.map(() => 0);
    this.sizeDecimals = input.instruments.map((instrument) => decimalsOf(lotStepOf(instrument)));
  }

  override settle(fill: FillAmounts): void {
    const i = fill.instrumentIndex;
    this.compute(fill);
    const notional = this.notionalNow;
    const fee = this.feeNow;
    const size = BigInt(numberToUnits(fill.sizeBase, this.sizeDecimals[i]));
    const held = this.sizes[i];
    const against = fill.side > 0 ? -held : held;
    const closing = against > 0n ? (against < size ? against : size) : 0n;
    const closed = closing > 0n ? ratioOf(notional, closing, size) : 0;
    if (closing > 0n) this.closePart(fill, { closing, notional: closed });
    const opened = addUnits(notional, negated(closed));
    if (closing < size) this.bases[i] = addUnits(this.bases[i], fill.side > 0 ? opened : negated(opened));
    this.sizes[i] = held + (fill.side > 0 ? size : -size);
    this.noteFee(fill);
    this.post('fees', fee);
    this.last.notionalQuote = unitsToNumber(notional, this.quoteDecimals);
    this.last.feeQuote = unitsToNumber(fee, this.quoteDecimals);
  }

  override costUnits(fill: FillAmounts): number | bigint {
    this.compute(fill);
    return this.feeNow;
  }

  /** What the position stood at when it was opened or last settled. */
  basisQuote(instrumentIndex: number): number {
    return unitsToNumber(this.bases[instrumentIndex], this.quoteDecimals);
  }

  /** Moves what the position has won since its last settlement to cash (loses where it lost) and goes on from this price; returns it in quote. */
  settleAt(instrumentIndex: number, priceQuote: number): number {
    const size = this.sizes[instrumentIndex];
    if (size === 0n) return 0;
    const sizeBase = unitsToNumber(size < 0n ? -size : size, this.sizeDecimals[instrumentIndex]);
    const notional = this.notionalUnits(instrumentIndex, priceQuote, sizeBase);
    const basis = size > 0n ? notional : negated(notional);
    const variation = addUnits(basis, negated(this.bases[instrumentIndex]));
    this.bases[instrumentIndex] = basis;
    this.post('settlement', variation);
    return unitsToNumber(variation, this.quoteDecimals);
  }

  /** notional: what the closed part came to at the fill. */
  private closePart({ instrumentIndex, side }: FillAmounts, part: { closing: bigint; notional: number | bigint }): void {
    const held = this.sizes[instrumentIndex];
    const share = ratioOf(this.bases[instrumentIndex], part.closing, held < 0n ? -held : held);
    this.bases[instrumentIndex] = addUnits(this.bases[instrumentIndex], negated(share));
    this.post('settlement', addUnits(side > 0 ? negated(part.notional) : part.notional, negated(share)));
  }
}

function negated(units: number | bigint): number | bigint {
  return units === 0 ? 0 : -units;
}
