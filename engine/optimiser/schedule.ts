/**
 * Owns the schedule of a walk-forward: in which window parameters are chosen, and in which they then trade. Live re-optimises by the same
 * schedule. Pure.
 *
 *   rolling    [train   ][test]            anchored   [train   ][test]
 *                  [train   ][test]                   [train         ][test]
 *                       [train   ][test]              [train               ][test]
 *
 * Between training and testing lies the purge: time whose outcomes training could know and testing would repeat. Tests follow one another
 * without a gap, so that what they earned is one curve; the last may be shorter.
 */
/** Lengths in one unit of the author's choice: milliseconds, or bars. */
export interface ScheduleSpec {
  readonly scheme: 'rolling' | 'anchored';
  readonly train: number;
  readonly test: number;
  readonly purge: number;
}

/** From inclusive, to exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Fold {
  readonly train: Span;
  readonly test: Span;
}

/** A test shorter than this part of the others is left out: it would say little and weigh as much. */
const testFractionMin = 0.5;

/** Folds of a span, in time order; none where it has no room for one. */
export function foldsOf(whole: Span, { scheme, train, test, purge }: ScheduleSpec): Fold[] {
  const folds: Fold[] = [];
  for (let from = whole.from + train + purge; from < whole.to; from += test) {
    const to = Math.min(from + test, whole.to);
    if (to - from < test * testFractionMin) break;
    const trainTo = from - purge;
    const trainFrom = scheme === 'anchored' ? whole.from : trainTo - train;
    folds.push({ train: { from: trainFrom, to: trainTo }, test: { from, to } });
  }
  return folds;
}
