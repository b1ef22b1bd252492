/** Owns columns that tell of every read and write, for checks alone: a run hands out plain ones. Never changes what a read gives. */

export interface Watcher {
  /** The value the reader is given for index i, which holds value. */
  read(i: number, value: number): number;
}

const isIndex = /^(0|[1-9]\d*)$/;

/** Methods of typed arrays whose result is a column again: computed from single reads, so that each of them is told. */
const copying = ['slice', 'map', 'filter', 'toSorted', 'toReversed', 'with'];
/** Methods that Array has too and that read by index whatever they are called on. */
const reading = [
  ...['at', 'entries', 'every', 'find', 'findIndex', 'findLast', 'findLastIndex', 'forEach', 'includes', 'indexOf', 'join', 'keys'],
  ...['lastIndexOf', 'reduce', 'reduceRight', 'some', 'values'],
];

type Method = (...given: unknown[]) => unknown;
const arrayMethods = Array.prototype as unknown as Readonly<Record<string, Method>>;

/** A column like values whose every read goes through the watcher. Methods that write work on a copy that is read unseen from then on. */
export function watchReads(values: Float64Array, watcher: Watcher, offset = 0): Float64Array {
  const proxy: Float64Array = new Proxy(values, {
    get(target, key) {
      if (typeof key === 'string' && isIndex.test(key)) {
        const i = Number(key);
        return i < target.length ? watcher.read(i + offset, target[i]) : undefined;
      }
      if (key === Symbol.iterator) return () => arrayMethods.values.call(proxy);
      const found: unknown = Reflect.get(target, key, target);
      if (typeof key === 'symbol' || typeof found !== 'function') return found;
      if (key === 'subarray') return (from?: number, to?: number) => watchedPart(target, watcher, offset, from, to);
      if (copying.includes(key)) return (...given: unknown[]) => Float64Array.from(arrayMethods[key].apply(proxy, given) as number[]);
      if (reading.includes(key)) return (...given: unknown[]) => arrayMethods[key].apply(proxy, given);
      return (...given: unknown[]) => (found as Method).apply(target, given);
    },
  });
  return proxy;
}

function watchedPart(target: Float64Array, watcher: Watcher, offset: number, from?: number, to?: number): Float64Array {
  const part = target.subarray(from, to);
  return watchReads(part, watcher, offset + (part.byteOffset - target.byteOffset) / 8);
}

/** A column like values that tells when index i may have been written; methods count as writing everything. */
export function watchWrites(values: Float64Array, onWrite: (i: number) => void): Float64Array {
  const writing = ['set', 'fill', 'copyWithin', 'reverse', 'sort'];
  return new Proxy(values, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key, target);
      if (typeof found !== 'function') return found;
      return (...given: unknown[]) => {
        if (typeof key === 'string' && writing.includes(key)) for (let i = 0; i < target.length; i++) onWrite(i);
        const answer: unknown = (found as Method).apply(target, given);
        // A part of a watched column is written unseen: from here on anything may have been.
        if (key === 'subarray') for (let i = 0; i < target.length; i++) onWrite(i);
        return answer;
      };
    },
    set(target, key, value) {
      if (typeof key === 'string' && isIndex.test(key)) onWrite(Number(key));
      return Reflect.set(target, key, value, target);
    },
  });
}
