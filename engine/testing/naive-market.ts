/**
 * Owns a second, slow implementation of matching and money for the property test: an object a bar, whole ticks and lots, cash in BigInt.
 * Shares no code with the engine and is written from the rules alone. Never used by a run.
 */

/** One bar in whole ticks. */
export interface NaiveBar {
  readonly openMs: number;
  readonly closeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface NaiveRules {
  readonly isSpot: boolean;
  readonly isOptimistic: boolean;
  readonly needsPenetration: boolean;
  /** Parts of ten thousand. */
  readonly slippage: number;
  /** Parts of a million. */
  readonly feeMaker: number;
  readonly feeTaker: number;
  readonly tickSize: number;
  readonly lotSize: number;
  readonly cashUnits: bigint;
  /** Units of cash (10^−8) for one tick of one lot. */
  readonly unitsPerTickLot: bigint;
}

export interface NaiveWish {
  readonly instrument: number;
  readonly kind: 'market' | 'limit' | 'stop' | 'stopLimit';
  readonly side: 1 | -1;
  readonly lots: number;
  readonly limit: number;
  readonly stop: number;
  /** NaN for none. */
  readonly stopLoss: number;
  readonly takeProfit: number;
  readonly isReduceOnly: boolean;
}

export interface NaiveOrder extends NaiveWish {
  readonly id: number;
  readonly role: string;
  readonly parent: number;
  readonly madeMs: number;
  lots: number;
  status: string;
  isTriggered: boolean;
}

/** A part of a position that came from one entry, with what protects it. */
interface Guard {
  readonly entry: number;
  lots: number;
  stop: NaiveOrder | undefined;
  target: NaiveOrder | undefined;
}

interface At {
  readonly bar: NaiveBar;
  readonly isInside: boolean;
  readonly timeMs: number;
}

export class NaiveMarket {
  readonly orders: NaiveOrder[] = [];
  readonly fills: (number | string)[][] = [];
  readonly trades: number[][] = [];
  readonly positions: number[];
  cash: bigint;
  ambiguous = new Set<string>();
  private readonly bars: readonly (readonly NaiveBar[])[];
  private readonly rules: NaiveRules;
  private readonly guards: Guard[][];
  private readonly entries: { id: number; side: number; lots: number; price: number }[][];

  constructor(bars: readonly (readonly NaiveBar[])[], rules: NaiveRules) {
    this.bars = bars;
    this.rules = rules;
    this.cash = rules.cashUnits;
    this.positions = bars.map(() => 0);
    this.guards = bars.map(() => []);
    this.entries = bars.map(() => []);
  }

  /** Sends an order; refused or not it has a number. */
  send(wish: NaiveWish, nowMs: number): void {
    const projected = this.projected(wish.instrument);
    const order: NaiveOrder = {
      ...wish,
      id: this.orders.length,
      role: 'own',
      parent: -1,
      madeMs: nowMs,
      status: 'open',
      isTriggered: false,
    };
    this.orders.push(order);
    const isKnown = wish.kind !== 'market' || this.bars[wish.instrument].some((bar) => bar.openMs < nowMs);
    if (order.isReduceOnly) order.lots = projected * order.side < 0 ? Math.min(order.lots, Math.abs(projected)) : 0;
    if (!isKnown || order.lots === 0 || this.isMisplaced(wish, nowMs)) order.status = 'rejected';
    if (this.rules.isSpot && order.side < 0 && order.lots > projected) order.status = 'rejected';
  }

  /** Its stop does not lie on the losing side of where it would enter, or its target on the winning side. */
  private isMisplaced({ instrument, kind, side, limit, stop, stopLoss, takeProfit }: NaiveWish, nowMs: number): boolean {
    const bar = this.bars[instrument].filter((one) => one.openMs < nowMs).at(-1);
    const last = bar === undefined ? Number.NaN : bar.closeMs <= nowMs ? bar.close : bar.open;
    const entry = kind === 'market' ? last : kind === 'stop' ? stop : limit;
    return side * (entry - stopLoss) <= 0 || side * (takeProfit - entry) <= 0;
  }

  /** The position once market orders on their way have filled. */
  projected(instrument: number): number {
    let lots = this.positions[instrument];
    for (const order of this.resting(instrument)) {
      if (order.kind !== 'market') continue;
      // What may only reduce goes no further than flat.
      lots += order.side * (order.isReduceOnly ? Math.min(order.lots, Math.max(0, -lots * order.side)) : order.lots);
    }
    return lots;
  }

  cancel(id: number): void {
    const order = this.orders.at(id);
    if (order?.status === 'open') order.status = 'cancelled';
  }

  /** Everything that opens at this time. */
  open(nowMs: number): void {
    for (const order of this.orders.slice()) {
      const bar = this.bars[order.instrument].find((one) => one.openMs === nowMs);
      if (bar === undefined || order.status !== 'open') continue;
      const price = bar.open;
      if (this.isStopping(order)) {
        if (order.side * (price - order.stop) < 0) continue;
        // A stop-limit that the open has passed fills there unless the open lies beyond its limit: then it rests as a limit.
        if (order.kind === 'stopLimit' && order.side * (order.limit - price) < 0) {
          order.isTriggered = true;
          continue;
        }
      } else if (order.kind !== 'market' && !this.isLimitMet(order, price)) continue;
      this.fill(order, price, { bar, isInside: false, timeMs: nowMs });
    }
  }

  /** Everything that closes at this time. */
  close(nowMs: number): void {
    const closing = this.bars.map((bars) => bars.find((bar) => bar.closeMs === nowMs));
    const live = this.orders.filter((order) => {
      const bar = closing[order.instrument];
      return order.status === 'open' && order.kind !== 'market' && bar !== undefined && order.madeMs <= bar.openMs;
    });
    closing.forEach((bar, instrument) => {
      if (bar !== undefined)
        this.count(
          live.filter((order) => order.instrument === instrument),
          bar,
        );
    });
    const rankById = new Map(live.map((order) => [order.id, rankOf(order, this.positions[order.instrument])]));
    const ranks = this.rules.isOptimistic ? ['target', 'entry', 'stop'] : ['stop', 'entry', 'target'];
    for (const rank of ranks) {
      for (const order of live) {
        if (order.status !== 'open' || rankById.get(order.id) !== rank) continue;
        const bar = closing[order.instrument] as NaiveBar;
        const price = this.priceInside(order, bar);
        if (price !== undefined) this.fill(order, price, { bar, isInside: true, timeMs: nowMs });
        else if (this.isStopping(order) && this.isStopMet(order, bar)) order.isTriggered = true;
      }
    }
  }

  /** Cash and every position at its last close, or at its open where none has closed yet. */
  equity(nowMs: number): number {
    let equity = Number(this.cash) / 1e8;
    this.bars.forEach((bars, instrument) => {
      if (this.positions[instrument] === 0) return;
      const closed = bars.filter((bar) => bar.closeMs <= nowMs).at(-1);
      const ticks = closed === undefined ? (bars.find((bar) => bar.openMs <= nowMs)?.open ?? Number.NaN) : closed.close;
      equity += this.positions[instrument] * this.rules.lotSize * (ticks * this.rules.tickSize);
    });
    return equity;
  }

  private resting(instrument: number): NaiveOrder[] {
    return this.orders.filter((order) => order.instrument === instrument && order.status === 'open');
  }

  private isStopping(order: NaiveOrder): boolean {
    return order.kind === 'stop' || (order.kind === 'stopLimit' && !order.isTriggered);
  }

  private isStopMet(order: NaiveOrder, bar: NaiveBar): boolean {
    return order.side > 0 ? bar.high >= order.stop : bar.low <= order.stop;
  }

  private isLimitMet(order: NaiveOrder, price: number): boolean {
    const room = order.side * (order.limit - price);
    return this.rules.needsPenetration ? room > 0 : room >= 0;
  }

  /** Where the bar's range fills an order that was there at its open; undefined where it does not. */
  private priceInside(order: NaiveOrder, bar: NaiveBar): number | undefined {
    if (this.isStopping(order)) {
      if (!this.isStopMet(order, bar)) return undefined;
      if (order.kind === 'stopLimit' && order.side * (order.limit - order.stop) < 0) return undefined;
      return order.side > 0 ? Math.max(order.stop, bar.open) : Math.min(order.stop, bar.open);
    }
    if (!this.isLimitMet(order, order.side > 0 ? bar.low : bar.high)) return undefined;
    return order.side > 0 ? Math.min(order.limit, bar.open) : Math.max(order.limit, bar.open);
  }

  /** One bar is ambiguous where one order needs its price to rise from the open and another to fall. */
  private count(live: readonly NaiveOrder[], bar: NaiveBar): void {
    const needs = live
      .filter((order) => this.priceInside(order, bar) !== undefined)
      .map((order) => {
        if (this.isStopping(order)) return order.side * (order.stop - bar.open) > 0 ? order.side : 0;
        return order.side * (order.limit - bar.open) <= 0 ? -order.side : 0;
      });
    if (needs.includes(1) && needs.includes(-1)) this.note(live[0].instrument, bar);
  }

  private note(instrument: number, bar: NaiveBar): void {
    this.ambiguous.add(`${instrument} ${bar.openMs}`);
  }

  private slipped(order: NaiveOrder, price: number): number {
    if (!this.isStopping(order) && order.kind !== 'market') return price;
    const exact = price * (10_000 + order.side * this.rules.slippage);
    const ticks = order.side > 0 ? Math.ceil(exact / 10_000) : Math.floor(exact / 10_000);
    if (order.kind !== 'stopLimit') return ticks;
    return order.side > 0 ? Math.min(ticks, order.limit) : Math.max(ticks, order.limit);
  }

  private fill(order: NaiveOrder, unslipped: number, at: At): void {
    const { instrument, side } = order;
    const before = this.positions[instrument];
    const price = this.slipped(order, unslipped);
    const lots = order.isReduceOnly ? (before * side < 0 ? Math.min(order.lots, Math.abs(before)) : 0) : order.lots;
    if (lots === 0) {
      order.status = 'cancelled';
      return;
    }
    const notional = BigInt(price * lots) * this.rules.unitsPerTickLot;
    const isMaker = at.isInside && order.kind !== 'market' && !this.isStopping(order) && unslipped === order.limit;
    const fee = feeOf(notional, isMaker ? this.rules.feeMaker : this.rules.feeTaker);
    const isShort = this.rules.isSpot && side < 0 && lots > before;
    const isPoor = this.rules.isSpot && side > 0 && notional + fee > this.cash;
    if (isShort || isPoor) {
      order.status = 'rejected';
      return;
    }
    this.cash -= BigInt(side) * notional + fee;
    this.positions[instrument] = before + side * lots;
    order.status = 'filled';
    const { tickSize, lotSize } = this.rules;
    this.fills.push([
      order.id,
      order.role,
      at.timeMs,
      at.bar.openMs,
      side,
      price * tickSize,
      lots * lotSize,
      Number(notional) / 1e8,
      Number(fee) / 1e8,
    ]);
    this.pair(order, price, lots, before);
    this.guard(order, { lots, before, price: unslipped, at });
  }

  /** Closed quantities, oldest entry first. */
  private pair(order: NaiveOrder, price: number, lots: number, before: number): void {
    const entries = this.entries[order.instrument];
    let left = lots;
    while (before * order.side < 0 && left > 0 && entries.length > 0) {
      const [entry] = entries;
      const size = Math.min(left, entry.lots);
      const { tickSize, lotSize } = this.rules;
      this.trades.push([entry.id, order.id, entry.side, size * lotSize, entry.price * tickSize, price * tickSize]);
      left -= size;
      entry.lots -= size;
      if (entry.lots === 0) entries.shift();
    }
    if (left > 0) entries.push({ id: order.id, side: order.side, lots: left, price });
  }

  private guard(order: NaiveOrder, fill: { lots: number; before: number; price: number; at: At }): void {
    const guards = this.guards[order.instrument];
    if (order.parent >= 0) {
      const k = guards.findIndex((guard) => guard.entry === order.parent);
      if (k >= 0) this.end(guards.splice(k, 1)[0]);
      return;
    }
    let closing = fill.before * order.side < 0 ? Math.min(Math.abs(fill.before), fill.lots) : 0;
    const opened = fill.lots - closing;
    while (closing > 0 && guards.length > 0) {
      const [guard] = guards;
      const size = Math.min(closing, guard.lots);
      closing -= size;
      guard.lots -= size;
      if (guard.stop !== undefined) guard.stop.lots = guard.lots;
      if (guard.target !== undefined) guard.target.lots = guard.lots;
      if (guard.lots === 0) this.end(guards.shift() as Guard);
    }
    if (opened === 0) return;
    const stop = Number.isNaN(order.stopLoss) ? undefined : this.attach(order, 'stopLoss', opened, fill.at);
    const target = Number.isNaN(order.takeProfit) ? undefined : this.attach(order, 'takeProfit', opened, fill.at);
    guards.push({ entry: order.id, lots: opened, stop, target });
    if (fill.at.isInside) this.settle(order, stop, target, fill);
  }

  private end(guard: Guard): void {
    for (const order of [guard.stop, guard.target]) if (order?.status === 'open') order.status = 'cancelled';
  }

  private attach(entry: NaiveOrder, role: 'stopLoss' | 'takeProfit', lots: number, at: At): NaiveOrder {
    const order: NaiveOrder = {
      instrument: entry.instrument,
      kind: role === 'stopLoss' ? 'stop' : 'limit',
      side: entry.side > 0 ? -1 : 1,
      lots,
      limit: entry.takeProfit,
      stop: entry.stopLoss,
      stopLoss: Number.NaN,
      takeProfit: Number.NaN,
      isReduceOnly: true,
      id: this.orders.length,
      role,
      parent: entry.id,
      madeMs: at.timeMs,
      status: 'open',
      isTriggered: false,
    };
    this.orders.push(order);
    return order;
  }

  /** What is left of the bar in which an entry filled inside. */
  private settle(entry: NaiveOrder, stop: NaiveOrder | undefined, target: NaiveOrder | undefined, fill: { price: number; at: At }): void {
    const { bar } = fill.at;
    const cameAsLimit = entry.kind === 'limit' || (entry.kind === 'stopLimit' && entry.isTriggered);
    const isStopHit = stop !== undefined && this.isStopMet(stop, bar);
    const isStopPassed = stop !== undefined && stop.side * (fill.price - stop.stop) >= 0;
    const isStopSure = isStopHit && (cameAsLimit || isStopPassed || stop.side * (bar.close - stop.stop) >= 0);
    const isTargetHit = target !== undefined && this.isLimitMet(target, target.side > 0 ? bar.low : bar.high);
    const isTargetPassed = target !== undefined && this.isLimitMet(target, fill.price);
    const isTargetSure = isTargetHit && (!cameAsLimit || isTargetPassed) && !isStopHit;
    if ((isStopHit && !isStopSure) || (isTargetHit && !isTargetSure)) this.note(entry.instrument, bar);
    if (this.rules.isOptimistic) {
      if (isTargetHit) this.fill(target, isTargetPassed ? fill.price : target.limit, fill.at);
      else if (isStopSure) this.fill(stop, isStopPassed ? fill.price : stop.stop, fill.at);
    } else if (isStopHit) this.fill(stop, isStopPassed ? fill.price : stop.stop, fill.at);
  }
}

/** Against what is held as the bar closes, or only to reduce: a stop or a target; all else enters. */
function rankOf(order: NaiveOrder, position: number): string {
  const isExit = order.isReduceOnly || (position > 0 && order.side < 0) || (position < 0 && order.side > 0);
  if (!isExit) return 'entry';
  return order.kind === 'limit' || (order.kind === 'stopLimit' && order.isTriggered) ? 'target' : 'stop';
}

/** Parts of a million of an amount, a half rounded up. */
function feeOf(units: bigint, parts: number): bigint {
  return (units * BigInt(parts) * 2n + 1_000_000n) / 2_000_000n;
}
