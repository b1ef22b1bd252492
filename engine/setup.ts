/**
 * Owns one evaluation of a strategy's setup: the series, indicators and wake conditions it declares.
 * Columns are computed in one evaluation of the strategy and read in another, so that nothing an indicator sees can be kept for trading.
 */
import type { ColumnBuilder, ColumnHandle } from './columns.ts';
import { Context, Position } from './context.ts';
import { assert, StrategyError } from './errors.ts';
import type { FeedSeries } from './feed.ts';
import { HedgeEntry, HedgePosition } from './hedge.ts';
import { indicators } from './indicators/catalogue.ts';
import type { IndicatorDefinition } from './indicators/definition.ts';
import { decimalsOf, type Instrument, tickStepOf } from './model/instrument.ts';
import { nearest } from './nearest.ts';
import { Entry } from './order-entry.ts';
import type { ParameterValues } from './parameters.ts';
import { createRandom } from './random.ts';
import type { RulesInForce } from './rules-in-force.ts';
import type { RunState, Warmth } from './run-state.ts';
import type { RunSettings } from './settings.ts';
import type { Bars, Column, Indicators, OrderEntry, PositionView, SetupContext, StrategyDefinition, StrategyHandlers } from './strategy.ts';
import { type WakeCondition, wakeOf } from './wake.ts';

export interface SetupInput {
  readonly run: RunState;
  readonly settings: RunSettings;
  readonly definition: StrategyDefinition;
  readonly parameters: ParameterValues;
  readonly builder: ColumnBuilder;
}

export interface SetupOutcome {
  readonly handlers: StrategyHandlers;
  readonly context: Context;
  readonly wakes: readonly WakeCondition[];
}

/** Runs setup once. */
export function runSetup({ run, settings, definition, parameters, builder }: SetupInput): SetupOutcome {
  const { inForce } = run.portfolio;
  const { entries, positions } = viewsOf(run, settings, builder);
  const views = run.feed.series.map((series) => {
    const i = series.instrumentIndex;
    return Object.freeze(new BarsView({ series, inForce, builder, order: entries[i], position: positions[i] }));
  });
  for (const series of run.feed.series) series.isDeclared = false;
  const wakes: WakeCondition[] = [];
  let takesSeries = false;
  const setup: SetupContext<Record<string, never>> = {
    parameters: parameters as SetupContext<Record<string, never>>['parameters'],
    bars: views[0],
    get series() {
      takesSeries = true;
      return views;
    },
    indicators: indicatorsOf(builder),
    wake: wakeOf(wakes, builder, run),
    random: createRandom(settings.seed),
  };
  Object.freeze(views);
  Object.freeze(setup);
  const handlers = checkHandlers(definition.setup(setup as unknown as SetupContext<StrategyDefinition['parameters']>));
  builder.seal();
  // Columns have declared their series. Where there are none, but all series were taken, each instrument is decided on by its first.
  const readsNone = !run.feed.series.some((series) => series.isDeclared);
  if (readsNone && takesSeries) for (const series of run.feed.decision) series.isDeclared = true;
  run.feed.series[0].isDeclared = true;
  return { handlers, context: new Context(run, entries[0], positions[0]), wakes };
}

/** Order entry and position of each instrument; of a hedge account's, over both legs. */
function viewsOf(
  run: RunState,
  settings: RunSettings,
  columns: ColumnBuilder,
): { entries: readonly OrderEntry[]; positions: readonly PositionView[] } {
  const { instruments } = run.portfolio;
  const entries = instruments.map((_, i) => Object.freeze(new Entry({ run, instrumentIndex: i, settings, columns })));
  const positions = instruments.map((_, i) => Object.freeze(new Position(run, i)));
  if (settings.account.positions === 'net') return { entries, positions };
  const count = instruments.length / 2;
  return {
    entries: entries.slice(0, count).map((entry, i) => Object.freeze(new HedgeEntry(entry, entries[count + i]))),
    positions: positions.slice(0, count).map((position, i) => Object.freeze(new HedgePosition(position, positions[count + i]))),
  };
}

const handlerNames = ['onBar', 'onFill', 'onOrder'];

/** What setup returned, if it is handlers: a misspelt one would never be called and never be missed. */
function checkHandlers(handlers: StrategyHandlers | undefined): StrategyHandlers {
  if (handlers === undefined) return {};
  if (typeof handlers !== 'object' || handlers === null) {
    throw new StrategyError(
      'STRATEGY_INVALID',
      `setup returned ${handlers === null ? 'null' : typeof handlers}, expected handlers such as { onBar() { … } }`,
    );
  }
  for (const [name, handler] of Object.entries(handlers)) {
    if (!handlerNames.includes(name)) {
      const hint = nearest(name, handlerNames);
      throw new StrategyError(
        'STRATEGY_INVALID',
        `setup returned a handler "${name}"${hint === undefined ? '' : `; did you mean "${hint}"?`} (there are ${handlerNames.join(', ')})`,
      );
    }
    if (handler !== undefined && typeof handler !== 'function') {
      throw new StrategyError('STRATEGY_INVALID', `handler ${name} was ${typeof handler}, expected a function`);
    }
  }
  return handlers;
}

/** From which bar of each series on every declared column has a value. */
export function warmthsOf(declared: readonly ColumnHandle[]): Warmth[] {
  const bars = new Map<FeedSeries, number>();
  for (const { node, series } of declared) bars.set(series, Math.max(bars.get(series) ?? 0, node.leadingCount));
  return [...bars].map(([series, bar]) => ({ series, bar }));
}

/** One series as a strategy sees it; columns are declared when they are first read. */
class BarsView implements Bars {
  readonly symbol: string;
  readonly timeframe: Bars['timeframe'];
  readonly order: OrderEntry;
  readonly position: PositionView;
  readonly #series: FeedSeries;
  readonly #inForce: RulesInForce;
  /** Of prices: the grid that they lie on at all times. */
  readonly #decimals: number;
  readonly #builder: ColumnBuilder;
  readonly #columns = new Map<string, Column>();
  constructor(input: { series: FeedSeries; inForce: RulesInForce; builder: ColumnBuilder; order: OrderEntry; position: PositionView }) {
    this.symbol = input.series.key.symbol;
    this.timeframe = input.series.key.timeframe;
    this.order = input.order;
    this.position = input.position;
    this.#series = input.series;
    this.#inForce = input.inForce;
    this.#decimals = decimalsOf(tickStepOf(input.inForce.declared[input.series.instrumentIndex]));
    this.#builder = input.builder;
  }
  /** By the rules in force now. */
  get instrument(): Instrument {
    return this.#inForce.instruments[this.#series.instrumentIndex];
  }
  get open(): Column {
    return this.#column('open', this.#decimals);
  }
  get high(): Column {
    return this.#column('high', this.#decimals);
  }
  get low(): Column {
    return this.#column('low', this.#decimals);
  }
  get close(): Column {
    return this.#column('close', this.#decimals);
  }
  get volume(): Column {
    return this.#column('volume', -1);
  }
  get openTimeMs(): Column {
    return this.#column('openTimeMs', 0);
  }
  get closeTimeMs(): Column {
    return this.#column('closeTimeMs', 0);
  }
  #column(name: 'open' | 'high' | 'low' | 'close' | 'volume' | 'openTimeMs' | 'closeTimeMs', decimals: number): Column {
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = this.#builder.raw(this.#series, name, this.#series.columns[name], decimals);
      this.#columns.set(name, column);
    }
    return column;
  }
}

function indicatorsOf(builder: ColumnBuilder): Indicators {
  const one = (name: string, inputs: readonly Column[], parameters: readonly number[]): Column => several(name, inputs, parameters)[0];
  const several = (name: string, inputs: readonly Column[], parameters: readonly number[]): Column[] =>
    builder.indicator(definitionOf(name), inputs, parameters);
  const bars = (view: Bars): Column[] => [view.high, view.low, view.close];
  return Object.freeze({
    sma: (source: Column, period: number) => one('sma', [source], [period]),
    ema: (source: Column, period: number) => one('ema', [source], [period]),
    rma: (source: Column, period: number) => one('rma', [source], [period]),
    wma: (source: Column, period: number) => one('wma', [source], [period]),
    rsi: (source: Column, period: number) => one('rsi', [source], [period]),
    atr: (view: Bars, period: number) => one('atr', bars(view), [period]),
    macd(source: Column, { fast, slow, signal }: { fast: number; slow: number; signal: number }) {
      const outputs = several('macd', [source], [fast, slow, signal]);
      return { macd: outputs[0], signal: outputs[1], histogram: outputs[2] };
    },
    bollinger(source: Column, { period, deviations }: { period: number; deviations: number }) {
      const outputs = several('bollinger', [source], [period, deviations]);
      return { upper: outputs[0], middle: outputs[1], lower: outputs[2] };
    },
    donchian(view: Bars, period: number) {
      const outputs = several('donchian', [view.high, view.low], [period]);
      return { upper: outputs[0], middle: outputs[1], lower: outputs[2] };
    },
    stochastic(view: Bars, { k, slow, d }: { k: number; slow: number; d: number }) {
      const outputs = several('stochastic', bars(view), [k, slow, d]);
      return { k: outputs[0], d: outputs[1] };
    },
    adx(view: Bars, period: number) {
      const outputs = several('adx', bars(view), [period]);
      return { adx: outputs[0], plus: outputs[1], minus: outputs[2] };
    },
    ichimoku(view: Bars, { tenkan, kijun, spanB, displacement }: { tenkan: number; kijun: number; spanB: number; displacement: number }) {
      const outputs = several('ichimoku', bars(view), [tenkan, kijun, spanB, displacement]);
      return { tenkan: outputs[0], kijun: outputs[1], spanA: outputs[2], spanB: outputs[3], chikou: outputs[4] };
    },
    batch: (name: string, source: Column, kernel: Parameters<Indicators['batch']>[2]) => builder.batch(name, source, kernel),
    stream: (name: string, source: Column, kernel: Parameters<Indicators['stream']>[2]) => builder.stream(name, source, kernel),
  });
}

function definitionOf(name: string): IndicatorDefinition {
  const definition = (indicators as Readonly<Record<string, IndicatorDefinition>>)[name];
  assert(definition !== undefined, `the indicator catalogue lacks ${name}`);
  return definition;
}
