/** Owns where a walk-forward trains and tests: its schedule laid over the bars of a scenario. Never plays. */
import type { StoredWindow } from '../../data/stores/walkforward-store.ts';
import { ConfigError } from '../../engine/errors.ts';
import { lowerBound } from '../../engine/feed.ts';
import { dayMs as oneDayMs } from '../../engine/model/timeframe.ts';
import { foldsOf } from '../../engine/optimiser/schedule.ts';
import type { PreparedRun } from '../prepare.ts';
import type { WalkForwardSettings } from '../search-schema.ts';

export interface FoldWindows {
  readonly train: StoredWindow;
  readonly test: StoredWindow;
}

/** Training and test of each fold, cut on bars of the first series. USAGE where the window has no room for one, or one holds no bar to play. */
export function windowsOf({ resolved, tapes }: Pick<PreparedRun, 'resolved' | 'tapes'>, settings: WalkForwardSettings): FoldWindows[] {
  const { scheme, trainDays, testDays, purgeDays = 0, trainBars, testBars, purgeBars = 0 } = settings;
  const { fromMs, toMs } = resolved.window;
  const isInBars = trainBars !== undefined && testBars !== undefined;
  const { openTimeMs, length } = tapes[0].columns;
  const firstBar = lowerBound(openTimeMs, length, fromMs);
  const barCount = lowerBound(openTimeMs, length, toMs) - firstBar;
  const timeOf = (place: number): number => (!isInBars ? place : place >= barCount ? toMs : openTimeMs[firstBar + place]);
  const whole = isInBars ? { from: 0, to: barCount } : { from: fromMs, to: toMs };
  const lengths = isInBars
    ? { train: trainBars, test: testBars, purge: purgeBars }
    : { train: lengthMs(trainDays as number), test: lengthMs(testDays as number), purge: lengthMs(purgeDays) };
  const folds = foldsOf(whole, { scheme: scheme === 'anchored' ? scheme : 'rolling', ...lengths });
  if (folds.length === 0) {
    const unit = isInBars ? 'bars' : 'days';
    const size = isInBars ? barCount : Math.round((toMs - fromMs) / oneDayMs);
    const least = isInBars ? trainBars + purgeBars + testBars / 2 : (trainDays as number) + purgeDays + (testDays as number) / 2;
    throw new ConfigError(
      'USAGE',
      `walkforward: the window has ${size} ${unit}; training, purge and half a test take ${least}: shorten them`,
      { at: 'walkforward' },
    );
  }
  const windowOf = ({ from, to }: { from: number; to: number }): StoredWindow => ({ fromMs: timeOf(from), toMs: timeOf(to) });
  const windows = folds.map(({ train, test }) => ({ train: windowOf(train), test: windowOf(test) }));
  windows.forEach(({ train, test }, fold) => {
    requireBars(tapes, train, `the training of fold ${fold + 1}`);
    requireBars(tapes, test, `the test of fold ${fold + 1}`);
  });
  return windows;
}

/** To the whole millisecond: 0.7 days are a fraction less in doubles, and a bar that closes at a seam would lie on neither side of it. */
function lengthMs(days: number): number {
  return Math.round(days * oneDayMs);
}

/** Nights, weekends and holes in the data may be longer than a window that is told in days. */
function requireBars(tapes: PreparedRun['tapes'], { fromMs, toMs }: StoredWindow, name: string): void {
  const holdsBar = tapes.some(({ columns: { openTimeMs, closeTimeMs, length } }) => {
    const bar = lowerBound(openTimeMs, length, fromMs);
    return bar < length && closeTimeMs[bar] <= toMs;
  });
  if (holdsBar) return;
  const span = `${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`;
  throw new ConfigError('USAGE', `walkforward: ${name}, ${span}, holds no whole bar; lengthen it, or give trainBars and testBars`, {
    at: 'walkforward',
  });
}
