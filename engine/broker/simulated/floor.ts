/** Owns what the parts of the simulated broker share: the bars under way, the orders at rest, the account that is asked, the sink that is told. Never decides a fill. */
import { latenciesOf } from '../../costs/latency.ts';
import type { Feed } from '../../feed.ts';
import type { Grid } from '../../model/grid.ts';
import { isMarketNow, type Order } from '../../model/order.ts';
import type { OrderList } from '../../model/order-list.ts';
import { advanceOrder, isWorking } from '../../model/order-state.ts';
import type { RulesInForce } from '../../rules-in-force.ts';
import type { RunSettings } from '../../settings.ts';
import type { BrokerSink, FillGate } from '../broker.ts';
import { Doubts } from './doubts.ts';
import { isLimitReached, type LimitRule } from './fill-rules.ts';
import { FillTerms } from './fill-terms.ts';
import { GoodTill } from './good-till.ts';
import { Groups } from './groups.ts';
import { InsidePrices } from './inside-prices.ts';
import { MatchBar } from './match-bar.ts';
import { ProfitLevels } from './profit-levels.ts';
import { Queues } from './queues.ts';
import { RestingBook } from './resting-book.ts';
import { Targets } from './targets.ts';
import { Trails } from './trails.ts';
import { Transit } from './transit.ts';

export interface SimulatedBrokerInput {
  readonly feed: Feed;
  readonly inForce: RulesInForce;
  readonly settings: RunSettings;
  readonly gate: FillGate;
  readonly sink: BrokerSink;
}

export class Floor {
  readonly feed: Feed;
  readonly settings: RunSettings;
  readonly gate: FillGate;
  readonly sink: BrokerSink;
  readonly rule: LimitRule;
  /** A price that an open has passed is traded at all the same, inside the bar. */
  readonly keepsOwnPrices: boolean;
  readonly protectsFromNextBar: boolean;
  readonly inForce: RulesInForce;
  /** Where rules may still change; null where none ever do. */
  readonly dated: RulesInForce | null;
  readonly terms: FillTerms;
  /** null where no limit stands in a queue. */
  readonly queues: Queues | null;
  /** By instrument; by leg, where there are legs. */
  readonly bars: readonly MatchBar[];
  readonly book: RestingBook;
  readonly groups: Groups;
  readonly goodTill: GoodTill;
  readonly profits: ProfitLevels;
  readonly insidePrices: InsidePrices;
  readonly trails: Trails;
  readonly targets: Targets;
  readonly doubts: Doubts;
  /** null where nothing is ever late. */
  readonly transit: Transit | null;
  /** Bars that bear it are being matched. */
  stamp = 0;
  /** The tape's last bar is played once more: orders made after it take part. */
  isReplaying = false;
  /** Time inside a bar: of the finer ones that have replaced it, or of what arrives in it; NaN where an event tells the time. */
  insideMs = Number.NaN;
  /** Post-only orders that have not taken part in an event yet. */
  private readonly untested = new Set<number>();
  /** As in force now; empty where the semantics leave prices alone. */
  private readonly ticks: readonly Grid[];
  private readonly sizes: readonly Grid[];

  constructor({ feed, inForce, settings, gate, sink }: SimulatedBrokerInput) {
    this.feed = feed;
    this.settings = settings;
    this.gate = gate;
    this.sink = sink;
    const { queue } = settings.liquidity;
    this.rule = { needsPenetration: settings.semantics.limitFill === 'penetrate' || queue !== null };
    this.inForce = inForce;
    this.dated = inForce.areDated ? inForce : null;
    this.ticks = inForce.ticks;
    this.sizes = inForce.sizes;
    this.queues = queue === null ? null : new Queues(queue, feed, inForce.lots);
    this.terms = new FillTerms({ settings, inForce, gate, queues: this.queues });
    this.keepsOwnPrices = settings.semantics.gapFill !== 'open';
    this.protectsFromNextBar = settings.semantics.protectsFrom === 'nextBar';
    const own = feed.finest.map((series) => new MatchBar(series));
    // Both legs of an instrument meet the same bar.
    this.bars = feed.finest.map((series) => own[series.instrumentIndex]);
    this.book = new RestingBook(
      feed.finest.map((series) => series.instrumentIndex),
      settings.semantics.profitReached === 'beyond',
    );
    this.groups = new Groups(this);
    this.goodTill = new GoodTill(this);
    this.profits = new ProfitLevels(settings, inForce);
    this.trails = new Trails(this);
    this.targets = new Targets(this);
    this.insidePrices = new InsidePrices(this);
    this.doubts = new Doubts(inForce.instruments.length);
    const latencies = latenciesOf(settings.latency, settings.seed);
    this.transit = latencies === null ? null : new Transit(this, latencies);
  }

  get nowMs(): number {
    return Number.isNaN(this.insideMs) ? this.feed.timeMs : this.insideMs;
  }

  /** Its bar is being matched, and it was live by the bar's open: nothing fills before it was made. */
  isDue(order: Order, bar: MatchBar): boolean {
    if (bar.stamp !== this.stamp) return false;
    // Finer bars are for what takes part in the bar they replace, and for what its fills attach; what arrives inside that waits for the next open.
    const byMs = bar.isFiner && order.parentId < 0 ? bar.stampOpenMs : bar.openMs;
    return order.liveMs <= byMs || this.isReplaying;
  }

  /** It takes part inside bars: what takes the next open does not, nor what takes one open or nothing. */
  isDueInside(order: Order, bar: MatchBar): boolean {
    if (isMarketNow(order) || order.kind === 'onOpen' || !this.isDue(order, bar)) return false;
    const { terms } = order;
    return terms === undefined || (terms.timeInForce !== 'IOC' && terms.timeInForce !== 'FOK');
  }

  /** Orders at rest that may have something to do at the opens, or on the whole, of the bars that bear the stamp. */
  concerned(isOpen: boolean): OrderList {
    return this.book.concernedBy(this.bars, this.stamp, isOpen);
  }

  /** The bars that bear the stamp are over: of the orders that they concerned, what traded at a limit's price stood before it. */
  passQueues(concerned: OrderList): void {
    const { queues } = this;
    if (queues === null) return;
    const { count } = concerned;
    for (let k = 0; k < count; k++) {
      const order = concerned.at(k);
      const bar = this.bars[order.instrumentIndex];
      if (this.isDueInside(order, bar)) queues.pass(order, bar);
    }
  }

  /** A sum or difference of sizes on the grid of all lots: those of doubles never come out exactly. */
  lotsOf(instrumentIndex: number, sizeBase: number): number {
    return this.sizes[instrumentIndex].round(sizeBase);
  }

  /** As many whole lots as a size holds. */
  wholeLots(instrumentIndex: number, sizeBase: number): number {
    return this.sizes[instrumentIndex].floor(sizeBase);
  }

  /** The tick nearest to a price, of those in force. */
  onTick(instrumentIndex: number, price: number): number {
    return this.ticks.length > 0 ? this.ticks[instrumentIndex].nearest(price) : price;
  }

  /** The tick at or behind a stop's price, away from the market. */
  behind(instrumentIndex: number, price: number, side: number): number {
    return this.ticks.length > 0 ? this.ticks[instrumentIndex].against(price, side) : price;
  }

  /** Takes an order in, live from now on. */
  place(order: Order): void {
    order.liveMs = this.nowMs;
    this.testAnew(order);
    this.book.add(order);
    if (this.queues !== null) this.queues.join(order, this.nowMs);
  }

  /** Sends an order of the strategy's own: it is taken in when it arrives. */
  dispatch(order: Order, fromPrice: number, isInside: boolean): void {
    if (this.transit === null) this.accept(order, fromPrice, isInside);
    else this.transit.sendOrder(order, fromPrice, isInside);
  }

  /** The next event it takes part in tells whether it rests. */
  testAnew(order: Order): void {
    if (order.terms?.isPostOnly === true) this.untested.add(order.id);
  }

  /** Takes in an order of the strategy's own that asks for nothing beyond its kind and its prices. */
  takeIn(order: Order): void {
    this.place(order);
    this.sink.onAccepted(order);
  }

  /** Takes in an order of the strategy's own, with all that its terms ask for. fromPrice: where a trailing stop starts. */
  accept(order: Order, fromPrice: number, isInside: boolean): void {
    this.place(order);
    const { terms } = order;
    if (order.kind === 'trailingStop' && terms?.trail !== undefined)
      this.trails.start(order, terms.trail, { fromPrice, isInside, entryBar: -1, stop: null });
    this.sink.onAccepted(order);
    // Of a held order the day begins now that it is open.
    this.goodTill.watch(order);
  }

  /** It was sent to rest only, has not rested yet, and this open would fill it at once. */
  takesAt(order: Order, open: number): boolean {
    if (order.terms?.isPostOnly !== true || !this.untested.has(order.id)) return false;
    return isLimitReached(order.side, open, order.limitPrice, this.rule);
  }

  rejectTaking(order: Order, open: number): void {
    this.reject(order, `would take at the open ${open}: post-only orders rest`);
  }

  /** It has taken part in an event: from now on it rests. */
  noteRest(order: Order): void {
    if (order.terms?.isPostOnly === true) this.untested.delete(order.id);
  }

  /** What takes part in one open only (or in one close, where market orders fill there) ends behind it. */
  endImmediate(order: Order): void {
    if (order.terms === undefined || !isWorking(order.status)) return;
    if (order.terms.timeInForce === 'IOC') this.cancel(order, 'immediate or cancel');
    else if (order.terms.timeInForce === 'FOK') this.cancel(order, 'fill or kill');
  }

  /** It was on its way before it arrived. */
  isLate({ id }: Order): boolean {
    return this.transit !== null && (this.transit.latencies.bars > 0 || this.transit.latencies.orderMs(id) > 0);
  }

  /** What its price has reached becomes a limit order. */
  trigger(order: Order): void {
    order.isTriggered = true;
    advanceOrder(order, 'trigger');
    this.book.noteChange();
    if (this.queues !== null) this.queues.join(order, this.nowMs);
    this.sink.onChanged(order);
  }

  cancel(order: Order, reason: string): void {
    this.sink.onCancelled(order, reason);
    this.noteEnd(order);
  }

  expire(order: Order, reason: string): void {
    this.sink.onExpired(order, reason);
    this.noteEnd(order);
  }

  /** Whole where nothing of it has filled; what is left of a part is cancelled. */
  reject(order: Order, reason: string): void {
    if (order.filledBase > 0) this.sink.onCancelled(order, reason);
    else this.sink.onRejected(order, reason);
    this.noteEnd(order);
  }

  private noteEnd(order: Order): void {
    this.book.noteEnd();
    if (this.queues !== null) this.queues.leave(order);
    if (this.transit !== null) this.transit.forget(order);
    this.groups.noteEnd(order);
  }
}
