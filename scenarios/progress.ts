/** Owns the progress of a run or an import on stderr: a bar on a terminal, a line now and then elsewhere. Never writes to stdout. */
import type { SingleBar } from 'cli-progress';
import { countText } from '../data/count-text.ts';
import type { GlobalOptions } from './terminal.ts';

export interface Progress {
  update(playedCount: number, totalCount: number): void;
  stop(): void;
}

/** Progress of work that goes by phases, each from 0 to 1. */
export interface PhaseProgress {
  show(phase: string, fraction: number): void;
  stop(): void;
}

type ProgressOptions = Pick<GlobalOptions, 'quiet' | 'color'>;

const showAfterMs = 300;
const lineAfterMs = 1000;
const lineEveryMs = 10_000;
/** Longest silence: a strategy that does not come back is noticed long before its time limit. */
const silenceMsMax = 10_000;

/** A run that ends at once shows nothing. A play may be told in part: 2.4 of 5. */
export async function startProgress(options: ProgressOptions, unit: 'bars' | 'plays' | 'trials' | 'searches' = 'bars'): Promise<Progress> {
  if (options.quiet) return { update: () => {}, stop: () => {} };
  return process.stderr.isTTY ? barProgress(options, unit) : lineProgress(unit);
}

/** Nothing appears before the first show(). */
export async function startPhases(options: ProgressOptions): Promise<PhaseProgress> {
  if (options.quiet) return { show: () => {}, stop: () => {} };
  return process.stderr.isTTY ? barPhases(options) : linePhases();
}

/** Makes bars on stderr that leave nothing behind. */
async function barMaker({ color }: ProgressOptions): Promise<(format: string) => SingleBar> {
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  return (format) =>
    new SingleBar(
      { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, noTTYOutput: false },
      color ? Presets.shades_classic : Presets.legacy,
    );
}

async function barProgress(options: ProgressOptions, unit: string): Promise<Progress> {
  const makeBar = await barMaker(options);
  const started = performance.now();
  const silence = new Silence();
  const pace = new Pace();
  let bar: SingleBar | undefined;
  return {
    update: (playedCount, totalCount) => {
      const elapsedMs = performance.now() - started;
      if (bar === undefined && elapsedMs > showAfterMs && totalCount > 0) {
        bar = makeBar(` {bar} {percentage}%  {played}/{total} ${unit}  {rate} ${unit}/s  {left}`);
        bar.start(totalCount, 0, { played: 0, rate: '–', left: '–' });
      }
      // Branches show only as they are played.
      if (bar !== undefined && totalCount !== bar.getTotal()) bar.setTotal(totalCount);
      const { rate, left } = pace.after(playedCount, totalCount, elapsedMs);
      const silentMs = silence.lastedMs(playedCount, elapsedMs);
      const isSilent = silentMs >= silenceMsMax && playedCount !== totalCount;
      bar?.update(playedCount, { played: Math.floor(playedCount), rate, left: isSilent ? silentText(silentMs) : `${left} left` });
      if (bar === undefined && totalCount === 0 && silence.isDue(silentMs)) process.stderr.write(unplayedText(unit, silentMs));
    },
    stop: () => bar?.stop(),
  };
}

function lineProgress(unit: string): Progress {
  const started = performance.now();
  const silence = new Silence();
  const pace = new Pace();
  let nextMs = lineAfterMs;
  let shownCount = -1;
  return {
    update: (playedCount, totalCount) => {
      const elapsedMs = performance.now() - started;
      const silentMs = silence.lastedMs(playedCount, elapsedMs);
      if (totalCount === 0) {
        if (silence.isDue(silentMs)) process.stderr.write(unplayedText(unit, silentMs));
        return;
      }
      const { rate, left } = pace.after(playedCount, totalCount, elapsedMs);
      if (playedCount === totalCount) return;
      const place = `${countText(Math.floor(playedCount))} of ${countText(totalCount)} ${unit}`;
      if (silence.isDue(silentMs)) process.stderr.write(`${place}, ${silentText(silentMs)}\n`);
      // A line that says what the last one said tells nobody anything.
      if (elapsedMs < nextMs || playedCount === shownCount) return;
      nextMs = elapsedMs + lineEveryMs;
      shownCount = playedCount;
      const rateText = rate === unknown ? '' : `, ${rate} ${unit}/s`;
      process.stderr.write(`${place}${rateText}${left === unknown ? '' : `, ${left} left`}\n`);
    },
    stop: () => {},
  };
}

/** Knows for how long nothing has moved. */
class Silence {
  #count = -1;
  #sinceMs = 0;
  #dueMs = silenceMsMax;

  lastedMs(count: number, elapsedMs: number): number {
    if (count !== this.#count) {
      this.#count = count;
      this.#sinceMs = elapsedMs;
      this.#dueMs = silenceMsMax;
    }
    return elapsedMs - this.#sinceMs;
  }

  /** True where so long a silence is to be told: after the longest, and each time it is twice as long. */
  isDue(silentMs: number): boolean {
    if (silentMs < this.#dueMs) return false;
    this.#dueMs = 2 * silentMs;
    return true;
  }
}

function silentText(silentMs: number): string {
  return `no progress for ${Math.floor(silentMs / 1000)} s; a strategy that does not come back is ended at its time limit`;
}

function unplayedText(unit: string, silentMs: number): string {
  return `before the first ${unit.slice(0, -1)}, ${silentText(silentMs)}\n`;
}

async function barPhases(options: ProgressOptions): Promise<PhaseProgress> {
  const makeBar = await barMaker(options);
  let bar: SingleBar | undefined;
  return {
    show: (phase, fraction) => {
      if (bar === undefined) {
        bar = makeBar('{phase} {bar} {percentage}%');
        bar.start(100, 0, { phase });
      }
      bar.update(Math.round(fraction * 100), { phase });
    },
    stop: () => bar?.stop(),
  };
}

function linePhases(): PhaseProgress {
  let shown = '';
  return {
    show: (phase, fraction) => {
      const line = `${phase} ${fraction >= 1 ? 'done' : `${Math.floor(fraction * 4) * 25} %`}`;
      if (line === shown) return;
      shown = line;
      process.stderr.write(`${line}\n`);
    },
    stop: () => {},
  };
}

const unknown = '–';
/** Before it the first plays decide, of which code is still compiled and threads begin. */
const paceAfterMs = 1000;

/** Knows how fast it goes: from the first play of this process on, since what was played before took none of its time. */
class Pace {
  #firstCount = Number.NaN;
  #firstMs = 0;

  after(playedCount: number, totalCount: number, elapsedMs: number): { rate: string; left: string } {
    if (Number.isNaN(this.#firstCount)) this.#firstCount = playedCount;
    if (playedCount === this.#firstCount) this.#firstMs = elapsedMs;
    const lastedMs = elapsedMs - this.#firstMs;
    const { rate, left } = paceOf(playedCount - this.#firstCount, totalCount - this.#firstCount, lastedMs);
    return { rate, left: lastedMs < paceAfterMs ? unknown : left };
  }
}

/** Mean rate so far and the time it leaves. */
export function paceOf(playedCount: number, totalCount: number, elapsedMs: number): { rate: string; left: string } {
  const perSecond = elapsedMs > 0 ? (playedCount / elapsedMs) * 1000 : 0;
  if (perSecond === 0) return { rate: unknown, left: unknown };
  const rate =
    perSecond >= 1e6
      ? `${(perSecond / 1e6).toFixed(1)} M`
      : perSecond >= 1e3
        ? `${(perSecond / 1e3).toFixed(0)} k`
        : perSecond.toFixed(perSecond < 10 ? 1 : 0);
  const seconds = Math.ceil((totalCount - playedCount) / perSecond);
  return { rate, left: seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s` };
}
