/** Owns which bars could have filled orders in either sequence, and what became of the doubt. Never decides a bar. */
import type { MatchBar } from './match-bar.ts';

export class Doubts {
  /** Bars whose sequence was assumed. */
  ambiguousBarCount = 0;
  /** Bars whose sequence was in doubt and then decided: by the walk along the bar, or by finer bars without a doubt of their own. */
  decidedBarCount = 0;
  /** Of the ambiguous ones, those for which finer bars were asked and none fitted. */
  notRefinedBarCount = 0;
  /** Choices taken under branching, one for each bar judged in doubt. */
  choiceCount = 0;
  /** The bar of each instrument that was counted last: a bar counts once, whatever happens on it. */
  private readonly last: Int32Array;
  private readonly lastDecided: Int32Array;

  constructor(instrumentCount: number) {
    this.last = new Int32Array(instrumentCount).fill(-1);
    this.lastDecided = new Int32Array(instrumentCount).fill(-1);
  }

  /** The sequence on this bar is assumed. */
  note(bar: MatchBar): void {
    if (this.last[bar.instrumentIndex] === bar.bar) return;
    this.last[bar.instrumentIndex] = bar.bar;
    this.ambiguousBarCount++;
  }

  /** The sequence on this bar was in doubt and is not any more. */
  noteDecided(bar: MatchBar): void {
    const i = bar.instrumentIndex;
    if (this.last[i] === bar.bar || this.lastDecided[i] === bar.bar) return;
    this.lastDecided[i] = bar.bar;
    this.decidedBarCount++;
  }

  /** A bar that finer ones should decide, and do not. */
  noteNotRefined(bar: MatchBar): void {
    this.note(bar);
    this.notRefinedBarCount++;
  }
}
