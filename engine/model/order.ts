/** Owns what an order is and what becomes of it. Never decides a fill. */

/** Kinds, roles, states and size rules in the order of their codes: columns and hashes hold the place in these lists, so new ones go last. */
export const orderKinds = ['market', 'limit', 'stop', 'stopLimit'] as const;
export type OrderKind = (typeof orderKinds)[number];
/** What the order is for: an order of the strategy's own, a stop or a target attached to an entry, or the engine closing on a halt or at the end. */
export const orderRoles = ['own', 'stopLoss', 'takeProfit', 'halt', 'endOfRun'] as const;
export type OrderRole = (typeof orderRoles)[number];
export const orderStatuses = ['open', 'filled', 'cancelled', 'expired', 'rejected'] as const;
export type OrderStatus = (typeof orderStatuses)[number];
export type Side = 1 | -1;

/** How a size was asked for; it becomes a base quantity at submit (at the fill only under a semantics profile that says so). */
export const sizeRules = ['base', 'quote', 'equityFraction', 'riskFraction'] as const;
export type SizeRule = (typeof sizeRules)[number];

/** What is known of an order before it is sent. */
export type OrderFields = Omit<Order, 'id' | 'sizeBase' | 'submittedMs' | 'status' | 'isTriggered' | 'reason' | 'endedMs'>;

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
  stopPrice: number;
  stopLossPrice: number;
  takeProfitPrice: number;
  isReduceOnly: boolean;
  /** The order whose fill this one protects; −1 for none. */
  parentId: number;
  tag: string;
  submittedMs: number;
  sizeBase: number;
  status: OrderStatus;
  /** A stop-limit order whose stop has been reached: it is a limit order now. */
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
    this.submittedMs = submittedMs;
    this.sizeBase = sizeBase;
    this.status = 'open';
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
});

/** An order to be filled in; every field of it holds its final kind of value. */
export function blankOrder(): Order {
  return new Order(0, half, half, blankFields);
}
void blankOrder();

/** The order as it stands now, for those who may keep it: frozen, and changed by nothing that happens later. */
export function snapshotOf(order: Order): Readonly<Order> {
  const copy = new Order(order.id, order.submittedMs, order.sizeBase, order);
  copy.status = order.status;
  copy.isTriggered = order.isTriggered;
  copy.reason = order.reason;
  copy.endedMs = order.endedMs;
  return Object.freeze(copy);
}
