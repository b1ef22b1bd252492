/** Owns what an order is. Never decides a fill. */
import type { OrderStatus } from './order-state.ts';
import type { OrderTerms } from './order-terms.ts';

/** Kinds, roles and size rules in the order of their codes: columns and hashes hold the place in these lists, so new ones go last. */
export const orderKinds = [
  'market',
  'limit',
  'stop',
  'stopLimit',
  'marketIfTouched',
  'limitIfTouched',
  'trailingStop',
  'onOpen',
  'onClose',
] as const;
export type OrderKind = (typeof orderKinds)[number];
/**
 * What the order is for: an order of the strategy's own, a stop or a target that protects an entry or a position, the engine closing on a halt
 * or at the end, a trailing stop that protects, the record of an amend that was refused, or the engine closing on a margin call.
 */
export const orderRoles = ['own', 'stopLoss', 'takeProfit', 'halt', 'endOfRun', 'trail', 'amend', 'liquidation'] as const;
export type OrderRole = (typeof orderRoles)[number];
export type Side = 1 | -1;

/** How a size was asked for, scenario: not at all, where risk.sizing could not say it either; it becomes a base quantity at submit (at the fill only under a semantics profile that says so). */
export const sizeRules = ['base', 'quote', 'equityFraction', 'riskFraction', 'scenario'] as const;
export type SizeRule = (typeof sizeRules)[number];

/** What is known of an order before it is sent. */
export type OrderFields = Omit<
  Order,
  'id' | 'sizeBase' | 'submittedMs' | 'status' | 'isTriggered' | 'reason' | 'endedMs' | 'filledBase' | 'liveMs'
>;

/** One order: a wish with its life. What a strategy is given of it is read-only. Prices in quote (NaN where none), sizes in base and ≥ 0. */
export class Order {
  id: number;
  instrumentIndex: number;
  kind: OrderKind;
  role: OrderRole;
  side: Side;
  sizeRule: SizeRule;
  sizeAsked: number;
  limitPrice: number;
  /** The price that sets it off: of a stop, the touch price of one if touched, the level of a trailing stop as it stands. */
  stopPrice: number;
  stopLossPrice: number;
  takeProfitPrice: number;
  isReduceOnly: boolean;
  /** The order whose fill this one protects; −1 for none. */
  parentId: number;
  tag: string;
  /** What was asked for beyond this; undefined for a plain order. */
  terms: OrderTerms | undefined;
  submittedMs: number;
  /** From then on it takes part in events. */
  liveMs: number;
  /** The whole of it; with filledBase of it filled. */
  sizeBase: number;
  filledBase: number;
  status: OrderStatus;
  /** Its price has been reached: a stop-limit or limit if touched is a limit order now, what was filled in part of the others a market order. */
  isTriggered: boolean;
  /** Why it was rejected or cancelled, with the numbers; '' where it was neither. */
  reason: string;
  endedMs: number;
  constructor(id: number, submittedMs: number, sizeBase: number, fields: OrderFields) {
    this.id = id;
    this.instrumentIndex = fields.instrumentIndex;
    this.kind = fields.kind;
    this.role = fields.role;
    this.side = fields.side;
    this.sizeRule = fields.sizeRule;
    this.sizeAsked = fields.sizeAsked;
    this.limitPrice = fields.limitPrice;
    this.stopPrice = fields.stopPrice;
    this.stopLossPrice = fields.stopLossPrice;
    this.takeProfitPrice = fields.takeProfitPrice;
    this.isReduceOnly = fields.isReduceOnly;
    this.parentId = fields.parentId;
    this.tag = fields.tag;
    this.terms = fields.terms;
    this.submittedMs = submittedMs;
    this.liveMs = submittedMs;
    this.sizeBase = sizeBase;
    this.filledBase = 0;
    this.status = 'drafted';
    this.isTriggered = false;
    this.reason = '';
    this.endedMs = Number.NaN;
  }
}

// Fractions, so that the first order shapes the fields of all: a whole-number price sent first would make compiled code start over.
const half = 0.5;
const blankFields: OrderFields = Object.freeze({
  instrumentIndex: 0,
  kind: 'market',
  role: 'own',
  side: 1,
  sizeRule: 'base',
  sizeAsked: half,
  limitPrice: half,
  stopPrice: half,
  stopLossPrice: half,
  takeProfitPrice: half,
  isReduceOnly: false,
  parentId: -1,
  tag: '',
  terms: undefined,
});

/** An order to be filled in; every field of it holds its final kind of value. */
export function blankOrder(): Order {
  const order = new Order(0, half, half, blankFields);
  order.filledBase = half;
  return order;
}
void blankOrder();

/** The order as it stands now, for those who may keep it: frozen, and changed by nothing that happens later. */
export function snapshotOf(order: Order): Readonly<Order> {
  const copy = new Order(order.id, order.submittedMs, order.sizeBase, order);
  copy.liveMs = order.liveMs;
  copy.filledBase = order.filledBase;
  copy.status = order.status;
  copy.isTriggered = order.isTriggered;
  copy.reason = order.reason;
  copy.endedMs = order.endedMs;
  return Object.freeze(copy);
}

/** A stop, target or trailing stop of an entry or of the whole position. */
export function protects({ role }: Order): boolean {
  return role === 'stopLoss' || role === 'takeProfit' || role === 'trail';
}

/** Rests at a price to be filled at or better: a limit order, or what became one when its price was reached. */
export function isLimitNow(order: Order): boolean {
  return order.kind === 'limit' || (order.isTriggered && (order.kind === 'stopLimit' || order.kind === 'limitIfTouched'));
}

/** Takes the next price there is: a market order, or what is left of one that was filled in part after its price was reached. */
export function isMarketNow(order: Order): boolean {
  return order.kind === 'market' || (order.isTriggered && order.kind !== 'stopLimit' && order.kind !== 'limitIfTouched');
}

/** A stop, a target or a trailing stop is to be made when it fills. */
export function hasAttached(order: Order): boolean {
  if (!Number.isNaN(order.stopLossPrice) || !Number.isNaN(order.takeProfitPrice)) return true;
  const { terms } = order;
  if (terms === undefined) return false;
  return terms.stopLoss !== undefined || terms.takeProfit !== undefined || (terms.trail !== undefined && order.kind !== 'trailingStop');
}
