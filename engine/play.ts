/** Owns one whole run: assembles its parts, replays the tape, measures and certifies. Never reads a file and never waits. */
import { AccountKeeper } from './account-keeper.ts';
import { SimulatedBroker } from './broker/simulated/simulated-broker.ts';
import { certify, hashTape, type InputHashes } from './certificate.ts';
import type { ColumnStore } from './columns.ts';
import { StrategyFees } from './costs/fees.ts';
import { CostReserve } from './costs/reserve.ts';
import { assert, DataError, PlayheadError, StrategyError } from './errors.ts';
import { assertOrdered, Feed, lowerBound } from './feed.ts';
import { legsOf } from './hedge.ts';
import { Workspace } from './logs.ts';
import { measure, quotesAt } from './metrics/measure.ts';
import { seriesName, type Tape } from './model/bar.ts';
import type { Instrument } from './model/instrument.ts';
import { OrderList } from './model/order-list.ts';
import { dayMs } from './model/timeframe.ts';
import type { ParameterValues } from './parameters.ts';
import type { ConversionTape } from './portfolio/conversion.ts';
import { convertedTotals, convertedTrades } from './portfolio/converted.ts';
import { type OpenedAccount, openAccount } from './portfolio/open-account.ts';
import { Portfolio } from './portfolio/portfolio.ts';
import type { RelaySettings } from './relay.ts';
import { finish, type Replayed, replay } from './replay.ts';
import type { AccountEvent, Dust, EquityColumns, Metrics, OpenPosition, RunResult } from './result.ts';
import { CashRisk } from './risk/cash-risk.ts';
import { Risk } from './risk/risk.ts';
import { RulesInForce } from './rules-in-force.ts';
import { type Recording, RunState } from './run-state.ts';
import { setUp } from './set-up.ts';
import type { RunSettings } from './settings.ts';
import type { StrategyDefinition } from './strategy.ts';
import { warningsOf } from './warnings.ts';

export interface PlayInput {
  /** In the scenario's order; the first is the primary series. */
  readonly tapes: readonly Tape[];
  /** One for each distinct venue and symbol, in order of first appearance. */
  readonly instruments: readonly Instrument[];
  readonly settings: RunSettings;
  /** Series that turn other currencies into the account's; nothing is traded on them. */
  readonly conversions?: readonly ConversionTape[];
  /** A fresh evaluation of the strategy each time it is called. */
  readonly strategy: () => StrategyDefinition;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly hashes: InputHashes;
  readonly recording: Recording;
  /** Finer bars that decide ambiguous ones under "refine", one tape an instrument; only those in ambiguous bars are looked at, and hashed. */
  readonly finer?: readonly Tape[];
  /** [rows played, rows in all] over shared memory; null where nobody watches. */
  readonly progress?: Int32Array | null;
  /** Columns of earlier runs over the same tapes. */
  readonly columns?: ColumnStore;
  /** Parameter sets that take over on the way; left out where one decides throughout. */
  readonly relay?: RelaySettings;
  /** Memory to play in; what an earlier run left there is lost, its columns and records with it. */
  readonly workspace?: Workspace;
}

/** What a replay leaves behind before it is certified; enough for a trial. */
export interface Outcome {
  readonly run: RunState;
  readonly broker: SimulatedBroker;
  readonly definition: StrategyDefinition;
  readonly parameters: ParameterValues;
  readonly daily: EquityColumns;
  readonly metrics: Metrics;
  readonly account: OpenedAccount;
  readonly accountEvents: readonly AccountEvent[];
  /** By takeover of input.relay, the close at which it happened; NaN for one that did not. */
  readonly takenMs: readonly number[];
}

/** Plays a strategy over tapes under settings; everything it returns depends on its input alone. */
export function play(input: PlayInput): RunResult {
  return resultOf(playTrial(input), input);
}

/** A run, whether finer bars were missing for a bar in doubt, and when its parameter sets took over. */
export interface PlayedRefining {
  readonly result: RunResult;
  readonly isFinerMissing: boolean;
  readonly takenMs: readonly number[];
}

/** As play, and whether finer bars were missing for a bar in doubt: where there are any, it is to be played again with them. */
export function playRefining(input: PlayInput): PlayedRefining {
  const outcome = playTrial(input);
  return { result: resultOf(outcome, input), isFinerMissing: outcome.broker.finer.isMissing, takenMs: outcome.takenMs };
}

function resultOf(outcome: Outcome, input: PlayInput): RunResult {
  const { run, broker, definition, parameters, daily, metrics, account, accountEvents } = outcome;
  const { settings } = input;
  const equity = { timeMs: run.feed.rowTimeMs, equityQuote: run.equityQuote };
  const orders = run.orders.toArray();
  const fills = run.fills.toArray();
  const tapeHash = tapeHashOf(outcome, input);
  return {
    strategyName: definition.name,
    parameters,
    instruments: run.portfolio.inForce.declared,
    series: run.feed.series.map((series) => ({
      key: series.key,
      rowCount: series.barCount,
      firstOpenMs: series.columns.openTimeMs[series.firstBar],
      lastCloseMs: series.columns.closeTimeMs[series.endBar - 1],
      isSynthetic: series.isSynthetic,
      isFinest: series.isFinest,
    })),
    quoteCurrency: account.currency,
    initialCapitalQuote: account.capitalQuote,
    orders,
    fills,
    trades: run.portfolio.trades.toArray(),
    openPositions: openPositions(run),
    equity,
    daily,
    buyAndHold: buyAndHold(run, account.capitalQuote, null, new Float64Array(run.equityQuote.length)),
    ambiguousBarCount: broker.doubts.ambiguousBarCount,
    decidedBarCount: broker.doubts.decidedBarCount,
    notRefinedBarCount: broker.doubts.notRefinedBarCount,
    riskEvents: run.risk.log.events,
    ledger: { ...run.portfolio.ledger.causes() },
    otherLedgers: run.portfolio.currencies?.otherCauses() ?? {},
    accountEvents,
    dust: dustOf(run),
    metrics,
    certificate: certify({ ...input.hashes, tapeHash, seed: settings.seed, orders, fills, equity, daily, metrics }),
    warnings: warningsOf({ run, broker, definition, settings }),
  };
}

/** Of finer bars those that were looked at are covered, and no others. */
export function tapeHashOf({ broker }: Outcome, { tapes, conversions, settings }: PlayInput): string {
  return hashTape([...tapes, ...broker.finer.used(), ...(conversions ?? []).map(({ tape }) => tape)], settings.window.toMs);
}

/** The parts of one run, before its strategy is set up. */
export interface Assembly {
  readonly run: RunState;
  readonly broker: SimulatedBroker;
  readonly account: OpenedAccount;
  readonly accountEvents: readonly AccountEvent[];
  readonly settings: RunSettings;
  readonly workspace: Workspace;
}

/** Puts a run together; nothing is declared or played yet. DATA_NOT_FOUND where the window holds no bar. */
export function assemble(input: PlayInput): Assembly {
  const { tapes, recording } = input;
  checkInput(input);
  const asked = input.settings;
  const hasLegs = asked.account.positions === 'hedge';
  const instruments = hasLegs ? legsOf(input.instruments) : input.instruments;
  const feed = new Feed({
    tapes,
    instrumentIndexes: instrumentIndexes(tapes, input.instruments),
    instrumentCount: input.instruments.length,
    hasLegs,
    window: asked.window,
  });
  if (feed.rowTimeMs.length === 0) {
    throw new DataError(
      'DATA_NOT_FOUND',
      `the window ${isoTime(asked.window.fromMs)} to ${isoTime(asked.window.toMs)} holds no whole bar of ${tapes.map((tape) => seriesName(tape.key)).join(', ')}`,
    );
  }
  const inForce = new RulesInForce(instruments, asked);
  const accountEvents: AccountEvent[] = [];
  const account = openAccount({
    settings: asked,
    inForce,
    conversions: input.conversions ?? [],
    clock: feed,
    firstOpenMs: firstOpenMsOf(feed),
    onConverted: (figures) => accountEvents.push(Object.freeze({ timeMs: feed.timeMs, kind: 'conversion', figures })),
  });
  inForce.moveTo(asked.window.fromMs);
  const workspace = input.workspace ?? new Workspace();
  workspace.clear();
  const { fills, trades } = workspace;
  const { ledger, currencies, futures } = account;
  // From here on the capital is all of it, other currencies at their first rates.
  const settings = account.capitalQuote === asked.initialCapitalQuote ? asked : { ...asked, initialCapitalQuote: account.capitalQuote };
  const { semantics } = settings;
  const portfolio = new Portfolio({ inForce, finest: feed.finest, ledger, currencies, futures, semantics, fills, trades });
  const openOrders = new OrderList();
  const reserve = new CostReserve({ settings, inForce, feeModel: account.feeModel, finest: feed.finest });
  const Judge = semantics.buyingPower === 'cash' ? CashRisk : Risk;
  const risk = new Judge({ settings, portfolio, openOrders, reserve, market: feed, keepsEvents: recording === 'full' });
  const run = new RunState({ feed, portfolio, risk, openOrders, recording, workspace, settings });
  const finer = instruments.map(({ venue, symbol }) => input.finer?.find(({ key }) => key.venue === venue && key.symbol === symbol));
  const broker = new SimulatedBroker({ feed, inForce, settings, gate: risk, sink: run }, finer);
  run.broker = broker;
  if (needsKeeper(settings, portfolio)) run.keeper = new AccountKeeper({ settings, run, events: accountEvents, reserve });
  return { run, broker, account, accountEvents, settings, workspace };
}

/** The replay and its metrics alone. */
export function playTrial(input: PlayInput): Outcome {
  const assembly = assemble(input);
  const { run, broker, account, accountEvents, settings, workspace } = assembly;
  const { definition, parameters, takenMs, leap } = setUp(assembly, input);
  if (account.feeModel instanceof StrategyFees) account.feeModel.declare(definition.fee);
  playThrough({ run, broker, leap }, input);
  const { rowTimeMs } = run.feed;
  const dayEndRows = dayEndRowsOf(rowTimeMs);
  const daily = { timeMs: pick(rowTimeMs, dayEndRows), equityQuote: quotesAt(run.held ?? run.equityQuote, dayEndRows) };
  return {
    run,
    broker,
    definition,
    parameters,
    daily,
    metrics: metricsOf(run, {
      settings,
      dayEndRows,
      held: workspace.heldQuote(run.equityQuote.length),
    }),
    account,
    accountEvents,
    takenMs,
  };
}

function checkInput({ tapes, instruments, conversions }: PlayInput): void {
  assert(tapes.length > 0 && instruments.length > 0, 'a run needs at least one tape and one instrument');
  for (const tape of tapes) assertOrdered(tape);
  for (const { tape } of conversions ?? []) assertOrdered(tape);
}

/** Something may happen to the account that is no order's doing. */
function needsKeeper({ account, semantics }: RunSettings, { currencies }: Portfolio): boolean {
  const isMargined = account.kind === 'margin' || account.kind === 'futures';
  return isMargined || currencies !== null || account.dust === 'keep' || account.positions === 'hedge' || semantics.ruin === 'closeAll';
}

/** Open of the first bar played. */
function firstOpenMsOf(feed: Feed): number {
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { firstBar, endBar, columns } of feed.finest) {
    if (firstBar < endBar) firstMs = Math.min(firstMs, columns.openTimeMs[firstBar]);
  }
  return firstMs;
}

function instrumentIndexes(tapes: readonly Tape[], instruments: readonly Instrument[]): number[] {
  return tapes.map((tape) => {
    const i = instruments.findIndex((one) => one.venue === tape.key.venue && one.symbol === tape.key.symbol);
    assert(i >= 0, `no instrument for ${seriesName(tape.key)}`);
    return i;
  });
}

function playThrough({ run, broker, leap }: Replayed, input: PlayInput): void {
  const progress = input.progress ?? null;
  if (progress !== null) Atomics.store(progress, 1, run.feed.rowTimeMs.length);
  try {
    replay({ run, broker, leap }, progress);
  } catch (error) {
    if (error instanceof PlayheadError || !(error instanceof Error) || error.message.startsWith('Invariant')) throw error;
    throw new StrategyError(
      'STRATEGY_THREW',
      `at ${isoTime(run.feed.timeMs)} (row ${run.feed.row}): ${error.name}: ${error.message}`,
      { row: run.feed.row, timeMs: run.feed.timeMs },
      error,
    );
  }
  finish(run, broker, input.settings);
  run.portfolio.ledger.assertBalanced();
  if (progress !== null) Atomics.store(progress, 0, run.feed.rowTimeMs.length);
}

function metricsOf(
  run: RunState,
  { settings, dayEndRows, held }: { settings: RunSettings; dayEndRows: Int32Array; held: Float64Array },
): Metrics {
  const converter = run.portfolio.currencies === null ? null : run.keeper;
  const { fills } = run;
  const totals = converter === null ? fills : convertedTotals(fills, converter.fillRates);
  const trades = run.portfolio.trades.columns();
  return measure({
    timeMs: run.feed.rowTimeMs,
    openTimeMs0: firstOpenMsOf(run.feed),
    equityQuote: run.held ?? run.equityQuote,
    length: run.equityQuote.length,
    dayEndRows,
    initialCapitalQuote: settings.initialCapitalQuote,
    trades: converter === null ? trades : convertedTrades(trades, converter.tradeRates),
    feeQuoteTotal: totals.feeQuoteTotal,
    slippageQuoteTotal: totals.slippageQuoteTotal,
    tradedNotionalQuote: totals.notionalQuoteTotal,
    exposureRowCount: run.exposureRowCount,
    buyAndHoldQuote: buyAndHold(run, settings.initialCapitalQuote, dayEndRows, held),
    periodsPerYear: settings.metrics.periodsPerYear,
    riskFreeAnnual: settings.metrics.riskFreeAnnual,
  });
}

/** Row of the last bar of each UTC day; a bar belongs to the day of closeTimeMs − 1. */
export function dayEndRowsOf(rowTimeMs: Float64Array): Int32Array {
  const { length } = rowTimeMs;
  const rows: number[] = [];
  let count = 1;
  for (let row = 0; row < length; ) {
    const endMs = (Math.floor((rowTimeMs[row] - 1) / dayMs) + 1) * dayMs;
    // As many rows as the day before, as a rule; a search looks into twenty far places of the column.
    const guess = row + count;
    const isEnd = guess <= length && rowTimeMs[guess - 1] <= endMs && (guess === length || rowTimeMs[guess] > endMs);
    const next = isEnd ? guess : lowerBound(rowTimeMs, length, endMs + 1);
    count = next - row;
    row = next;
    rows.push(row - 1);
  }
  return Int32Array.from(rows);
}

function pick(column: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => column[row]);
}

/** All capital in the first instrument from its first open in the window, no costs; the initial capital before that. rows: those to fill, null for all. */
function buyAndHold(run: RunState, initialCapitalQuote: number, rows: Int32Array | null, held: Float64Array): Float64Array {
  const series = run.feed.finest[0];
  const { rowTimeMs } = run.feed;
  const units = series.firstBar < series.endBar ? initialCapitalQuote / series.columns.open[series.firstBar] : 0;
  const count = rows === null ? rowTimeMs.length : rows.length;
  const isOnlySeries = run.feed.finest.length === 1;
  const { currencies } = run.portfolio;
  const rate0 =
    currencies === null || series.firstBar >= series.endBar ? 1 : currencies.rateAt(0, series.columns.openTimeMs[series.firstBar]);
  for (let k = 0; k < count; k++) {
    const row = rows === null ? k : rows[k];
    const bar = isOnlySeries ? series.firstBar + row : lowerBound(series.columns.closeTimeMs, series.endBar, rowTimeMs[row] + 1) - 1;
    held[row] = bar < series.firstBar ? initialCapitalQuote : units * series.columns.close[bar];
    if (currencies !== null && bar >= series.firstBar) held[row] *= currencies.rateAt(0, rowTimeMs[row]) / rate0;
  }
  return held;
}

function openPositions(run: RunState): OpenPosition[] {
  const { portfolio } = run;
  const open: OpenPosition[] = [];
  for (let i = 0; i < portfolio.positionBase.length; i++) {
    const sizeBase = portfolio.positionBase[i];
    if (sizeBase === 0) continue;
    const averagePriceQuote = portfolio.averagePrice(i);
    const markPriceQuote = portfolio.lastPrice(i);
    const unrealisedPnlQuote = portfolio.unrealisedPnl(i, markPriceQuote);
    open.push({ instrumentIndex: i, sizeBase, averagePriceQuote, markPriceQuote, unrealisedPnlQuote });
  }
  return open;
}

function dustOf({ portfolio }: RunState): Dust[] {
  const found: Dust[] = [];
  portfolio.dustBase.forEach((sizeBase, instrumentIndex) => {
    if (sizeBase !== 0) found.push({ instrumentIndex, sizeBase, markPriceQuote: portfolio.lastPrice(instrumentIndex) });
  });
  return found;
}

function isoTime(timeMs: number): string {
  return Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : String(timeMs);
}
