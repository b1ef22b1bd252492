/** Owns how an import shows that it moves: a bar on a terminal, a line per phase elsewhere. Never writes to stdout. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  show(phase: string, fraction: number): void;
  end(): void;
}

/** Begins to show; nothing appears before the first show(). */
export function startProgress(): Progress {
  return process.stderr.isTTY === true ? barProgress() : lineProgress();
}

function barProgress(): Progress {
  let bar: SingleBar | undefined;
  return {
    show: (phase, fraction) => {
      if (bar === undefined) {
        bar = new SingleBar({ format: '{phase} [{bar}] {percentage} %', stream: process.stderr, clearOnComplete: true, hideCursor: true });
        bar.start(100, 0, { phase });
      }
      bar.update(Math.round(fraction * 100), { phase });
    },
    end: () => bar?.stop(),
  };
}

function lineProgress(): Progress {
  let shown = '';
  return {
    show: (phase, fraction) => {
      const line = `${phase} ${fraction >= 1 ? 'done' : `${Math.floor(fraction * 4) * 25} %`}`;
      if (line === shown) return;
      shown = line;
      process.stderr.write(`${line}\n`);
    },
    end: () => undefined,
  };
}
