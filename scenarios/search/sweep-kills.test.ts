/**
 * What may not touch a sweep's hash: threads, chunks, kills. PLAYHEAD_KILLS=10 npx vitest run scenarios/search/sweep-kills.test.ts kills it so many
 * times at random moments; PLAYHEAD_KILL_SEED says which.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLedger } from '../../data/stores/trial-ledger.ts';
import { createRandom } from '../../engine/random.ts';
import { createDesk, type Desk, root } from '../desk.test.helper.ts';
import { documentOf, endedAt, idsOf, lineCountOf } from './search.test.helper.ts';

const killCount = Number(process.env.PLAYHEAD_KILLS ?? 3);
const killSeed = Number(process.env.PLAYHEAD_KILL_SEED ?? 1);
const trialCount = 150;

let desk: Desk;
let wholeHash: string;

beforeAll(() => {
  desk = createDesk();
  writeFileSync(
    join(desk.path, 'kills.yaml'),
    `extends: ./scenario.yaml
name: kills
search:
  parameters:
    fast: { from: 2, to: 20, step: 2 }
    slow: { from: 30, to: 100, step: 5 }
`,
  );
  wholeHash = sweep();
}, 60_000);

afterAll(() => desk.remove());

function sweep(...args: readonly string[]): string {
  return documentOf<{ readonly sweepHash: string }>(desk, ['sweep', 'kills.yaml', ...args]).sweepHash;
}

test.each([
  [1, 7],
  [2, 1],
  [2, 60],
  [8, 1],
  [8, 7],
])(
  'with %i threads and chunks of %i its hash is the same',
  (jobs, chunk) => {
    expect(sweep('--jobs', String(jobs), '--chunk', String(chunk))).toBe(wholeHash);
  },
  60_000,
);

const linesOf = (id: string): number => lineCountOf(desk, 'sweeps', { id, log: 'trials.ndjson' });

test(`killed ${killCount} times at random moments, seed ${killSeed}, and resumed each time it comes to the same hash`, async () => {
  const random = createRandom(killSeed);
  const known = new Set(idsOf(desk, 'sweeps'));
  const moments = Array.from({ length: killCount }, () => Math.floor(random() * (trialCount - 20))).sort((a, b) => a - b);
  for (const [k, moment] of moments.entries()) {
    const jobs = String(1 + Math.floor(random() * 3));
    const resume = k === 0 ? [] : ['--resume', 'last'];
    const given = ['sweep', 'kills.yaml', '-q', '--chunk', '1', '--jobs', jobs, ...resume] as const;
    const { code } = await endedAt(desk, given, { log: 'trials.ndjson', lineCount: moment, signal: 'SIGKILL', known });
    expect(code, `killed at ${moment} trials`).not.toBe(0);
    expect(idsOf(desk, 'sweeps')).toHaveLength(known.size + 1);
  }
  const [id] = idsOf(desk, 'sweeps').slice(-1);
  const kept = linesOf(id);
  expect(kept).toBeGreaterThanOrEqual(moments[killCount - 1]);
  expect(kept).toBeLessThan(trialCount);
  expect(sweep('--resume', 'last', '--jobs', '2')).toBe(wholeHash);
}, 600_000);

test('two processes that add 150 entries each to one trial ledger at once lose none', async () => {
  const home = join(desk.scratch, 'ledger-home');
  const ledger = JSON.stringify(join(root, 'dist', 'data', 'stores', 'trial-ledger.js'));
  const program = (name: string) => `
    import { appendToLedger } from ${ledger};
    const market = { markets: [{ venue: 'test', symbol: 'A/B' }], fromMs: 0, toMs: 10 };
    for (let i = 0; i < 150; i++) {
      const trials = [{ trialHash: '${name}' + i, parameters: { i } }];
      // Every third id is the other process's too: the first to come stays, and neither is torn.
      const id = i % 3 === 0 ? 'both-' + i : '${name}-' + i;
      const head = { version: 1, id, createdAtMs: i, ...market, strategyName: 's', strategyHash: 'h', trials, dayCount: 2, initialCapitalQuote: 1 };
      appendToLedger(${JSON.stringify(home)}, { head, dayMs: Float64Array.of(1, 2), trialDays: [Float64Array.of(i, i + 1)] });
    }`;
  const ended = ['one', 'two'].map(
    (name) =>
      new Promise((resolve) => {
        spawn(process.execPath, ['--input-type=module', '-e', program(name)], { stdio: ['ignore', 'ignore', 'inherit'] }).once(
          'exit',
          resolve,
        );
      }),
  );
  expect(await Promise.all(ended)).toEqual([0, 0]);
  const entries = readLedger(home, { markets: [{ venue: 'test', symbol: 'A/B' }], fromMs: 0, toMs: 10 });
  const expected = Array.from({ length: 150 }, (_, i) => (i % 3 === 0 ? [`both-${i}`] : [`one-${i}`, `two-${i}`])).flat();
  expect(entries.map(({ head }) => head.id).sort()).toEqual(expected.sort());
  for (const { head, dailyQuote } of entries) {
    const i = Number(head.id.split('-')[1]);
    expect([...dailyQuote]).toEqual([i, i + 1]);
  }
}, 60_000);
