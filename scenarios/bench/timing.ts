/** Owns how the benchmarks time: the first call, the median of five more, and the median of the ten after those, when the compiler has settled. */

export interface Timing {
  readonly firstMs: number;
  readonly medianMs: number;
  readonly settledMs: number;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Times sixteen calls; before each the collector runs where it is exposed, so that a call pays for its own rubbish only. */
export function timed<T>(work: () => T): { timing: Timing; result: T } {
  const elapsedMs: number[] = [];
  let result: T | undefined;
  for (let k = 0; k < 16; k++) {
    globalThis.gc?.();
    const started = performance.now();
    result = work();
    elapsedMs.push(performance.now() - started);
  }
  const timing = { firstMs: elapsedMs[0], medianMs: median(elapsedMs.slice(1, 6)), settledMs: median(elapsedMs.slice(6)) };
  return { timing, result: result as T };
}
