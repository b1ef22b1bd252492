/** Owns the events of risk in one run: kept in their order, with their words. Never decides one. */
import { figureText } from '../figure-text.ts';
import type { CapRule, RiskEvent, RiskState } from '../risk-event.ts';

/** Events of one run in their order. */
export class RiskLog {
  readonly events: RiskEvent[] = [];
  clipCount = 0;
  /** Orders whose trigger the price had passed when they were sent. */
  passedCount = 0;
  /** A trial of a sweep keeps none: it is judged by its figures. */
  readonly keepsEvents: boolean;

  constructor(keepsEvents: boolean) {
    this.keepsEvents = keepsEvents;
  }

  push(event: RiskEvent): void {
    if (this.keepsEvents) this.events.push(Object.freeze(event));
  }

  clip(order: { readonly id: number; readonly instrumentIndex: number }, clip: Clip): void {
    this.clipCount++;
    if (!this.keepsEvents) return;
    const { timeMs, rule, state, sizeAsked, roomBase } = clip;
    const reason = `${figureText(sizeAsked, roomBase)} were asked for, ${capWords[rule]} leaves room for ${figureText(roomBase, sizeAsked)}`;
    const { id: orderId, instrumentIndex } = order;
    const figures = Object.freeze({ sizeAsked, roomBase });
    this.push({ timeMs, kind: 'clip', rule, instrumentIndex, orderId, from: state, to: state, figures, reason });
  }
}

export interface Clip {
  readonly timeMs: number;
  readonly rule: CapRule;
  readonly state: RiskState;
  readonly sizeAsked: number;
  readonly roomBase: number;
}

/** What leaves less room than was asked for, in a sentence. */
const capWords: Readonly<Record<CapRule, string>> = {
  cash: 'cash',
  leverage: 'leverage',
  positionMax: 'the maximum position',
  quantityMax: "the instrument's maximum quantity",
  exposureGross: 'the cap of gross exposure',
  exposureNet: 'the cap of net exposure',
  correlation: 'the cap of correlated exposure',
  openPositions: 'the maximum of open positions',
  valueAtRisk: 'the cap of value at risk',
  reductionsOnly: 'a state that lets only reductions through',
};
