/**
 * Owns a portfolio outside a run: the same portfolio and the same judge of orders that a run has, told of prices and fills by whoever calls.
 * Never sends an order, never asks for a price, and leaves interest, settlement and liquidation to the venue.
 */
import type { FeeModel } from '../costs/fees.ts';
import { noLatency } from '../costs/latency.ts';
import { CostReserve } from '../costs/reserve.ts';
import { ConfigError } from '../errors.ts';
import { Workspace } from '../logs.ts';
import type { Instrument } from '../model/instrument.ts';
import { blankOrder, type Order, type OrderKind, type Side } from '../model/order.ts';
import { OrderList } from '../model/order-list.ts';
import type { Timeframe } from '../model/timeframe.ts';
import { nearest } from '../nearest.ts';
import { openAccount } from '../portfolio/open-account.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import type { RiskEvent, RiskState } from '../risk-event.ts';
import type { RiskSettings } from '../risk-settings.ts';
import { RulesInForce } from '../rules-in-force.ts';
import { plainAccount, plainCosts, playheadSemantics, type RunSettings, unlimitedLiquidity } from '../settings.ts';
import type { SizeWish } from '../strategy.ts';
import { checkNames, sizeAskedOf, sizeRuleOf } from '../wishes.ts';
import { PortfolioBook } from './portfolio-book.ts';
import { PriceTape } from './price-tape.ts';
import { Risk } from './risk.ts';

/** The settings of a scenario as settingsOf() gives them, or the parts of them that matter here. */
export interface PortfolioManagerInput {
  readonly settings: Pick<RunSettings, 'initialCapitalQuote'> & {
    readonly account?: RunSettings['account'];
    /** Fees and slippage as a run charges them. A fee function belongs to a strategy, and is refused. */
    readonly costs?: Partial<RunSettings['costs']>;
    readonly risk?: Partial<RiskSettings>;
    readonly metrics?: Pick<RunSettings['metrics'], 'periodsPerYear'>;
  };
  readonly instruments: readonly Instrument[];
  /** Length of the bars whose closes are told; default 1d. */
  readonly timeframe?: Timeframe;
}

/** An order that might be sent: a market order, or one at limitPrice or stopPrice. */
export interface ProposedOrder extends SizeWish {
  readonly symbol: string;
  readonly side: Side;
  readonly limitPrice?: number;
  readonly stopPrice?: number;
  readonly stopLoss?: number;
  readonly reduceOnly?: boolean;
}

/** A size to send, on the lot, or 0 with the reason in words with its numbers. */
export interface Admission {
  readonly sizeBase: number;
  readonly refusal: string;
}

export interface BookedFill {
  readonly symbol: string;
  readonly side: Side;
  readonly sizeBase: number;
  readonly priceQuote: number;
  readonly isMaker?: boolean;
  /** It was a stop that filled: the stop-loss guard counts it where it closes at a loss. */
  readonly isStop?: boolean;
}

const proposedNames = [
  ...['symbol', 'side', 'sizeBase', 'sizeQuote', 'equityFraction', 'riskFraction'],
  ...['limitPrice', 'stopPrice', 'stopLoss', 'reduceOnly'],
];
const fillNames = ['symbol', 'side', 'sizeBase', 'priceQuote', 'isMaker', 'isStop'];

/** Positions, cash and risk of one account; sizes and judges orders as a run under the same settings does. */
export class PortfolioManager extends PortfolioBook {
  readonly #portfolio: Portfolio;
  readonly #risk: Risk;
  readonly #tape: PriceTape;
  readonly #peak: { quote: number };
  #orderCount = 0;

  constructor(input: PortfolioManagerInput) {
    const { instruments, timeframe = '1d' } = input;
    if (instruments.length === 0) throw new ConfigError('USAGE', 'instruments: was an empty list, expected one or more');
    const settings = settingsOf(input.settings);
    const tape = new PriceTape(instruments, timeframe);
    const { portfolio, feeModel } = openPortfolio(settings, instruments, tape);
    const reserve = new CostReserve({ settings, inForce: portfolio.inForce, feeModel, finest: tape.finest });
    const risk = new Risk({ settings, portfolio, openOrders: new OrderList(), reserve, market: tape, keepsEvents: true });
    const peak = { quote: settings.initialCapitalQuote };
    super({ portfolio, risk, market: tape, peakQuote: () => peak.quote });
    this.#portfolio = portfolio;
    this.#risk = risk;
    this.#tape = tape;
    this.#peak = peak;
  }

  /** Changes of state, pauses and sizes made smaller so far. */
  get riskEvents(): readonly RiskEvent[] {
    return this.#risk.log.events;
  }

  /** Tells the closes of bars that end now, by symbol; protections judge the equity that they make. Returns the state it leaves. */
  mark(timeMs: number, prices: Readonly<Record<string, number>>): RiskState {
    const indexes = Object.keys(prices).map((symbol) => this.#indexOf(symbol));
    this.#tape.moveTo(timeMs);
    this.#portfolio.inForce.moveTo(timeMs);
    for (const [k, priceQuote] of Object.values(prices).entries()) this.#tape.close(indexes[k], priceQuote);
    const equityQuote = this.#portfolio.equityAtCloses();
    if (equityQuote > this.#peak.quote) this.#peak.quote = equityQuote;
    this.#risk.observe(equityQuote, timeMs);
    return this.state;
  }

  /** Sizes and judges an order as if it were sent now: by the sizing of the settings where it states no size. It counts as sent for the order rate. */
  admit(proposed: ProposedOrder): Admission {
    checkNames(proposed, proposedNames);
    const { limitPrice = Number.NaN, stopPrice = Number.NaN, stopLoss = Number.NaN } = proposed;
    const order = this.#draft(proposed.symbol, proposed.side, kindOf(proposed));
    const { sizing, riskPerTrade } = this.#risk.settings.risk;
    const rule = sizeRuleOf(proposed, sizing !== undefined);
    const asked = sizeAskedOf(proposed, rule, riskPerTrade);
    order.sizeRule = rule;
    order.sizeAsked = asked;
    order.limitPrice = limitPrice;
    order.stopPrice = stopPrice;
    order.stopLossPrice = stopLoss;
    order.isReduceOnly = proposed.reduceOnly === true;
    const refusal = this.#risk.admit(order);
    return { sizeBase: refusal === '' ? order.sizeBase : 0, refusal };
  }

  /** Books a fill: cash, position, the trades it closes, and what protections make of it. */
  fill(fill: BookedFill): void {
    checkNames(fill, fillNames);
    const { symbol, side, sizeBase, priceQuote, isMaker = false, isStop = false } = fill;
    if (!(sizeBase > 0 && priceQuote > 0 && Number.isFinite(sizeBase * priceQuote)))
      throw new ConfigError('USAGE', `fill of ${symbol}: was ${sizeBase} at ${priceQuote}, expected finite numbers above 0`);
    const order = this.#draft(symbol, side, isStop ? 'stop' : 'market');
    order.sizeBase = sizeBase;
    const i = order.instrumentIndex;
    const { timeMs } = this.#tape;
    const bar = this.#tape.finest[i].index;
    const execution = {
      orderId: order.id,
      instrumentIndex: i,
      side,
      priceQuote,
      sizeBase,
      slippageQuote: 0,
      isMaker,
      isWhole: true,
      timeMs,
      openTimeMs: timeMs,
      bar,
    };
    this.#portfolio.fill(order, execution);
    this.#risk.rules?.supervisor.notePosition(order, timeMs);
  }

  #draft(symbol: string, side: Side, kind: OrderKind): Order {
    if (side !== 1 && side !== -1) throw new ConfigError('USAGE', `side: was ${String(side)}, expected 1 (buy) or -1 (sell)`);
    const order = blankOrder();
    order.id = this.#orderCount++;
    order.instrumentIndex = this.#indexOf(symbol);
    order.kind = kind;
    order.side = side;
    order.limitPrice = Number.NaN;
    order.stopPrice = Number.NaN;
    order.stopLossPrice = Number.NaN;
    order.takeProfitPrice = Number.NaN;
    order.submittedMs = this.#tape.timeMs;
    order.sizeBase = Number.NaN;
    order.filledBase = 0;
    return order;
  }

  #indexOf(symbol: string): number {
    const { instruments } = this.#portfolio;
    const i = instruments.findIndex((one) => one.symbol === symbol);
    if (i >= 0) return i;
    const symbols = instruments.map((one) => one.symbol);
    const hint = nearest(symbol, symbols);
    const help = hint === undefined ? `expected one of ${symbols.join(', ')}` : `did you mean "${hint}"?`;
    throw new ConfigError('USAGE', `symbol: was "${symbol}", which is no instrument of the portfolio; ${help}`);
  }
}

function kindOf({ limitPrice, stopPrice }: ProposedOrder): OrderKind {
  if (limitPrice === undefined) return stopPrice === undefined ? 'market' : 'stop';
  return stopPrice === undefined ? 'limit' : 'stopLimit';
}

/** A scenario's defaults where the caller says nothing. */
function settingsOf({ initialCapitalQuote, account, costs, risk, metrics }: PortfolioManagerInput['settings']): RunSettings {
  if (!(initialCapitalQuote > 0 && Number.isFinite(initialCapitalQuote)))
    throw new ConfigError('USAGE', `initialCapitalQuote: was ${initialCapitalQuote}, expected a finite amount above 0`);
  if (costs?.fees?.kind === 'strategy')
    throw new ConfigError('USAGE', 'costs.fees: was "strategy", whose fee function is not here; expected rate, tiers or perUnit');
  return {
    window: { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER },
    initialCapitalQuote,
    account: account ?? plainAccount,
    costs: { ...plainCosts, ...costs },
    liquidity: unlimitedLiquidity,
    latency: noLatency,
    risk: {
      riskPerTrade: 0.01,
      positionFractionMax: Number.POSITIVE_INFINITY,
      drawdownHaltFraction: 1,
      sizeBufferFraction: 0.01,
      ...risk,
    },
    ambiguity: 'pessimistic',
    branches: [],
    semantics: playheadSemantics,
    seed: 1,
    metrics: { periodsPerYear: metrics?.periodsPerYear ?? 365, riskFreeAnnual: 0 },
    replay: 'unfiltered',
  };
}

function openPortfolio(
  settings: RunSettings,
  instruments: readonly Instrument[],
  tape: PriceTape,
): { portfolio: Portfolio; feeModel: FeeModel | null } {
  const { semantics } = settings;
  const inForce = new RulesInForce(instruments, settings);
  const { ledger, currencies, futures, feeModel } = openAccount({
    settings,
    inForce,
    // A currency other than the account's needs a tape of its rates: openAccount says so.
    conversions: [],
    clock: tape,
    firstOpenMs: Number.NEGATIVE_INFINITY,
    onConverted: () => undefined,
  });
  const { fills, trades } = new Workspace();
  return {
    portfolio: new Portfolio({ inForce, finest: tape.finest, ledger, currencies, futures, semantics, fills, trades }),
    feeModel,
  };
}
