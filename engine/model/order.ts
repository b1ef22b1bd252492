/** Owns what an order is and what becomes of it. Never decides a fill. */

export type OrderKind = 'market' | 'limit' | 'stop' | 'stopLimit';
/** What the order is for: an order of the strategy's own, a stop or a target attached to an entry, or the engine closing on a halt or at the end. */
export type OrderRole = 'own' | 'stopLoss' | 'takeProfit' | 'halt' | 'endOfRun';
export type OrderStatus = 'open' | 'filled' | 'cancelled' | 'expired' | 'rejected';
export type Side = 1 | -1;

/** How a size was asked for; it becomes a base quantity at submit (at the fill only under a semantics profile that says so). */
export type SizeRule = 'base' | 'quote' | 'equityFraction' | 'riskFraction';

/** What is known of an order before it is sent. */
export type OrderFields = Omit<Order, 'id' | 'sizeBase' | 'submittedMs' | 'status' | 'isTriggered' | 'reason' | 'endedMs'>;

/** One order: a wish with its life. Prices in quote (NaN where none), sizes in base and ≥ 0. */
export class Order {
  readonly id: number;
  readonly instrumentIndex: number;
  readonly kind: OrderKind;
  readonly role: OrderRole;
  readonly side: Side;
  readonly sizeRule: SizeRule;
  readonly sizeAsked: number;
  readonly limitPrice: number;
  readonly stopPrice: number;
  readonly stopLossPrice: number;
  readonly takeProfitPrice: number;
  readonly isReduceOnly: boolean;
  /** The order whose fill this one protects; −1 for none. */
  readonly parentId: number;
  readonly tag: string;
  readonly submittedMs: number;
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
