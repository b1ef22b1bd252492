/**
 * Owns "npm run conformance [-- page.md] [--only REGEXP]": runs every test that compares with published results and writes the page; with --only those
 * whose path matches, and prints each published figure beside ours. Ends as the tests end.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { oracleTests } from './oracles/oracle-tests.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string', default: '' } } });
const page = resolve(positionals[0] ?? join(root, '.playhead', 'conformance.md'));
const tests = oracleTests(root).filter((path) => new RegExp(values.only).test(path));
if (tests.length === 0) {
  process.stderr.write(`conformance: no test's path matches "${values.only}"; those there are:\n${oracleTests(root).join('\n')}\n`);
  process.exit(2);
}
mkdirSync(dirname(page), { recursive: true });
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const reporter = join(root, 'scenarios', 'oracles', 'conformance-reporter.mjs');
const config = join(root, 'scenarios', 'oracles', 'conformance.config.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', config, '--root', root, `--reporter=${reporter}`, ...tests], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PLAYHEAD_CONFORMANCE_PAGE: page, PLAYHEAD_CONFORMANCE_ONLY: values.only },
});
process.exitCode = status ?? 1;
