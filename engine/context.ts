/** Owns what handlers are given: position and account of a run, read-only, and the order entry. */

import { StrategyError } from './errors.ts';
import type { Leg } from './model/instrument.ts';
import type { PortfolioView } from './portfolio-view.ts';
import { type BookSource, PortfolioBook } from './risk/portfolio-book.ts';
import type { RiskState } from './risk-event.ts';
import type { RunState } from './run-state.ts';
import type { AccountView, OrderEntry, PositionView, StrategyContext } from './strategy.ts';

export class Position implements PositionView {
  readonly #run: RunState;
  readonly #instrumentIndex: number;
  readonly #positionBase: Float64Array;
  constructor(run: RunState, instrumentIndex: number) {
    this.#run = run;
    this.#instrumentIndex = instrumentIndex;
    this.#positionBase = run.portfolio.positionBase;
  }
  get sizeBase(): number {
    return this.#positionBase[this.#instrumentIndex];
  }
  get isFlat(): boolean {
    return this.#positionBase[this.#instrumentIndex] === 0;
  }
  get isLong(): boolean {
    return this.#positionBase[this.#instrumentIndex] > 0;
  }
  get isShort(): boolean {
    return this.#positionBase[this.#instrumentIndex] < 0;
  }
  get averagePriceQuote(): number {
    return this.#run.portfolio.averagePrice(this.#instrumentIndex);
  }
  leg(leg: Leg): PositionView {
    throw new StrategyError(
      'STRATEGY_INVALID',
      `position.leg("${leg}"): this account holds net positions; legs need account.positions: hedge`,
    );
  }
  get pendingOrderCount(): number {
    let count = 0;
    const { openOrders } = this.#run;
    for (let k = 0; k < openOrders.count; k++) {
      const order = openOrders.at(k);
      if (order.instrumentIndex === this.#instrumentIndex && order.kind === 'market' && order.status !== 'held') count++;
    }
    return count;
  }
}

export class Account implements AccountView {
  readonly #run: RunState;
  #portfolio: PortfolioView | null = null;
  constructor(run: RunState) {
    this.#run = run;
  }
  get cashQuote(): number {
    return this.#run.portfolio.ledger.cashQuote;
  }
  get equityQuote(): number {
    return this.#run.portfolio.equityNow();
  }
  get freeQuote(): number {
    const { portfolio, risk } = this.#run;
    return risk.margin === null ? portfolio.ledger.cashQuote : portfolio.equityNow() - risk.margin.initialInUse();
  }
  get isHalted(): boolean {
    return this.#run.risk.isHalted;
  }
  cashOf(currency: string): number {
    const { currencies, instruments, ledger } = this.#run.portfolio;
    if (currencies !== null) return currencies.accounts.find((one) => one.currency === currency)?.ledger.cashQuote ?? 0;
    return instruments[0].quoteCurrency === currency ? ledger.cashQuote : 0;
  }
  get state(): RiskState {
    return this.#run.risk.rules?.state ?? 'ACTIVE';
  }
  get portfolio(): PortfolioView {
    this.#portfolio ??= Object.freeze(new PortfolioBook(bookSourceOf(this.#run)));
    return this.#portfolio;
  }
}

/** The book of a run; its peak is read from the rows of equity when somebody asks, so that no bar pays for it. */
function bookSourceOf(run: RunState): BookSource {
  const { portfolio, risk, feed } = run;
  const equityQuote = run.held === null ? run.equityQuote : run.held.column();
  let readCount = 0;
  let peakQuote = risk.settings.initialCapitalQuote;
  return {
    portfolio,
    risk,
    market: feed,
    peakQuote() {
      // The row of now may still change: what fills at the close that decided is added to it.
      for (; readCount < feed.row; readCount++) peakQuote = Math.max(peakQuote, equityQuote[readCount]);
      return feed.row < 0 ? peakQuote : Math.max(peakQuote, equityQuote[feed.row]);
    },
  };
}

/** The one object every handler is given. */
export class Context implements StrategyContext {
  readonly order: OrderEntry;
  readonly position: PositionView;
  readonly account: AccountView;
  readonly #run: RunState;
  constructor(run: RunState, order: OrderEntry, position: PositionView) {
    this.order = order;
    this.position = position;
    this.account = Object.freeze(new Account(run));
    this.#run = run;
  }
  get timeMs(): number {
    return this.#run.feed.timeMs;
  }
}
