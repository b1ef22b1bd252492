/** Owns the tapes a check compares with the recorded one: the same past without its future, with another future, or without its distant past. Never changes a tape. */
import { lowerBound } from '../feed.ts';
import { type BarColumnName, type BarColumns, barColumnNames, type Tape } from '../model/bar.ts';
import { createRandom, type Random } from '../random.ts';

/** How many bars of the tape have closed at timeMs. */
export function closedCount({ columns }: Tape, timeMs: number): number {
  return lowerBound(columns.closeTimeMs, columns.length, timeMs + 1);
}

/** The tapes as they were at timeMs. A series that had no bar yet keeps its first: it lies after timeMs and nothing is played on it. */
export function cutAfter(tapes: readonly Tape[], timeMs: number): Tape[] {
  return tapes.map((tape) => withRows(tape, 0, Math.max(1, closedCount(tape, timeMs))));
}

/** The tapes without the bars that opened before timeMs. A series that ends before keeps its last bar. */
export function startFrom(tapes: readonly Tape[], timeMs: number): Tape[] {
  return tapes.map((tape) => {
    const { openTimeMs, length } = tape.columns;
    return withRows(tape, Math.min(lowerBound(openTimeMs, length, timeMs), length - 1), length);
  });
}

/**
 * The tapes with every bar that closes after timeMs given the prices and volume of another bar of its own tape, drawn by seed: bars stay
 * valid, on their grid and of the size they had, so that only what reads them can tell.
 */
export function perturbAfter(tapes: readonly Tape[], timeMs: number, seed: number): Tape[] {
  const random = createRandom(seed);
  return tapes.map((tape) => {
    const from = closedCount(tape, timeMs);
    const columns = copyOf(tape.columns);
    for (let i = from; i < columns.length; i++) {
      const other = otherBar(tape.columns, i, random);
      for (const name of drawnNames) columns[name][i] = tape.columns[name][other];
    }
    return { ...tape, columns };
  });
}

const drawnNames: readonly BarColumnName[] = ['open', 'high', 'low', 'close', 'volume'];

/** A bar whose close differs from that of bar i, where a few draws find one. */
function otherBar({ close, length }: BarColumns, i: number, random: Random): number {
  let other = i;
  for (let draw = 0; draw < 8 && close[other] === close[i]; draw++) other = Math.floor(random() * length);
  return other;
}

function copyOf(columns: BarColumns): BarColumns {
  const copy: Record<BarColumnName, Float64Array> = { ...columns };
  for (const name of drawnNames) copy[name] = columns[name].slice();
  return { length: columns.length, ...copy };
}

function withRows(tape: Tape, from: number, to: number): Tape {
  const views = barColumnNames.map((name) => [name, tape.columns[name].subarray(from, to)]);
  const columns: BarColumns = { length: to - from, ...(Object.fromEntries(views) as Record<BarColumnName, Float64Array>) };
  return { ...tape, columns };
}
