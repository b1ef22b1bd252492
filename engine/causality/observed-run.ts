/** Owns a run whose columns, kernels and calls are written down for a check. Never changes what the strategy computes or sends. */
import type { InputHashes } from '../certificate.ts';
import { type ColumnNode, ColumnStore } from '../columns.ts';
import { Workspace } from '../logs.ts';
import { seriesName, type Tape } from '../model/bar.ts';
import type { Fill } from '../model/fill.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Order } from '../model/order.ts';
import { playTrial } from '../play.ts';
import type { ConversionTape } from '../portfolio/conversion.ts';
import type { RunSettings } from '../settings.ts';
import type { BatchKernel, Column, StrategyContext, StrategyDefinition, StrategyHandlers } from '../strategy.ts';
import { headBars } from './leaking-read.ts';

/** Where in the author's files something was written; lines and columns count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What every check needs; the same input gives the same report. */
export interface CheckInput {
  readonly tapes: readonly Tape[];
  readonly instruments: readonly Instrument[];
  /** Left as they are by every check: a strategy cannot read them. */
  readonly conversions?: readonly ConversionTape[];
  /** Finer series whose bars may stand in for bars in doubt, whole. */
  readonly finer?: readonly Tape[];
  readonly settings: RunSettings;
  /** A fresh evaluation of the strategy each time it is called. */
  readonly strategy: () => StrategyDefinition;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly hashes: InputHashes;
  /** Draws the sampled bars and the other futures; not the run's own seed. */
  readonly seed: number;
  readonly sampleCount: number;
  /** The author's place in the stack of an error; null where none of it is theirs. */
  readonly locate?: ((error: Error) => SourcePlace | null) | undefined;
  /** [runs played, runs in all] over shared memory; null where nobody watches. */
  readonly progress?: Int32Array | null | undefined;
}

/** A batch kernel as its author wrote it, with the first bars of the column it was given. */
export interface KernelRecord {
  readonly kernel: BatchKernel;
  readonly head: Float64Array;
}

export interface ObservedColumn {
  readonly key: string;
  /** The key without what only the engine needs. */
  readonly label: string;
  readonly values: Float64Array;
  /** Bars before its first value. */
  readonly leadingCount: number;
  /** Series whose bars it follows. */
  readonly seriesIndex: number;
  readonly isOfTape: boolean;
  /** Made where the column was declared. */
  readonly declared: Error | null;
  readonly kernel: KernelRecord | null;
}

export interface Observed {
  /** In order of computation: what a column is made of stands before it. */
  readonly columns: readonly ObservedColumn[];
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
  /** Times of the calls of onBar. */
  readonly callsMs: readonly number[];
  readonly rowTimeMs: Float64Array;
  /** Reused by a run over the same tapes, which then computes no column. */
  readonly store: ColumnStore;
}

/** What differs from the run that is checked. */
export interface Variant {
  readonly tapes?: readonly Tape[];
  readonly finer?: readonly Tape[];
  readonly window?: RunSettings['window'];
  readonly replay?: RunSettings['replay'];
  readonly store?: ColumnStore;
  /** Kernels are left to the engine's own test, which refuses those that read ahead; default false. */
  readonly keepsTest?: boolean;
}

/** Tells of every column that is computed into it. */
class WatchedStore extends ColumnStore {
  readonly computed: { readonly node: ColumnNode; readonly isOfTape: boolean }[] = [];
  override add(...column: Parameters<ColumnStore['add']>): ColumnNode {
    const node = super.add(...column);
    this.computed.push({ node, isOfTape: false });
    return node;
  }
  override addOfTape(key: string, values: Float64Array, decimals: number): ColumnNode {
    const node = super.addOfTape(key, values, decimals);
    this.computed.push({ node, isOfTape: true });
    return node;
  }
}

/** What the declarations of one run leave behind; by position in the store. */
interface Notes {
  readonly declared: Map<number, Error>;
  readonly kernels: Map<number, KernelRecord>;
}

/** Plays a variant of the run and writes down what it computed and did. */
export function playObserved(input: CheckInput, variant: Variant = {}): Observed {
  const tapes = variant.tapes ?? input.tapes;
  const store = variant.store ?? new WatchedStore();
  const watched = variant.store === undefined ? (store as WatchedStore) : new WatchedStore();
  const notes: Notes = { declared: new Map(), kernels: new Map() };
  let callsMs: number[] = [];
  const strategy = (): StrategyDefinition => {
    const definition = input.strategy();
    callsMs = [];
    const calls = callsMs;
    if (variant.keepsTest === true) return definition;
    return { ...definition, setup: (context) => observedHandlers(definition.setup(observedContext(context, watched, notes)), calls) };
  };
  const settings = { ...input.settings, window: variant.window ?? input.settings.window, replay: variant.replay ?? input.settings.replay };
  const { run, parameters } = playTrial({
    ...{
      tapes,
      instruments: input.instruments,
      conversions: input.conversions ?? [],
      finer: variant.finer ?? input.finer ?? [],
      settings,
      strategy,
      parameters: input.parameters,
      hashes: input.hashes,
    },
    ...{ recording: 'full', columns: store, workspace: new Workspace() },
  });
  const scope = `${input.hashes.strategyHash} ${JSON.stringify(parameters)} `;
  return {
    columns: watched.computed.map(({ node, isOfTape }, position) => ({
      key: node.key,
      label: node.key.replaceAll(scope, ''),
      values: node.source.values,
      leadingCount: node.leadingCount,
      seriesIndex: seriesOf(node.key, tapes),
      isOfTape,
      declared: notes.declared.get(position) ?? null,
      kernel: notes.kernels.get(position) ?? null,
    })),
    orders: run.orders.toArray(),
    fills: run.fills.toArray(),
    callsMs,
    rowTimeMs: run.feed.rowTimeMs,
    store,
  };
}

function observedHandlers(handlers: StrategyHandlers, calls: number[]): StrategyHandlers {
  // Whatever is wrong with what setup returned is for the engine to say.
  if (typeof handlers?.onBar !== 'function') return handlers;
  const onBar = (context: StrategyContext): void => {
    calls.push(context.timeMs);
    handlers.onBar?.(context);
  };
  // Called on the author's own object, which may be of a class: its handlers are then no properties of its own, and share what it keeps.
  const observed: StrategyHandlers = { ...handlers, onBar };
  for (const name of ['onFill', 'onOrder'] as const)
    if (typeof handlers[name] === 'function') observed[name] = handlers[name].bind(handlers) as never;
  return observed;
}

type SetupContextOf = Parameters<StrategyDefinition['setup']>[0];

/** The context as it is, but for indicators that note what they declare. Its getters stay: reading a series declares it. All stand on the object itself, as in a run: "...rest" takes them. */
function observedContext(context: SetupContextOf, store: WatchedStore, notes: Notes): SetupContextOf {
  const names = Object.keys(context.indicators) as (keyof SetupContextOf['indicators'])[];
  const observed: Record<string, unknown> = {};
  for (const name of names) {
    const declare = context.indicators[name] as (...given: unknown[]) => unknown;
    observed[name] = (...given: unknown[]): unknown => {
      const from = store.computed.length;
      const place = new Error(name);
      const taken = name === 'batch' ? takeKernel(given) : null;
      const answer = declare(...(taken?.given ?? given));
      for (let i = from; i < store.computed.length; i++) {
        if (!store.computed[i].isOfTape) notes.declared.set(i, place);
      }
      if (taken !== null && store.computed.length > from) notes.kernels.set(store.computed.length - 1, taken.record());
      return answer;
    };
  }
  const indicators = { value: Object.freeze(observed), enumerable: true };
  return Object.freeze(Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(context), indicators })) as SetupContextOf;
}

/**
 * The arguments of indicators.batch with a kernel that runs once. The engine's own test calls it again on shorter columns and would end the
 * run at the first leak; to that test it repeats its first answer, so that the check can go on and say which read it was.
 */
function takeKernel(given: readonly unknown[]): { given: unknown[]; record: () => KernelRecord } {
  const [name, source, kernel] = given as [string, Column, BatchKernel];
  let first: Float64Array | null = null;
  let head = new Float64Array(0);
  const once: BatchKernel = (values, target) => {
    if (first !== null) {
      target.set(first.subarray(0, target.length));
      return;
    }
    head = values.slice(0, headBars);
    kernel(values, target);
    first = target.slice();
  };
  const isKernel = typeof kernel === 'function';
  return { given: [name, source, isKernel ? once : kernel], record: () => ({ kernel, head }) };
}

/** The series whose name stands last in the key of everything made of it: what authors name stands before. Of two that end together, the longer name. */
function seriesOf(key: string, tapes: readonly Tape[]): number {
  let best = 0;
  let [bestEnd, bestLength] = [-1, -1];
  tapes.forEach((tape, i) => {
    const name = `${seriesName(tape.key)} `;
    const at = key.lastIndexOf(name);
    const end = at + name.length;
    if (at < 0 || end < bestEnd || (end === bestEnd && name.length <= bestLength)) return;
    best = i;
    [bestEnd, bestLength] = [end, name.length];
  });
  return best;
}

/** Notes one more run as played. */
export function tick({ progress }: CheckInput): void {
  if (progress) Atomics.add(progress, 0, 1);
}

/** Says how many runs there will be. */
export function expectRuns({ progress }: CheckInput, count: number): void {
  if (progress) Atomics.store(progress, 1, count);
}
