/** Owns playing a run until finer bars have decided what they can of its bars in doubt. Never decides one itself (engine/broker does). */
import { openCatalogue } from '../data/catalogue.ts';
import { allocateColumns } from '../data/columns.ts';
import { loadTape } from '../data/load-tape.ts';
import { lowerBound } from '../engine/feed.ts';
import { barColumnNames, type SeriesKey, seriesName, type Tape } from '../engine/model/bar.ts';
import type { WantedBar } from '../engine/play.ts';
import type { RunResult } from '../engine/result.ts';
import { type PlayOptions, playInWorker } from './play-in-worker.ts';
import type { PreparedRun } from './prepare.ts';
import type { ResolvedScenario } from './resolve.ts';

/** Plays a run; under "refine" again and again, each time with the finer bars of all bars that have been in doubt, until none is new. */
export async function playPrepared(prepared: PreparedRun, home: string, options: PlayOptions): Promise<RunResult> {
  const finer = new FinerTapes(prepared.resolved, home);
  for (;;) {
    const { result, wanted } = await playInWorker({ ...prepared, finer: finer.tapes }, options);
    if (!(await finer.add(wanted))) return result;
  }
}

/** The finer series of each instrument; none where nothing refines. */
export function finerKeys({ series, refineWith }: ResolvedScenario): SeriesKey[] {
  if (refineWith === undefined) return [];
  const keys = series.map(({ venue, symbol }) => ({ venue, symbol, timeframe: refineWith }));
  return keys.filter((key, i) => keys.findIndex((one) => seriesName(one) === seriesName(key)) === i);
}

/** Finer bars that lie in bars that were in doubt: no others are held against a run, and no others are hashed with it. */
class FinerTapes {
  tapes: readonly Tape[] = [];
  private readonly keys: readonly SeriesKey[];
  private readonly home: string;
  /** By instrument the whole finer series, and the rows of it that are wanted, in order. */
  private readonly whole: Tape[] = [];
  private readonly rows: number[][] = [];

  constructor(resolved: ResolvedScenario, home: string) {
    this.keys = finerKeys(resolved);
    this.home = home;
  }

  /** Takes in the bars inside those wanted; false where there is nothing new. */
  async add(wanted: readonly WantedBar[]): Promise<boolean> {
    if (wanted.length === 0 || this.keys.length === 0) return false;
    let isNew = false;
    for (const { instrumentIndex, openTimeMs, closeTimeMs } of wanted) {
      this.whole[instrumentIndex] ??= await loadTape(openCatalogue(this.home), this.keys[instrumentIndex]);
      this.rows[instrumentIndex] ??= [];
      const { columns } = this.whole[instrumentIndex];
      const to = lowerBound(columns.closeTimeMs, columns.length, closeTimeMs + 1);
      for (let row = lowerBound(columns.openTimeMs, columns.length, openTimeMs); row < to; row++) {
        this.rows[instrumentIndex].push(row);
        isNew = true;
      }
    }
    this.tapes = this.whole.flatMap((tape, i) =>
      this.rows[i].length === 0
        ? []
        : [
            pick(
              tape,
              this.rows[i].sort((a, b) => a - b),
            ),
          ],
    );
    return isNew;
  }
}

function pick(tape: Tape, rows: readonly number[]): Tape {
  const { columns } = allocateColumns(rows.length);
  for (const name of barColumnNames) for (let i = 0; i < rows.length; i++) columns[name][i] = tape.columns[name][rows[i]];
  return { ...tape, columns };
}
