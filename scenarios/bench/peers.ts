/** Owns running the bench of several engines with playhead's rows in it, where that bench lies beside the project. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../strategies/locate.ts';
import { homeWithPeerBars } from './peer-bars.ts';

const runner = join(packageRoot(), '..', 'shared', 'bench', 'run.py');
const [workload = 'single', ...rest] = process.argv.slice(2);

/** Files of bars whose sweeps are timed. */
const sweptFiles: Readonly<Record<string, readonly string[]>> = {
  sweep100: ['bars-525600'],
  sweep1000: ['bars-525600'],
  growth: ['bars-65700', 'bars-525600', 'bars-2102400'],
};

function command(file: string, ...args: readonly string[]): string {
  return [`"${process.execPath}"`, '--expose-gc', `"${fileURLToPath(new URL(file, import.meta.url))}"`, ...args].join(' ');
}

function commands(): string[] {
  if (Object.hasOwn(sweptFiles, workload))
    return ['sparse', 'dense'].flatMap((replay) =>
      [1, 2].map((jobs) => command('./peer-sweep.js', '--jobs', String(jobs), '--replay', replay)),
    );
  return workload === 'load' ? [] : [command('./peer.js', '--metrics'), command('./peer.js')];
}

if (!existsSync(runner) || process.env.PEERBENCH_HOME === undefined) {
  process.stdout.write('bench:peers: skipped: it needs the bench of peers beside the project and PEERBENCH_HOME; see its README\n');
} else {
  // Importing bars is no part of what is timed.
  for (const file of sweptFiles[workload] ?? []) await homeWithPeerBars(file);
  const { status } = spawnSync('python3', [runner, workload, ...rest], {
    stdio: 'inherit',
    env: { ...process.env, PEERBENCH_EXTRA: commands().join(' ;; ') },
  });
  process.exitCode = status ?? 1;
}
