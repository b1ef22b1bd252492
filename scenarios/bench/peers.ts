/** Owns running the bench of several engines with playhead's rows in it, where that bench lies beside the project. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../strategies/locate.ts';

const runner = join(packageRoot(), '..', 'shared', 'bench', 'run.py');
const peer = `"${process.execPath}" --expose-gc "${fileURLToPath(new URL('./peer.js', import.meta.url))}"`;
const [workload = 'single', ...rest] = process.argv.slice(2);

if (!existsSync(runner) || process.env.PEERBENCH_HOME === undefined) {
  process.stdout.write('bench:peers: skipped: it needs the bench of peers beside the project and PEERBENCH_HOME; see its README\n');
} else {
  const extra = [`${peer} --metrics`, peer].join(' ;; ');
  const { status } = spawnSync('python3', [runner, workload, ...rest], {
    stdio: 'inherit',
    env: { ...process.env, PEERBENCH_EXTRA: extra },
  });
  process.exitCode = status ?? 1;
}
