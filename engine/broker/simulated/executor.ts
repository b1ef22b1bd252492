/** Owns the moment an order fills: how much, at which price, whether the account lets it, and what follows from it. Never decides that it fills. */
import { figureText } from '../../figure-text.ts';
import { hasAttached, isLimitNow, type Order } from '../../model/order.ts';
import type { Execution } from '../broker.ts';
import { type Bracket, Brackets } from './brackets.ts';
import { EntryBars } from './entry-bars.ts';
import { comesAsLimit } from './fill-rules.ts';
import type { Moment } from './fill-terms.ts';
import type { Floor } from './floor.ts';
import type { MatchBar } from './match-bar.ts';
import { Protectors } from './protectors.ts';
import { WholePositions } from './whole-position.ts';

export class Executor {
  readonly protectors: Protectors;
  readonly brackets: Brackets;
  readonly wholePositions: WholePositions;
  private readonly entryBars: EntryBars;
  /** What could be filled on the last bar alone enters no more. */
  private readonly keepsOffLastBar: boolean;
  /** Where a bar is walked, what an entry makes is live on the rest of the walk; or it waits for the next bar. */
  private readonly settlesEntries: boolean;
  /** Fees are taken from what is bought. */
  private readonly receivesLess: boolean;
  private readonly floor: Floor;
  private readonly execution: Execution = newExecution();

  constructor(floor: Floor) {
    this.floor = floor;
    this.settlesEntries = floor.settings.ambiguity !== 'path' && !floor.protectsFromNextBar;
    this.protectors = new Protectors(floor);
    this.brackets = new Brackets(floor, this.protectors);
    this.wholePositions = new WholePositions(floor, this.protectors);
    this.entryBars = new EntryBars(floor, this);
    this.receivesLess = floor.settings.costs.feeCurrency === 'base';
    this.keepsOffLastBar = floor.settings.semantics.lastBarEntry === 'never';
  }

  /** A market order without terms that is all that rests, at the open. */
  executeLone(order: Order, bar: MatchBar): void {
    if (!this.fillsSurely(order, bar)) this.execute(order, bar, bar.open, 'open');
  }

  /** As execute, where nothing can object, nothing is left over and nothing follows: so are most fills. False where that is not sure. */
  private fillsSurely(order: Order, bar: MatchBar): boolean {
    const { gate, terms, sink, book } = this.floor;
    if (!terms.isPlain || this.keepsOffLastBar || this.hasFollowers(order)) return false;
    const { execution } = this;
    const price = terms.onTickAgainst(order, bar.open);
    execution.orderId = order.id;
    execution.instrumentIndex = order.instrumentIndex;
    execution.side = order.side;
    execution.priceQuote = price;
    execution.slippageQuote = Math.abs(price - bar.open);
    execution.isMaker = false;
    execution.isWhole = true;
    execution.timeMs = bar.knownMs;
    execution.openTimeMs = bar.stampOpenMs;
    execution.bar = bar.bar;
    if (!gate.surelyFills(order, execution)) return false;
    order.filledBase = execution.sizeBase;
    book.noteEnd();
    sink.onFill(order, execution);
    return true;
  }

  /** Fills an order at a price, as far as volume and account allow. */
  execute(order: Order, bar: MatchBar, unslippedQuote: number, moment: Moment): void {
    const { gate, terms, sink } = this.floor;
    const positionBefore = gate.positionBase(order.instrumentIndex);
    // A part filled makes a limit of a stop-limit: what it came as is told before.
    const isLimitLike = comesAsLimit(order);
    if (this.keepsOffLastBar && this.isLastEntry(order, bar, positionBefore)) return;
    const mayFill = terms.quantity(order, bar, moment);
    if (!(mayFill > 0)) {
      this.noteReached(order);
      return;
    }
    // What slips by its size is asked for it before the price; a size made, or cut to cash, at the fill hangs on the price in turn.
    const known = Number.isNaN(order.sizeBase) ? Number.NaN : gate.sizeAtFill(order, unslippedQuote, unslippedQuote);
    const price = terms.price(order, bar, unslippedQuote, Math.min(known, mayFill), moment);
    const wanted = price === unslippedQuote && !Number.isNaN(known) ? known : gate.sizeAtFill(order, price, unslippedQuote);
    if (!(wanted > 0)) {
      if (order.isReduceOnly) this.floor.cancel(order, 'nothing left to reduce');
      else this.floor.reject(order, `the account carries less than one lot at ${figureText(price)}`);
      return;
    }
    if (order.isReduceOnly && order.role === 'own') this.cutForGood(order, Math.abs(positionBefore));
    const sizeBase = Math.min(wanted, mayFill);
    if (sizeBase < wanted && order.terms?.timeInForce === 'FOK') return;
    const { execution } = this;
    execution.orderId = order.id;
    execution.instrumentIndex = order.instrumentIndex;
    execution.side = order.side;
    execution.priceQuote = price;
    execution.sizeBase = sizeBase;
    execution.slippageQuote = Math.abs(price - unslippedQuote);
    execution.isMaker = isMaker(order, unslippedQuote, moment);
    execution.isWhole = sizeBase === wanted;
    execution.timeMs = bar.knownMs;
    execution.openTimeMs = bar.stampOpenMs;
    execution.bar = bar.bar;
    const reason = gate.refusal(order, execution);
    if (reason !== '') {
      this.floor.reject(order, reason);
      return;
    }
    order.filledBase = order.filledBase === 0 ? sizeBase : this.floor.lotsOf(order.instrumentIndex, order.filledBase + sizeBase);
    terms.draw(bar, moment, sizeBase);
    if (execution.isWhole) {
      this.floor.book.noteEnd();
      this.floor.queues?.leave(order);
    } else if (!isLimitNow(order)) {
      order.isTriggered = true;
      this.floor.book.noteChange();
      this.floor.queues?.join(order, this.floor.nowMs);
    }
    sink.onFill(order, execution);
    if (this.hasFollowers(order))
      this.follow(order, { positionBefore, sizeBase, price, unslippedQuote, isWhole: execution.isWhole, moment, bar, isLimitLike });
  }

  /** To what there is to reduce: it does not reduce what is opened later. */
  private cutForGood(order: Order, positionBase: number): void {
    const most = this.floor.lotsOf(order.instrumentIndex, order.filledBase + positionBase);
    if (most < order.sizeBase) order.sizeBase = most;
  }

  /** Its price was reached, and there was no volume left: it is what a part filled would have made of it. */
  private noteReached(order: Order): void {
    if (order.kind !== 'market' && !order.isTriggered && !isLimitNow(order)) this.floor.trigger(order);
  }

  /** Something hangs on a fill of this order: nothing does in most runs. */
  private hasFollowers(order: Order): boolean {
    const { brackets, wholePositions, floor } = this;
    return hasAttached(order) || brackets.has(order.instrumentIndex) || !wholePositions.isEmpty || !floor.groups.isEmpty;
  }

  /** What a fill brings with it: protections made, lowered or ended, linked orders cancelled, held ones sent. */
  private follow(order: Order, fill: Follow): void {
    const { groups } = this.floor;
    let fresh: Bracket | null = null;
    if (hasAttached(order) || this.brackets.has(order.instrumentIndex)) {
      const { positionBefore, price, isWhole, bar } = fill;
      const sizeBase = this.receivesLess ? this.received(order, fill) : fill.sizeBase;
      const isInside = fill.moment === 'inside';
      fresh = this.brackets.afterFill(order, { positionBefore, sizeBase, priceQuote: price, isWhole, isInside, bar });
    }
    if (!this.wholePositions.isEmpty) this.wholePositions.afterFill(order);
    // Inside finer bars the time is theirs, but what waited is sent as of the close of the bar they replace: its price is what sizes it.
    const { insideMs } = this.floor;
    if (fill.bar.isFiner) this.floor.insideMs = Number.NaN;
    groups.noteFill(order, fill.price, fill.moment !== 'open');
    this.floor.insideMs = insideMs;
    if (fresh !== null && fill.moment === 'inside' && this.settlesEntries) this.entryBars.settle(order, fresh, fill);
  }

  /** Whole lots of what a purchase has added behind a fee in kind. */
  private received(order: Order, { positionBefore, sizeBase }: Follow): number {
    const { gate } = this.floor;
    const change = (gate.positionBase(order.instrumentIndex) - positionBefore) * order.side;
    return change < sizeBase ? this.floor.wholeLots(order.instrumentIndex, change) : sizeBase;
  }

  /** It opens or adds on the last bar of the run, and no earlier bar could have filled it. */
  private isLastEntry(order: Order, { series, bar }: MatchBar, positionBase: number): boolean {
    if (order.isReduceOnly || positionBase * order.side < 0) return false;
    const { rowTimeMs } = this.floor.feed;
    return series.closeMs(bar) === rowTimeMs[rowTimeMs.length - 1] && order.submittedMs > series.openMs(bar - 1);
  }
}

interface Follow {
  readonly positionBefore: number;
  readonly sizeBase: number;
  readonly price: number;
  readonly unslippedQuote: number;
  readonly isWhole: boolean;
  readonly moment: Moment;
  readonly bar: MatchBar;
  /** The price came to it from its worse side. */
  readonly isLimitLike: boolean;
}

/** A limit order that fills at its own price inside a bar, not one that the price had passed when it was made; and what may only ever rest. */
function isMaker(order: Order, unslippedQuote: number, moment: Moment): boolean {
  return (moment === 'inside' && isLimitNow(order) && unslippedQuote === order.limitPrice) || order.terms?.isPostOnly === true;
}

/** Empty, with every price and time a fraction from the start: a field that has held a whole number changes shape at its first fraction. */
function newExecution(): Execution {
  const none = Number.NaN;
  return {
    orderId: 0,
    instrumentIndex: 0,
    side: 1,
    priceQuote: none,
    sizeBase: none,
    slippageQuote: none,
    isMaker: false,
    isWhole: true,
    timeMs: none,
    openTimeMs: none,
    bar: 0,
  };
}
