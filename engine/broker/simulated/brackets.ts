/**
 * Owns which stop, target and trailing stop protect which entry. Never fills them.
 *
 * The three cancel one another and follow what is left of their entry. An exit of another order closes the oldest entries first, protected or
 * not, and lowers their brackets with them.
 */
import { hasAttached, type Order } from '../../model/order.ts';
import type { Floor } from './floor.ts';
import type { MatchBar } from './match-bar.ts';
import type { Protection, Protectors } from './protectors.ts';

/** What protects one entry; an entry without protection only counts in its turn. */
export class Bracket {
  readonly entryId: number;
  readonly protection: Protection;
  /** What is left of the entry. */
  sizeBase = 0;
  constructor(entryId: number, protection: Protection) {
    this.entryId = entryId;
    this.protection = protection;
  }
}

/** One fill of an entry, oldest first. */
interface Part {
  readonly bracket: Bracket;
  sizeBase: number;
}

/** A fill as brackets look at it. */
export interface FillFacts {
  readonly positionBefore: number;
  readonly sizeBase: number;
  readonly priceQuote: number;
  readonly isWhole: boolean;
  readonly isInside: boolean;
  readonly bar: MatchBar;
}

export class Brackets {
  private readonly floor: Floor;
  private readonly protectors: Protectors;
  private readonly parts: Part[][];

  constructor(floor: Floor, protectors: Protectors) {
    this.floor = floor;
    this.protectors = protectors;
    this.parts = floor.bars.map(() => []);
  }

  has(instrumentIndex: number): boolean {
    return this.parts[instrumentIndex].length > 0;
  }

  /** A part of this entry has filled and is protected. */
  hasOf(entry: Order): boolean {
    return entry.filledBase > 0 && this.parts[entry.instrumentIndex].some(({ bracket }) => bracket.entryId === entry.id);
  }

  /** Follows a fill. The bracket that it made; null where it made none. */
  afterFill(order: Order, fill: FillFacts): Bracket | null {
    const i = order.instrumentIndex;
    if (order.parentId >= 0) {
      this.afterOwnExit(order, fill);
      return null;
    }
    const { positionBefore, sizeBase } = fill;
    const closing = positionBefore * order.side < 0 ? Math.min(Math.abs(positionBefore), sizeBase) : 0;
    if (closing > 0) this.reduce(order, closing);
    const opened = closing === 0 ? sizeBase : this.floor.lotsOf(i, sizeBase - closing);
    if (opened <= 0) return null;
    // Entries without protection are counted too: an exit closes the oldest first, protected or not.
    if (positionBefore * order.side > 0 && !this.has(i)) this.append(i, new Bracket(-1, this.protectors.none), Math.abs(positionBefore));
    return this.open(order, opened, fill);
  }

  private open(order: Order, opened: number, fill: FillFacts): Bracket | null {
    const i = order.instrumentIndex;
    const own = this.parts[i].find(({ bracket }) => bracket.entryId === order.id)?.bracket;
    if (own !== undefined) {
      this.append(i, own, opened);
      this.protectors.resize(own.protection, own.sizeBase);
      return null;
    }
    const isProtected = hasAttached(order);
    const bracket = new Bracket(order.id, isProtected ? this.protectors.forEntry(order, opened, fill) : this.protectors.none);
    this.append(i, bracket, opened);
    return isProtected ? bracket : null;
  }

  private append(instrumentIndex: number, bracket: Bracket, sizeBase: number): void {
    bracket.sizeBase = this.floor.lotsOf(instrumentIndex, bracket.sizeBase + sizeBase);
    this.parts[instrumentIndex].push({ bracket, sizeBase });
  }

  /** A stop or target of a bracket filled: whole, it ends the others; in part, they follow. */
  private afterOwnExit(order: Order, fill: FillFacts): void {
    const parts = this.parts[order.instrumentIndex];
    const bracket = parts.find((part) => part.bracket.entryId === order.parentId)?.bracket;
    if (bracket === undefined) return;
    const rest = fill.isWhole ? 0 : this.floor.lotsOf(order.instrumentIndex, bracket.sizeBase - fill.sizeBase);
    let toTake = rest > 0 ? fill.sizeBase : bracket.sizeBase;
    for (const part of parts.filter((one) => one.bracket === bracket)) toTake = this.take(order.instrumentIndex, part, toTake);
    this.sweep(order.instrumentIndex);
    if (rest > 0) this.protectors.resize(bracket.protection, rest);
    else this.protectors.end(bracket.protection, filledReason(order));
  }

  /** Another exit closes the oldest first. */
  private reduce(exit: Order, sizeBase: number): void {
    const parts = this.parts[exit.instrumentIndex];
    const touched = new Set<Bracket>();
    let toTake = sizeBase;
    for (const part of parts) {
      if (toTake <= 0) break;
      toTake = this.take(exit.instrumentIndex, part, toTake);
      touched.add(part.bracket);
    }
    this.sweep(exit.instrumentIndex);
    for (const { sizeBase: left, protection } of touched) {
      if (left > 0) this.protectors.resize(protection, left);
      else this.protectors.end(protection, 'the position it protected was closed');
    }
  }

  /** Lowers a part and its bracket; what of the quantity is left for the next. */
  private take(i: number, part: Part, sizeBase: number): number {
    const size = Math.min(sizeBase, part.sizeBase);
    part.sizeBase = this.floor.lotsOf(i, part.sizeBase - size);
    part.bracket.sizeBase = this.floor.lotsOf(i, part.bracket.sizeBase - size);
    return this.floor.lotsOf(i, sizeBase - size);
  }

  private sweep(instrumentIndex: number): void {
    this.parts[instrumentIndex] = this.parts[instrumentIndex].filter((part) => part.sizeBase > 0);
  }
}

function filledReason(order: Order): string {
  if (order.role === 'stopLoss') return 'the stop filled';
  return order.role === 'trail' ? 'the trailing stop filled' : 'the target filled';
}
