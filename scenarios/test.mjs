/** Owns "npm test": runs vitest and ends with one true line, "N passed, N failed, N skipped", whatever happens. Never changes vitest's exit code. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'playhead-test-'));
const file = join(folder, 'results.json');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [vitest, ...args], { cwd: root, stdio: 'inherit' });

let counts = { passed: 0, failed: 0, skipped: 0 };
let code = status ?? 1;
try {
  const results = JSON.parse(readFileSync(file, 'utf8'));
  const suitesFailed = results.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0).length;
  counts = {
    passed: results.numPassedTests,
    failed: results.numFailedTests + suitesFailed,
    skipped: results.numPendingTests + results.numTodoTests,
  };
  const skipped = new Map();
  for (const suite of results.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status !== 'pending' && test.status !== 'skipped') continue;
      const title = test.ancestorTitles[0] || test.title;
      skipped.set(title, (skipped.get(title) ?? 0) + 1);
    }
  }
  for (const [title, count] of skipped) process.stdout.write(`skipped ${count}: ${title}\n`);
} catch (error) {
  process.stdout.write(`the results could not be read: ${error.message}\n`);
  counts.failed = 1;
  code = code === 0 ? 1 : code;
}
rmSync(folder, { recursive: true, force: true });
if (counts.failed > 0 && code === 0) code = 1;
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = code;
