/** Owns "npm run conformance [-- page.md]": runs every test that compares with published results and writes the page. Ends as the tests end. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oracleTests } from './oracles/oracle-tests.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const page = resolve(process.argv[2] ?? join(root, '.playhead', 'conformance.md'));
mkdirSync(dirname(page), { recursive: true });
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const reporter = join(root, 'scenarios', 'oracles', 'conformance-reporter.mjs');
const config = join(root, 'scenarios', 'oracles', 'conformance.config.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--config', config, '--root', root, `--reporter=${reporter}`, ...oracleTests(root)],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PLAYHEAD_CONFORMANCE_PAGE: page },
  },
);
process.exitCode = status ?? 1;
