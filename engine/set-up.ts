/** Owns evaluating a strategy for one run: columns first, then the handlers that trade, for each parameter set that is to decide. Never plays. */
import { ColumnBuilder, type ColumnStore } from './columns.ts';
import { StrategyError } from './errors.ts';
import { type Leap, prepareLeaps } from './leap.ts';
import { type ParameterValues, resolveParameters } from './parameters.ts';
import type { Assembly, PlayInput } from './play.ts';
import { Relay, type Runner } from './relay.ts';
import type { RunState } from './run-state.ts';
import { runSetup, warmthsOf } from './setup.ts';
import type { StrategyDefinition } from './strategy.ts';
import { isDueOf, type WakeCondition } from './wake.ts';

type SetUpInput = Pick<PlayInput, 'settings' | 'strategy' | 'parameters' | 'hashes' | 'relay' | 'columns' | 'recording'>;

interface SetUp {
  readonly definition: StrategyDefinition;
  readonly parameters: ParameterValues;
  readonly runner: Runner;
  /** Conditions by which it is called; none where every bar is. */
  readonly wakes: readonly WakeCondition[];
}

/** Sets up the run's parameters, and those that take over later. */
export function setUp(
  { run, broker, workspace }: Pick<Assembly, 'run' | 'broker' | 'workspace'>,
  input: SetUpInput,
): Pick<SetUp, 'definition' | 'parameters'> & { readonly takenMs: readonly number[]; readonly leap: Leap | null } {
  const store = input.columns ?? workspace.columns;
  const { runner, wakes, definition, parameters } = setUpOne(run, store, input);
  const { relay: settings } = input;
  if (settings === undefined) {
    run.handlers = runner.handlers;
    run.context = runner.context;
    run.warmths = runner.warmths;
    run.isAwake = runner.isAwake;
    run.readsEverySeries = runner.declared.size === run.feed.series.length;
    const { recording } = input;
    const leap = input.settings.replay === 'sparse' ? prepareLeaps({ run, broker, wakes }, { workspace, recording }) : null;
    return { definition, parameters, takenMs: [], leap };
  }
  const runners = settings.takeovers.map((takeover) => setUpOne(run, store, { ...input, parameters: takeover.parameters }).runner);
  const relay = new Relay(run, settings, [runner, ...runners]);
  run.handlers = relay.handlers;
  run.context = runner.context;
  run.readsEverySeries = true;
  return { definition, parameters, takenMs: relay.takenMs, leap: null };
}

/** Two evaluations of the strategy: the first computes the columns, the second trades and finds them ready. */
function setUpOne(run: RunState, store: ColumnStore, input: SetUpInput): SetUp {
  const definition = input.strategy();
  const parameters = resolveParameters(definition.name, definition.parameters, input.parameters);
  const scope = `${input.hashes.strategyHash} ${JSON.stringify(parameters)}`;
  // Setup sends no orders and is given no news: handlers stand empty until the second evaluation has set them.
  run.handlers = {};
  runSetup({ run, settings: input.settings, definition, parameters, builder: new ColumnBuilder({ store, scope, mayCompute: true }) });
  const trading = input.strategy();
  const builder = new ColumnBuilder({ store, scope, mayCompute: false });
  const { handlers, context, wakes } = runSetup({ run, settings: input.settings, definition: trading, parameters, builder });
  if (run.openOrders.count > 0 || run.orders.length > 0 || run.refusedCount > 0)
    throw new StrategyError('STRATEGY_INVALID', 'setup sent an order; orders are sent from onBar, onFill or onOrder');
  const filters = input.settings.replay === 'unfiltered' ? [] : wakes;
  const isAwake = filters.length === 0 ? null : isDueOf(filters);
  const declared = new Set(run.feed.series.filter((series) => series.isDeclared));
  return { definition: trading, parameters, wakes, runner: { handlers, context, isAwake, warmths: warmthsOf(builder.declared), declared } };
}
