/** Owns what a wish may say: names, sizes, prices, terms; refuses all else in words. Never sends an order. */
import type { ColumnBuilder } from './columns.ts';
import { StrategyError } from './errors.ts';
import type { Grid } from './model/grid.ts';
import type { Side, SizeRule } from './model/order.ts';
import { type AttachedTerms, type OrderTerms, plainTerms, type TargetStep, timesInForce } from './model/order-terms.ts';
import { type Activation, type Offset, TrailStage } from './model/trail.ts';
import { nearest } from './nearest.ts';
import type { RulesInForce } from './rules-in-force.ts';
import type { Column, OrderWish, ProtectionWish, SizeWish, TrailWish } from './strategy.ts';
import { isAmount, told } from './told.ts';

/** What a date can tell. */
const timeMsMax = 8.64e15;
const protectionNames = ['stopLoss', 'takeProfit', 'trail'];
const sizeNames = ['sizeBase', 'sizeQuote', 'equityFraction', 'riskFraction'] as const;
const commonNames = ['side', ...sizeNames, ...protectionNames, 'reduceOnly', 'timeInForce', 'goodTillMs', 'after', 'tag'];

/** What each wish may name. */
export const wishNames = {
  market: commonNames,
  limit: [...commonNames, 'limitPrice', 'postOnly'],
  stop: [...commonNames, 'stopPrice'],
  stopLimit: [...commonNames, 'stopPrice', 'limitPrice'],
  marketIfTouched: [...commonNames, 'touchPrice'],
  limitIfTouched: [...commonNames, 'touchPrice', 'limitPrice'],
  trailingStop: commonNames,
  onOpen: commonNames,
  onClose: commonNames,
  close: ['tag'],
  target: ['equityFraction', 'tag'],
  protect: [...protectionNames, 'tag'],
  amend: ['limitPrice', 'stopPrice', 'touchPrice', 'sizeBase'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Refuses a name no order has: "takeprofit" would otherwise be an order without a target. */
export function checkNames(wish: object, names: readonly string[]): void {
  if (typeof wish !== 'object' || wish === null) throw badWish('wish', told(wish), 'an object such as { side: 1, sizeBase: 1 }');
  for (const name in wish) {
    if (names.includes(name)) continue;
    const hint = nearest(name, names);
    throw badWish(name, 'no part of this order', `one of ${names.join(', ')}${hint === undefined ? '' : `; did you mean "${hint}"?`}`);
  }
}

/** How a wish states its one size; without one the scenario's sizing by name, or else with a stop the scenario's share of equity to risk. */
export function sizeRuleOf(
  { sizeBase, sizeQuote, equityFraction, riskFraction, stopLoss }: SizeWish & ProtectionWish,
  hasSizing: boolean,
): SizeRule {
  const count =
    Number(sizeBase !== undefined) +
    Number(sizeQuote !== undefined) +
    Number(equityFraction !== undefined) +
    Number(riskFraction !== undefined);
  if (count > 1) {
    const asked = { sizeBase, sizeQuote, equityFraction, riskFraction };
    throw badWish('size', `stated as ${sizeNames.filter((name) => asked[name] !== undefined).join(' and ')}`, 'one of them alone');
  }
  if (sizeBase !== undefined) return 'base';
  if (sizeQuote !== undefined) return 'quote';
  if (equityFraction !== undefined) return 'equityFraction';
  if (hasSizing && riskFraction === undefined) return 'scenario';
  if (stopLoss === undefined)
    throw badWish(
      'size',
      'nothing',
      riskFraction === undefined ? 'a size, a stopLoss to size by risk, or risk.sizing in the scenario' : 'a stopLoss beside riskFraction',
    );
  return 'riskFraction';
}

/** The size that a wish states by this rule; NaN where the scenario says it. */
export function sizeAskedOf(wish: SizeWish, rule: SizeRule, riskPerTrade: number): number {
  if (rule === 'scenario') return Number.NaN;
  const name = sizeNameOf(rule);
  const asked = wish[name] ?? riskPerTrade;
  if (!isAmount(asked)) throw badWish(name, told(asked), 'a finite number above 0');
  return asked;
}

function sizeNameOf(rule: SizeRule): (typeof sizeNames)[number] {
  if (rule === 'base') return 'sizeBase';
  if (rule === 'quote') return 'sizeQuote';
  return rule === 'equityFraction' ? 'equityFraction' : 'riskFraction';
}

export function badWish(name: string, found: unknown, expected: string): StrategyError {
  return new StrategyError('STRATEGY_INVALID', `order ${name}: was ${String(found)}, expected ${expected}`);
}

/** Prices and terms of one instrument's wishes. */
export class Wishes {
  /** Of every instrument, as in force now; empty where the semantics leave prices alone. */
  readonly #ticks: readonly Grid[];
  readonly #instrumentIndex: number;
  readonly #columns: ColumnBuilder;
  constructor({ ticks }: RulesInForce, instrumentIndex: number, columns: ColumnBuilder) {
    this.#ticks = ticks;
    this.#instrumentIndex = instrumentIndex;
    this.#columns = columns;
  }

  price(name: string, price: number): number {
    if (!isAmount(price)) throw badWish(name, told(price), 'a finite price above 0');
    if (this.#ticks.length === 0) return price;
    const onTick = this.#ticks[this.#instrumentIndex].round(price);
    if (onTick === 0) throw badWish(name, price, 'at least the tick nearest above 0');
    return onTick;
  }

  /** A protection given as a price; NaN where there is none or it is told from the entry. */
  priceGiven(name: string, wish: number | Offset | readonly TargetStep[] | undefined): number {
    return wish === undefined || typeof wish === 'object' ? Number.NaN : this.price(name, wish);
  }

  /** What a wish asks for beyond kind, size and prices; undefined for nothing. isTrailing: its trail is the order itself, not what protects it. */
  terms(wish: OrderWish & { readonly postOnly?: boolean }, isTrailing: boolean): OrderTerms | undefined {
    const { timeInForce, goodTillMs, after } = wish;
    const isPostOnly = flagOf('postOnly', wish.postOnly);
    const attached = this.attached(wish, wish.side === 1 ? -1 : 1, isTrailing);
    const isPlain = timeInForce === undefined && goodTillMs === undefined && after === undefined && !isPostOnly;
    if (isPlain) return attached === undefined ? undefined : Object.freeze({ ...plainTerms, ...attached });
    if (timeInForce !== undefined && !timesInForce.includes(timeInForce))
      throw badWish('timeInForce', timeInForce, `one of ${timesInForce.join(', ')}`);
    const force = timeInForce ?? (goodTillMs === undefined ? 'GTC' : 'GTD');
    if ((force === 'GTD') !== (goodTillMs !== undefined) || (goodTillMs !== undefined && !isTime(goodTillMs)))
      throw badWish('goodTillMs', told(goodTillMs), force === 'GTD' ? 'the time at which a GTD order expires' : `none beside ${force}`);
    return Object.freeze({
      ...plainTerms,
      ...attached,
      timeInForce: force,
      goodTillMs: goodTillMs ?? Number.NaN,
      isPostOnly,
      afterId: after ?? -1,
    });
  }

  /** Protections that are not plain prices; undefined where there is none. exitSide: that of what protects. */
  attached({ stopLoss, takeProfit, trail }: ProtectionWish, exitSide: Side, isTrailing = false): AttachedTerms | undefined {
    if (typeof stopLoss !== 'object' && typeof takeProfit !== 'object' && trail === undefined) return undefined;
    const trailSide = isTrailing === exitSide > 0 ? -1 : 1;
    return {
      stopLoss: typeof stopLoss === 'object' ? stopOf(stopLoss, exitSide) : undefined,
      takeProfit: typeof takeProfit === 'object' ? targetOf(takeProfit) : undefined,
      trail: trail === undefined ? undefined : this.#stages(trail, trailSide),
    };
  }

  #stages(trail: TrailWish | readonly TrailWish[], side: Side): readonly TrailStage[] {
    const stages: readonly TrailWish[] = isList(trail) ? trail : [trail];
    if (stages.length === 0) throw badWish('trail', 'an empty list', 'one stage or more');
    return Object.freeze(stages.map((stage) => this.#stage(stage, side)));
  }

  #stage(stage: TrailWish, side: Side): TrailStage {
    if (typeof stage !== 'object' || stage === null) throw badWish('trail', told(stage), '{ distance }, { fraction } or { multiple, of }');
    checkNames(stage, ['distance', 'fraction', 'multiple', 'of', 'activation']);
    const given = (['distance', 'fraction', 'multiple'] as const).filter((name) => name in stage);
    if (given.length !== 1) throw badWish('trail', given.join(' and ') || 'nothing', 'one of distance, fraction, multiple');
    const [measure] = given;
    const amount: unknown = (stage as Readonly<Record<string, unknown>>)[measure];
    // A price can rise by more than all of itself, and fall by no more than that.
    const isBelowOne = measure === 'fraction' && side < 0;
    if (!isAmount(amount) || (isBelowOne && amount >= 1))
      throw badWish(`trail ${measure}`, told(amount), isBelowOne ? 'a number between 0 and 1' : 'a finite number above 0');
    const of = (stage as { readonly of?: Column }).of;
    if ((measure === 'multiple') !== (of !== undefined))
      throw badWish('trail of', of === undefined ? 'nothing' : 'a column', measure === 'multiple' ? 'the column of the multiple' : 'none');
    return new TrailStage({
      measure,
      amount,
      column: of === undefined ? null : this.#columns.trailColumn(of),
      activation: this.#activation(stage.activation),
    });
  }

  #activation(activation: TrailWish['activation']): Activation | undefined {
    if (activation === undefined) return undefined;
    return typeof activation === 'number' ? this.price('activation', activation) : offsetOf('activation', activation, 0);
  }
}

/** A yes or no; what is neither would be taken for a no, and an order that may only reduce would enter. */
export function flagOf(name: string, flag: boolean | undefined): boolean {
  if (flag !== undefined && typeof flag !== 'boolean') throw badWish(name, flag, 'true or false');
  return flag === true;
}

/** A word of the strategy's own, as it stands in records and hashes. */
export function tagOf(tag: string | undefined): string {
  if (tag !== undefined && typeof tag !== 'string') throw badWish('tag', tag, 'a string');
  return tag ?? '';
}

/** A price falls by no more than all of itself: a fraction of 5 below an entry is a percentage, and would never be reached. */
function stopOf(offset: Offset, exitSide: Side): Offset {
  const stop = offsetOf('stopLoss', offset);
  if (exitSide < 0 && 'fraction' in stop && stop.fraction >= 1)
    throw badWish('stopLoss fraction', stop.fraction, 'a number between 0 and 1');
  return stop;
}

function offsetOf(name: string, offset: Offset, amountMin = Number.MIN_VALUE): Offset {
  if (typeof offset !== 'object' || offset === null || isList(offset))
    throw badWish(name, told(offset), 'a price, { fraction } or { distance } from the entry');
  checkNames(offset, ['fraction', 'distance']);
  const isFraction = 'fraction' in offset;
  if (isFraction === 'distance' in offset) throw badWish(name, 'not one of the two', 'a fraction or a distance from the entry');
  const amount = isFraction ? offset.fraction : offset.distance;
  if (!(isAmount(amount) || (amount === 0 && amountMin === 0)))
    throw badWish(name, told(amount), amountMin > 0 ? 'a finite number above 0' : 'a finite number from 0 on');
  return Object.freeze(isFraction ? { fraction: amount } : { distance: amount });
}

function targetOf(target: Offset | readonly TargetStep[]): Offset | readonly TargetStep[] {
  if (!isList(target)) return offsetOf('takeProfit', target);
  const odd = target.findIndex((step) => typeof step !== 'object' || step === null);
  if (odd >= 0) throw badWish('takeProfit', told(target[odd]), 'steps such as { afterMs: 0, fraction: 0.05 }');
  const isRising = target.every((step, k) => k === 0 || step.afterMs > target[k - 1].afterMs);
  if (target.length === 0 || !isRising || target.some(({ afterMs }) => !(typeof afterMs === 'number' && afterMs >= 0)))
    throw badWish(
      'takeProfit',
      target.map((step) => told(step.afterMs)).join(', ') || 'an empty list',
      'steps with afterMs from 0 on, rising',
    );
  return Object.freeze(
    target.map((step) => {
      checkNames(step, ['afterMs', 'fraction']);
      if (!(typeof step.fraction === 'number' && step.fraction >= -1 && step.fraction < Number.POSITIVE_INFINITY))
        throw badWish('takeProfit fraction', told(step.fraction), 'a number from -1 on');
      return Object.freeze({ afterMs: step.afterMs, fraction: step.fraction });
    }),
  );
}

function isTime(timeMs: unknown): boolean {
  return typeof timeMs === 'number' && Math.abs(timeMs) <= timeMsMax;
}

function isList<Item>(value: unknown): value is readonly Item[] {
  return Array.isArray(value);
}
