/**
 * Owns the stand-ins for what would make a run differ from its repetition: clock, randomness, timers, network, process, locale.
 * It stops mistakes, not malice: strategies are trusted code in the same process. Never touches the engine's own globals,
 * but for the locale methods while fenceLocale() is up.
 */
import { writeSync } from 'node:fs';
import { format } from 'node:util';
import { StrategyError } from '../engine/errors.ts';
import * as engineMath from '../engine/math.ts';
import { fencedDate } from './fenced-date.ts';

const useTime = 'use context.timeMs, the time of the event being handled';
const useSync = 'handlers are synchronous: act now, or remember and act in a later onBar';
const useFiles = 'bring data in before the run, as a series of the scenario or an imported .json file';
const useParameters = 'use the strategy’s parameters';
const useRandom = 'use random() from setup, seeded by the scenario';
const useImport = 'use an import at the top of the file';

/** Forbidden global → what to use instead. */
const forbiddenGlobals: Readonly<Record<string, string>> = {
  Temporal: useTime,
  performance: useTime,
  process: useParameters,
  fetch: useFiles,
  XMLHttpRequest: useFiles,
  WebSocket: useFiles,
  EventSource: useFiles,
  setTimeout: useSync,
  setInterval: useSync,
  setImmediate: useSync,
  queueMicrotask: useSync,
  Promise: useSync,
  Worker: useSync,
  MessageChannel: useSync,
  BroadcastChannel: useSync,
  SharedArrayBuffer: useSync,
  Atomics: useSync,
  WeakRef: 'hold the object itself',
  FinalizationRegistry: 'hold the object itself',
  crypto: useRandom,
  Intl: 'compare texts with < and >, and print numbers with toFixed()',
  require: useImport,
  module: useImport,
  eval: 'write the code out',
};

/** Exact everywhere by the language's own rules; every other function of Math comes from engine/math.ts or is refused. */
const exactMath = ['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc'];

/** Says what was called and what to use instead. */
function refusal(what: string, instead: string): StrategyError {
  return new StrategyError('STRATEGY_FORBIDDEN', `${what} is forbidden in a strategy, because results would not repeat; ${instead}`, {
    what,
  });
}

/** What a stub stands on: an arrow function could not be constructed, and the answer to new would not be ours. */
class Refused {}

/** Stands for a global: calling it, constructing it or reading a member throws STRATEGY_FORBIDDEN. typeof works, so that a library may look. */
function stub(name: string, instead: string): unknown {
  const refuse = (what: string): never => {
    throw refusal(what, instead);
  };
  return new Proxy(Refused, {
    apply: () => refuse(`${name}()`),
    construct: () => refuse(`new ${name}()`),
    get: (_target, key) => (typeof key === 'symbol' ? undefined : refuse(`${name}.${key}`)),
    set: (_target, key) => refuse(`${name}.${String(key)}`),
    has: (_target, key) => refuse(`${name}.${String(key)}`),
  });
}

/** Function as a value is as it was, for libraries look at its prototype; code made from text would be made outside the fence. */
function fencedFunction(): unknown {
  const refuse = (): never => throwRefusal('Function()', 'write the code out');
  return new Proxy(Function, { apply: refuse, construct: refuse });
}

function fencedMath(): object {
  const members: Record<string, unknown> = {};
  const offered = engineMath as Readonly<Record<string, unknown>>;
  for (const name of Object.getOwnPropertyNames(Math)) {
    const native = (Math as unknown as Record<string, unknown>)[name];
    if (name === 'random') members[name] = () => throwRefusal('Math.random()', useRandom);
    else if (typeof native !== 'function' || exactMath.includes(name)) members[name] = native;
    else
      members[name] =
        offered[name] ??
        (() => throwRefusal(`Math.${name}()`, `its last digit differs between machines; there are ${Object.keys(offered).join(', ')}`));
  }
  return Object.freeze(members);
}

function throwRefusal(what: string, instead: string): never {
  throw refusal(what, instead);
}

/** Where the lines of a strategy's console go. */
export type ConsoleSink = (line: string) => void;

const stderrHandle = 2;
const retryMs = 1;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * To stderr: stdout carries the result. Written before it returns, since a worker's own stderr is passed on by the main thread and dies with
 * the worker: what an endless loop or a last bar printed would be lost.
 */
export const stderrSink: ConsoleSink = (line) => {
  const bytes = Buffer.from(`${line}\n`, 'utf8');
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(stderrHandle, bytes, offset);
    } catch (error) {
      // A pipe that is full, until its reader has caught up; one that nobody reads any more takes nothing.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(pause, 0, 0, retryMs);
    }
  }
};

/** For plays beside the run, whose console would repeat the run's. */
export const muteSink: ConsoleSink = () => {};

/** One line to the sink whatever the method. */
function fencedConsole(sink: ConsoleSink): object {
  const print = (...values: unknown[]): void => sink(format(...values));
  return Object.freeze({ log: print, info: print, debug: print, warn: print, error: print, trace: print, table: print });
}

/** What globalThis is to a strategy: reads see the fence, writes throw, for what is kept there would leak from one trial into the next. */
function fencedGlobal(fenced: Readonly<Record<string, unknown>>): object {
  const refuseWrite = (_target: object, key: string | symbol): never =>
    throwRefusal(`writing globalThis.${String(key)}`, 'keep state in setup, which is fresh in every run');
  const proxy: object = new Proxy(Object.create(null) as object, {
    get: (_target, key) => {
      if (key === 'globalThis' || key === 'global') return proxy;
      return typeof key === 'string' && Object.hasOwn(fenced, key) ? fenced[key] : Reflect.get(globalThis, key);
    },
    has: (_target, key) => Reflect.has(globalThis, key),
    // Assignments end here too.
    defineProperty: refuseWrite,
    deleteProperty: refuseWrite,
  });
  return proxy;
}

/** Global name → what a strategy finds under it. */
export function createFence(sink: ConsoleSink): Readonly<Record<string, unknown>> {
  const fenced: Record<string, unknown> = {};
  for (const [name, instead] of Object.entries(forbiddenGlobals)) fenced[name] = stub(name, instead);
  fenced.Math = fencedMath();
  fenced.Date = fencedDate(throwRefusal);
  fenced.Function = fencedFunction();
  fenced.console = fencedConsole(sink);
  // As in Node: libraries that ask for a browser get none.
  fenced.window = undefined;
  fenced.self = undefined;
  const proxy = fencedGlobal(fenced);
  return Object.freeze({ ...fenced, globalThis: proxy, global: proxy });
}

/**
 * Makes the locale methods of this thread's prototypes throw STRATEGY_FORBIDDEN, for they are shared with the strategy and cannot be
 * shadowed by name. Returns the function that lifts the fence; one fence at a time.
 */
export function fenceLocale(): () => void {
  const restores: (() => void)[] = [];
  for (const { name, prototype, methods } of localePrototypes()) {
    for (const [method, instead] of methods) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
      if (!descriptor) continue;
      const what = `${name}.${method}()`;
      Object.defineProperty(prototype, method, { ...descriptor, value: () => throwRefusal(what, instead) });
      restores.push(() => Object.defineProperty(prototype, method, descriptor));
    }
  }
  return () => {
    for (const restore of restores) restore();
  };
}

function localePrototypes(): { name: string; prototype: object; methods: [string, string][] }[] {
  const print: [string, string][] = [['toLocaleString', 'use toString() or toFixed()']];
  return [
    {
      name: 'String',
      prototype: String.prototype,
      methods: [
        ['localeCompare', 'compare with < and >'],
        ['toLocaleUpperCase', 'use toUpperCase()'],
        ['toLocaleLowerCase', 'use toLowerCase()'],
      ],
    },
    { name: 'Number', prototype: Number.prototype, methods: print },
    { name: 'BigInt', prototype: BigInt.prototype, methods: print },
    { name: 'Array', prototype: Array.prototype, methods: print },
    { name: 'TypedArray', prototype: Object.getPrototypeOf(Float64Array.prototype) as object, methods: print },
    { name: 'Object', prototype: Object.prototype, methods: print },
  ];
}
