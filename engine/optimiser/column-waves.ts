/** Owns which trials are played together, so that the columns they read fit a budget of memory. Pure. */

export interface Wave {
  /** Places of its trials, first to last − 1. */
  readonly first: number;
  readonly last: number;
  /** Columns that its trials read, in order of first use. */
  readonly keys: readonly string[];
}

/** Consecutive trials as long as their columns fit; a single trial whose columns do not is a wave of its own. budgetCount: columns that fit. */
export function wavesOf(keysOf: readonly (readonly string[])[], budgetCount: number): Wave[] {
  const waves: Wave[] = [];
  let first = 0;
  let keys = new Set<string>();
  keysOf.forEach((own, i) => {
    const joined = new Set([...keys, ...own]);
    if (joined.size > budgetCount && i > first) {
      waves.push({ first, last: i, keys: [...keys] });
      first = i;
      keys = new Set(own);
    } else keys = joined;
  });
  if (keysOf.length > first) waves.push({ first, last: keysOf.length, keys: [...keys] });
  return waves;
}
