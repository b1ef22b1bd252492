/**
 * Owns the bars that close now: which policy decides what their order of events was. Never fills anything itself.
 *
 *   pessimistic, optimistic   stages, and the bar is counted where they had to assume
 *   path                      every bar is walked; what would have been in doubt is counted as decided
 *   refine, refineOptimistic  a bar in doubt is replaced by the finer bars in it, where they are there and fit; what is in doubt then is
 *                             taken pessimistically, optimistically
 *   branching                 the n-th bar in doubt takes the n-th choice; behind the last of them the pessimistic one
 */
import type { Executor } from './executor.ts';
import type { FinerBars, FinerSpan } from './finer-bars.ts';
import type { Floor } from './floor.ts';
import { Insides } from './insides.ts';
import type { MatchBar } from './match-bar.ts';
import type { Opens } from './opens.ts';
import { Walk } from './walk.ts';

export class Closes {
  private readonly floor: Floor;
  private readonly opens: Opens;
  private readonly insides: Insides;
  private readonly walk: Walk;
  private readonly finer: FinerBars;
  /** The bars under way, in instrument order; the first count. */
  private readonly closing: MatchBar[] = [];
  private closingCount = 0;

  constructor(floor: Floor, executor: Executor, opens: Opens, finer: FinerBars) {
    this.floor = floor;
    this.opens = opens;
    this.insides = new Insides(floor, executor);
    this.walk = new Walk(floor, executor);
    this.finer = finer;
  }

  /** Bars of the finest series close: those in the feed's batch, or at a replay the last of each. */
  match(): void {
    if (!this.load()) return;
    const { settings } = this.floor;
    this.insides.judge();
    switch (settings.ambiguity) {
      case 'path':
        this.walk.match();
        this.noteDoubtful(true);
        return;
      case 'refine':
      case 'refineOptimistic':
        this.refine(settings.ambiguity === 'refineOptimistic');
        return;
      case 'branching':
        this.choose();
        break;
      default:
        this.noteDoubtful(false);
    }
    this.insides.match();
  }

  /** False where no order has anything to do on any of the bars. */
  private load(): boolean {
    const { floor } = this;
    const { feed, book } = floor;
    const isOptimistic = floor.settings.ambiguity === 'optimistic';
    floor.stamp++;
    this.closingCount = 0;
    let isConcerned = floor.isReplaying;
    const count = floor.isReplaying ? feed.finest.length : feed.batchCount;
    for (let b = 0; b < count; b++) {
      const series = floor.isReplaying ? feed.finest[b] : feed.batch[b];
      if (!series.isFinest || (floor.isReplaying && series.index < 0)) continue;
      const bar = floor.bars[series.instrumentIndex];
      bar.loadInside(series.index, feed.timeMs);
      bar.isOptimistic = isOptimistic;
      bar.stamp = floor.stamp;
      this.closing[this.closingCount++] = bar;
      if (book.isConcerned(bar, bar.high, bar.low)) isConcerned = true;
    }
    return isConcerned;
  }

  /** isDecided: they would have been in doubt, had they not been walked. */
  private noteDoubtful(isDecided: boolean): void {
    const { doubts } = this.floor;
    for (let k = 0; k < this.closingCount; k++) {
      const bar = this.closing[k];
      if (!bar.isDoubtful) continue;
      if (isDecided) doubts.noteDecided(bar);
      else doubts.note(bar);
    }
  }

  private choose(): void {
    const { doubts, settings } = this.floor;
    for (let k = 0; k < this.closingCount; k++) {
      const bar = this.closing[k];
      if (!bar.isDoubtful) continue;
      doubts.note(bar);
      bar.isOptimistic = settings.branches[doubts.choiceCount++] === 'optimistic';
    }
  }

  /** Bars in doubt first, one instrument after the other, then all others together. */
  private refine(isOptimistic: boolean): void {
    const { floor } = this;
    for (let k = 0; k < this.closingCount; k++) {
      const bar = this.closing[k];
      if (!bar.isDoubtful) continue;
      const finer = this.finer.of(bar);
      if (finer !== null) {
        this.replace(bar, finer, isOptimistic);
        continue;
      }
      floor.doubts.noteNotRefined(bar);
      bar.isOptimistic = isOptimistic;
    }
    // Those replaced bear a stamp of their own: they are done with.
    for (let k = 0; k < this.closingCount; k++) if (this.closing[k].stamp >= 0) this.closing[k].stamp = floor.stamp;
    this.insides.match();
  }

  /** Plays the finer bars in place of one: opens and insides. The first open has been played as the bar's own. */
  private replace(bar: MatchBar, { columns, from, to }: FinerSpan, isOptimistic: boolean): void {
    const { floor } = this;
    const { endsDay } = bar;
    let isStillDoubtful = false;
    for (let row = from; row < to; row++) {
      bar.loadFiner(columns, row, endsDay && row === to - 1);
      bar.stamp = ++floor.stamp;
      if (row > from) {
        floor.insideMs = columns.openTimeMs[row];
        this.opens.match(true);
      }
      floor.insideMs = columns.closeTimeMs[row];
      bar.isDoubtful = false;
      this.insides.judge();
      if (bar.isDoubtful) isStillDoubtful = true;
      bar.isOptimistic = isOptimistic && bar.isDoubtful;
      this.insides.match();
    }
    floor.insideMs = Number.NaN;
    bar.stamp = -1;
    if (isStillDoubtful) floor.doubts.note(bar);
    else floor.doubts.noteDecided(bar);
  }
}
