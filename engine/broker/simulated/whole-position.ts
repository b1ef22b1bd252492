/** Owns what protects whole positions, whatever entries they came from. Never fills it. */
import type { Order, OrderKind, OrderRole } from '../../model/order.ts';
import { plainTerms } from '../../model/order-terms.ts';
import type { ProtectionWish } from '../broker.ts';
import type { Floor } from './floor.ts';
import type { Protection, Protectors } from './protectors.ts';

interface Guard {
  readonly side: number;
  readonly protection: Protection;
}

export class WholePositions {
  private readonly floor: Floor;
  private readonly protectors: Protectors;
  private readonly guards: (Guard | null)[];
  private count = 0;

  constructor(floor: Floor, protectors: Protectors) {
    this.floor = floor;
    this.protectors = protectors;
    this.guards = floor.bars.map(() => null);
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** Protects what is held from now on, in place of what protected it so before. */
  protect(wish: ProtectionWish): void {
    const i = wish.instrumentIndex;
    const position = this.floor.gate.positionBase(i);
    if (position === 0) {
      this.refuse(wish);
      return;
    }
    this.end(i, 'another protection took its place');
    this.guards[i] = { side: Math.sign(position), protection: this.protectors.forPosition(wish, position) };
    this.count++;
  }

  /** Follows the position: it ends with it, or when it turns. */
  afterFill(order: Order): void {
    const guard = this.guards[order.instrumentIndex];
    if (guard === null) return;
    const position = this.floor.gate.positionBase(order.instrumentIndex);
    if (position * guard.side > 0) this.protectors.resize(guard.protection, Math.abs(position));
    else this.end(order.instrumentIndex, 'the position it protected was closed');
  }

  private end(instrumentIndex: number, reason: string): void {
    const guard = this.guards[instrumentIndex];
    if (guard === null) return;
    this.guards[instrumentIndex] = null;
    this.count--;
    this.protectors.end(guard.protection, reason);
  }

  private refuse(wish: ProtectionWish): void {
    const none = Number.NaN;
    this.floor.sink.refuse(
      {
        instrumentIndex: wish.instrumentIndex,
        ...firstAskedFor(wish),
        side: -1,
        sizeRule: 'base',
        sizeAsked: 0,
        limitPrice: wish.takeProfitPrice,
        stopPrice: wish.stopLossPrice,
        stopLossPrice: none,
        takeProfitPrice: none,
        isReduceOnly: true,
        parentId: -1,
        tag: wish.tag,
        terms: { ...plainTerms, ...wish.terms },
      },
      'no position to protect: give the entry a stopLoss or takeProfit of its own, or protect it once it has filled',
    );
  }
}

function firstAskedFor({ stopLossPrice, takeProfitPrice, terms }: ProtectionWish): { kind: OrderKind; role: OrderRole } {
  if (!Number.isNaN(stopLossPrice) || terms.stopLoss !== undefined) return { kind: 'stop', role: 'stopLoss' };
  if (!Number.isNaN(takeProfitPrice) || terms.takeProfit !== undefined) return { kind: 'limit', role: 'takeProfit' };
  return { kind: 'trailingStop', role: 'trail' };
}
