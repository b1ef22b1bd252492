/** Owns indicator columns: each distinct one is computed once, from the series' first bar, and read through cursors that end at now. */
import { StrategyError } from './errors.ts';
import type { FeedSeries } from './feed.ts';
import type { IndicatorDefinition, Source } from './indicators/definition.ts';
import { createSource } from './indicators/source.ts';
import type { TrailColumn } from './model/trail.ts';
import type { BatchKernel, Column, StreamKernel } from './strategy.ts';
import { told } from './told.ts';

/** A computed column: its values, the series whose bars it follows, and the text that tells it from every other. */
export interface ColumnNode {
  readonly key: string;
  readonly source: Source;
  /** Bars before its first value. */
  readonly leadingCount: number;
  /** Keys of the columns it is computed from. */
  readonly inputs: readonly string[];
  /** Any trial over the same tapes computes it alike: of the engine's own indicators, on nothing but such columns and the tape. */
  readonly isShareable: boolean;
}

/** What a column is made of beside its values. */
type NodeFacts = Pick<ColumnNode, 'inputs' | 'isShareable'>;

const tapeSources = new WeakMap<Float64Array, Source>();

/** Columns by key; one store may serve many trials over the same tapes. */
export class ColumnStore {
  private readonly nodes = new Map<string, ColumnNode>();
  /** Columns of others, which are read here and never released. */
  private readonly shared: ReadonlyMap<string, ColumnNode>;
  private readonly owned: Float64Array[] = [];

  /** Memory of columns that were released, by length. */
  private readonly spare = new Map<number, Float64Array[]>();

  /** targets: memory to compute into, of whatever length; what is left of it nobody has written to. */
  constructor(shared: ReadonlyMap<string, ColumnNode> = new Map(), targets: readonly Float64Array[] = []) {
    this.shared = shared;
    for (const target of targets) this.keepSpare(target);
  }

  /** A column to compute into; it may hold what an earlier one left, so that every value must be written. */
  allocate(length: number): Float64Array {
    return this.spare.get(length)?.pop() ?? new Float64Array(new SharedArrayBuffer(length * 8));
  }

  /** Forgets every column and keeps the memory of those it allocated; nobody may read them any more. */
  release(): void {
    for (const values of this.owned) this.keepSpare(values);
    this.owned.length = 0;
    this.nodes.clear();
  }

  get(key: string): ColumnNode | undefined {
    return this.nodes.get(key) ?? this.shared.get(key);
  }

  /** Every column added here, in the order of their computation. */
  added(): readonly ColumnNode[] {
    return [...this.nodes.values()];
  }

  add(key: string, values: Float64Array, decimals: number, facts: NodeFacts): ColumnNode {
    this.owned.push(values);
    return this.keep(columnNode(key, { values, decimals, ...facts }));
  }

  /** A column that is known by its key alone; it is not to be read. */
  addBlank(key: string, decimals: number, facts: NodeFacts): ColumnNode {
    return this.keep(columnNode(key, { values: noValues, decimals, ...facts }));
  }

  /** A column of the tape: its tick view is made once a tape, not once a run. */
  addOfTape(key: string, values: Float64Array, decimals: number): ColumnNode {
    let source = tapeSources.get(values);
    if (source === undefined || source.decimals !== decimals) {
      source = createSource(values, decimals);
      tapeSources.set(values, source);
    }
    return this.keep({ key, source, leadingCount: leadingNaNs(values), inputs: [], isShareable: true });
  }

  private keepSpare(values: Float64Array): void {
    const spare = this.spare.get(values.length);
    if (spare === undefined) this.spare.set(values.length, [values]);
    else spare.push(values);
  }

  private keep(node: ColumnNode): ColumnNode {
    this.nodes.set(node.key, node);
    return node;
  }
}

const noValues = new Float64Array(0);

/** A column as it is told from thread to thread. */
export interface ColumnValues extends NodeFacts {
  readonly values: Float64Array;
  readonly decimals: number;
}

export function columnNode(key: string, { values, decimals, inputs, isShareable }: ColumnValues): ColumnNode {
  return { key, source: createSource(values, decimals), leadingCount: leadingNaNs(values), inputs, isShareable };
}

function leadingNaNs(values: Float64Array): number {
  let count = 0;
  while (count < values.length && Number.isNaN(values[count])) count++;
  return count;
}

/** Reads a column at or before now. The values are private: nothing a strategy holds leads to them. */
export class Cursor implements Column {
  readonly #values: Float64Array;
  readonly #series: FeedSeries;
  constructor(values: Float64Array, series: FeedSeries) {
    this.#values = values;
    this.#series = series;
  }
  at(ago: number): number {
    if (ago < 0 || ago !== (ago | 0)) throwBadAgo(ago);
    const i = this.#series.index - ago;
    return i >= 0 ? this.#values[i] : Number.NaN;
  }
}

function throwBadAgo(ago: number): never {
  if (ago < 0) {
    // A string may reach this place too: '-1' is one bar.
    const bars = -ago === 1 ? '1 bar' : `${-ago} bars`;
    throw new StrategyError('LOOKAHEAD', `at(${ago}) reads ${bars} past now; at(0) is the bar that closed last, at(1) the one before`, {
      ago,
    });
  }
  throw new StrategyError('STRATEGY_INVALID', `at(${ago}): expected a whole number of bars back, 0 or more`, { ago: String(ago) });
}

/** A column at the bar that closed last; inside a bar that is the one before it. */
class LastClosed implements TrailColumn {
  readonly key: string;
  readonly #values: Float64Array;
  readonly #series: FeedSeries;
  constructor(node: ColumnNode, series: FeedSeries) {
    this.key = node.key;
    this.#values = node.source.values;
    this.#series = series;
  }
  lastClosed(timeMs: number, isInside: boolean): number {
    const { index } = this.#series;
    if (index < 0) return Number.NaN;
    // Of a bar that closes then nothing is known before it has.
    const closeMs = this.#series.closeMs(index);
    const i = closeMs > timeMs || (isInside && closeMs === timeMs) ? index - 1 : index;
    return i >= 0 ? this.#values[i] : Number.NaN;
  }
}

/** What a cursor stands on, for the engine alone. */
export interface ColumnHandle {
  readonly node: ColumnNode;
  readonly series: FeedSeries;
}

/** Computes what one evaluation of a strategy's setup declares, or looks it up where it has been computed before. */
export class ColumnBuilder {
  /** Every column declared, in order of declaration. */
  readonly declared: ColumnHandle[] = [];
  private readonly store: ColumnStore;
  private readonly scope: string;
  private readonly mayCompute: boolean;
  private readonly leavesBlank: (key: string) => boolean;
  private readonly handles = new WeakMap<object, ColumnHandle>();
  private readonly customNames = new Set<string>();
  private isSealed = false;

  /**
   * scope: tells custom columns of one strategy and its parameters from those of another. mayCompute: false in the evaluation that trades.
   * leavesBlank: columns that nobody is going to read, which are declared and not computed; none by default.
   */
  constructor(options: { store: ColumnStore; scope: string; mayCompute: boolean; leavesBlank?: (key: string) => boolean }) {
    this.store = options.store;
    this.scope = options.scope;
    this.mayCompute = options.mayCompute;
    this.leavesBlank = options.leavesBlank ?? (() => false);
  }

  /** A column of the tape itself. decimals: its grid, −1 for none. */
  raw(series: FeedSeries, name: string, values: Float64Array, decimals: number): Column {
    const key = `${series.key.venue} ${series.key.symbol} ${series.key.timeframe} ${name}`;
    return this.cursor({ node: this.store.get(key) ?? this.store.addOfTape(key, values, decimals), series });
  }

  /** Setup is over: prices may still be read for the first time, nothing else is declared. */
  seal(): void {
    this.isSealed = true;
  }

  /** STRATEGY_INVALID once setup is over: warm-up and wake conditions are settled there. */
  assertOpen(what: string): void {
    if (this.isSealed)
      throw new StrategyError(
        'STRATEGY_INVALID',
        `${what} was called from a handler; indicators and wake conditions are declared in setup`,
      );
  }

  handleOf(column: Column): ColumnHandle {
    const handle = this.handles.get(column);
    if (handle === undefined)
      throw new StrategyError(
        'STRATEGY_INVALID',
        'an indicator was given something that is not a column of this run; pass bars.close or what another indicator returned',
      );
    return handle;
  }

  /** A column as a trailing stop reads it. */
  trailColumn(column: Column): TrailColumn {
    const { node, series } = this.handleOf(column);
    return new LastClosed(node, series);
  }

  /** One of the engine's own indicators; a column for each output. */
  indicator(definition: IndicatorDefinition, inputs: readonly Column[], parameters: readonly number[]): Column[] {
    this.assertOpen(`indicators.${definition.name}`);
    const handles = inputs.map((column) => this.handleOf(column));
    const series = handles[0].series;
    if (handles.some((one) => one.series !== series))
      throw new StrategyError('STRATEGY_INVALID', `${definition.name}: its columns are of different series`);
    for (let i = 0; i < parameters.length; i++) checkParameter(definition, i, parameters[i]);
    const base = `${definition.name}(${handles.map((one) => one.node.key).join(', ')}; ${parameters.join(', ')})`;
    const keys = definition.outputs.map((output) => `${base}.${output}`);
    if (this.store.get(keys[0]) === undefined) this.compute(keys, definition, handles, parameters);
    return keys.map((key) => this.cursor({ node: this.store.get(key) as ColumnNode, series }));
  }

  private compute(
    keys: readonly string[],
    definition: IndicatorDefinition,
    handles: readonly ColumnHandle[],
    parameters: readonly number[],
  ): void {
    const { store } = this;
    const nodes = handles.map((one) => one.node);
    const facts = { inputs: nodes.map(({ key }) => key), isShareable: nodes.every(({ isShareable }) => isShareable) };
    const sources = nodes.map(({ source }) => source);
    const decimals = definition.outputDecimals(sources.map((source) => source.decimals));
    if (this.leavesBlank(keys[0])) {
      for (let i = 0; i < keys.length; i++) store.addBlank(keys[i], decimals[i], facts);
      return;
    }
    const targets = keys.map(() => store.allocate(handles[0].series.columns.length));
    definition.batch(sources, parameters, targets);
    for (let i = 0; i < keys.length; i++) store.add(keys[i], targets[i], decimals[i], facts);
  }

  batch(name: string, source: Column, kernel: BatchKernel): Column {
    return this.custom('batch', name, source, (values, target) => {
      runDetached(kernel, values, target);
      assertCausal({ name, kernel, values, target, closeTimeMs: this.handleOf(source).series.columns.closeTimeMs });
    });
  }

  stream(name: string, source: Column, kernel: StreamKernel): Column {
    return this.custom('stream', name, source, (values, target) => {
      const next = kernel();
      for (let i = 0; i < values.length; i++) target[i] = next(values[i]);
    });
  }

  private custom(form: string, name: string, source: Column, compute: (values: Float64Array, target: Float64Array) => void): Column {
    this.assertOpen(`indicators.${form}`);
    const { node, series } = this.handleOf(source);
    if (this.customNames.has(name))
      throw new StrategyError('STRATEGY_INVALID', `two custom indicators are called "${name}"; give each a name of its own`);
    this.customNames.add(name);
    const key = `${this.scope} ${form} ${name}(${node.key})`;
    let made = this.store.get(key);
    if (made === undefined) {
      if (!this.mayCompute)
        throw new StrategyError(
          'STRATEGY_INVALID',
          `setup declared the custom indicator "${name}" only the second time it ran: it must declare the same columns each time`,
        );
      const facts = { inputs: [node.key], isShareable: false };
      if (this.leavesBlank(key)) made = this.store.addBlank(key, -1, facts);
      else {
        const target = this.store.allocate(series.columns.length);
        compute(node.source.values, target);
        made = this.store.add(key, target, -1, facts);
      }
    }
    return this.cursor({ node: made, series });
  }

  private cursor(handle: ColumnHandle): Column {
    const cursor = new Cursor(handle.node.source.values, handle.series);
    this.handles.set(cursor, handle);
    if (!this.isSealed) {
      this.declared.push(handle);
      handle.series.isDeclared = true;
    }
    return Object.freeze(cursor);
  }
}

function checkParameter({ name, parameterNames }: IndicatorDefinition, i: number, value: unknown): void {
  const isCount = parameterNames[i] !== 'deviations';
  const least = isCount && parameterNames[i] !== 'displacement' ? 1 : 0;
  if (typeof value === 'number' && value >= least && value < Number.POSITIVE_INFINITY && (!isCount || Number.isInteger(value))) return;
  const expected = `${isCount ? 'a whole number of bars' : 'a number'} from ${least} on`;
  throw new StrategyError('STRATEGY_INVALID', `${name}: ${parameterNames[i]} was ${told(value)}, expected ${expected}`);
}

/** Runs an author's kernel on copies that are taken away afterwards: what it keeps of them is empty. */
function runDetached(kernel: BatchKernel, values: Float64Array, target: Float64Array): void {
  const source = Float64Array.from(values);
  const result = new Float64Array(values.length).fill(Number.NaN);
  kernel(source, result);
  target.set(result);
  structuredClone(null, { transfer: [source.buffer, result.buffer] });
}

/** Cuts the future off at doubling lengths and near the end: values before a cut must not change. Source: truncation test of look-ahead analysis. */
function assertCausal(computed: ComputedBatch): void {
  const { length } = computed.values;
  for (let cut = 16; cut < length; cut *= 2) assertCausalAt(computed, cut);
  assertCausalAt(computed, Math.floor(length * 0.83));
}

/** A column of an author's kernel, with the times of its bars for what is said of it. */
interface ComputedBatch {
  readonly name: string;
  readonly kernel: BatchKernel;
  readonly values: Float64Array;
  readonly target: Float64Array;
  readonly closeTimeMs: Float64Array;
}

function assertCausalAt({ name, kernel, values, target, closeTimeMs }: ComputedBatch, length: number): void {
  const cut = new Float64Array(length);
  runDetached(kernel, values.subarray(0, length), cut);
  for (let i = 0; i < cut.length; i++) {
    if (Object.is(cut[i], target[i]) || cut[i] === target[i]) continue;
    const message = `custom indicator "${name}" reads ahead: with the bars after bar ${length} cut off, its value at bar ${i + 1}, closed ${new Date(closeTimeMs[i]).toISOString()}, changes from ${target[i]} to ${cut[i]}; target[i] may use source[0] … source[i] only`;
    throw new StrategyError('LOOKAHEAD', message, { bar: i, timeMs: closeTimeMs[i], barsAhead: length - i });
  }
}
