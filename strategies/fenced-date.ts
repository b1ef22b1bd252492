/**
 * Owns the Date that a strategy finds: a moment given in ms, told in UTC. Never reads the clock, the zone or the locale: what would is refused,
 * and so is text, for which dates it stands differs between machines.
 */

/** Says what was called and what to use instead; never returns. */
export type Refuse = (what: string, instead: string) => never;

const useTime = 'use context.timeMs, the time of the event being handled';
const useUtc = 'use Date.UTC(year, month, day), a number of ms';
const useIso = 'use toISOString()';

/** Methods of a date that hang on nothing but its ms; beside them every one that names UTC. */
const exactMethods = ['constructor', 'getTime', 'setTime', 'valueOf', 'toISOString', 'toJSON'];
const statics = ['UTC', 'prototype', 'name', 'length'];

export function fencedDate(refuse: Refuse): unknown {
  class UtcDate extends Date {}
  // By its own name where it is printed.
  Object.defineProperty(UtcDate, 'name', { value: 'Date' });
  for (const name of Object.getOwnPropertyNames(Date.prototype)) {
    if (exactMethods.includes(name) || name.includes('UTC')) continue;
    Object.defineProperty(UtcDate.prototype, name, { value: () => refuse(`${name}()`, insteadOf(name)) });
  }
  const proxy: object = new Proxy(UtcDate, {
    apply: () => refuse('Date()', useTime),
    construct: (target, given: unknown[], asked) => {
      refuseUnlessTime(given, refuse);
      return Reflect.construct(target, given, asked) as object;
    },
    get: (target, key) => {
      if (typeof key === 'string' && !statics.includes(key)) return refuse(`Date.${key}`, key === 'parse' ? useUtc : useTime);
      return Reflect.get(target, key) as unknown;
    },
    defineProperty: (_target, key) => refuse(`Date.${String(key)}`, useTime),
  });
  // From a date there is no way back to the one that knows the clock.
  Object.defineProperty(UtcDate.prototype, 'constructor', { value: proxy });
  Object.freeze(UtcDate.prototype);
  return proxy;
}

function refuseUnlessTime(given: readonly unknown[], refuse: Refuse): void {
  if (given.length === 0) refuse('new Date()', useTime);
  if (given.length > 1) refuse('new Date(…) of several arguments', `use new Date(Date.UTC(…)): they would be taken in the machine's zone`);
  const [timeMs] = given;
  if (typeof timeMs === 'string') refuse(`new Date(${JSON.stringify(timeMs)})`, useUtc);
  if (typeof timeMs !== 'number' || !Number.isFinite(timeMs))
    refuse(`new Date(${typeof timeMs === 'object' && timeMs !== null ? 'an object' : String(timeMs)})`, 'give it a finite number of ms');
}

function insteadOf(method: string): string {
  if (method === 'getTimezoneOffset') return 'times are UTC';
  const [, verb, what] = /^([gs]et)(\w+)$/.exec(method) ?? [];
  if (verb === undefined) return useIso;
  return `use ${verb}UTC${what === 'Year' ? 'FullYear' : what}()`;
}
