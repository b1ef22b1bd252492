/** Owns the progress of a run on stderr: a bar on a terminal, a line now and then elsewhere. Never writes to stdout. */
import type { SingleBar } from 'cli-progress';
import type { GlobalOptions } from './terminal.ts';

export interface Progress {
  update(playedCount: number, totalCount: number): void;
  stop(): void;
}

const showAfterMs = 300;
const lineAfterMs = 1000;
const lineEveryMs = 10_000;

/** A run that ends at once shows nothing. */
export async function startProgress(options: GlobalOptions): Promise<Progress> {
  if (options.quiet) return { update: () => {}, stop: () => {} };
  return process.stderr.isTTY ? barProgress(options) : lineProgress();
}

async function barProgress(options: GlobalOptions): Promise<Progress> {
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  const started = performance.now();
  let bar: SingleBar | undefined;
  return {
    update: (playedCount, totalCount) => {
      const elapsedMs = performance.now() - started;
      if (bar === undefined && elapsedMs > showAfterMs && totalCount > 0) {
        const format = ' {bar} {percentage}%  {value}/{total} bars  {rate} bars/s  {left} left';
        bar = new SingleBar(
          { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, noTTYOutput: false },
          options.color ? Presets.shades_classic : Presets.legacy,
        );
        bar.start(totalCount, 0, { rate: '–', left: '–' });
      }
      bar?.update(playedCount, paceOf(playedCount, totalCount, elapsedMs));
    },
    stop: () => bar?.stop(),
  };
}

function lineProgress(): Progress {
  const started = performance.now();
  let nextMs = lineAfterMs;
  return {
    update: (playedCount, totalCount) => {
      const elapsedMs = performance.now() - started;
      if (elapsedMs < nextMs || totalCount === 0 || playedCount === totalCount) return;
      nextMs = elapsedMs + lineEveryMs;
      const { rate, left } = paceOf(playedCount, totalCount, elapsedMs);
      process.stderr.write(`${playedCount} of ${totalCount} bars, ${rate} bars/s, ${left} left\n`);
    },
    stop: () => {},
  };
}

/** Mean rate so far and the time it leaves. */
export function paceOf(playedCount: number, totalCount: number, elapsedMs: number): { rate: string; left: string } {
  const perSecond = elapsedMs > 0 ? (playedCount / elapsedMs) * 1000 : 0;
  if (perSecond === 0) return { rate: '–', left: '–' };
  const rate =
    perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(1)} M` : perSecond >= 1e3 ? `${(perSecond / 1e3).toFixed(0)} k` : perSecond.toFixed(0);
  const seconds = Math.ceil((totalCount - playedCount) / perSecond);
  return { rate, left: seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s` };
}
