import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findRun } from '../../data/stores/run-store.ts';
import { findSweep } from '../../data/stores/sweep-store.ts';
import { findWalkForward } from '../../data/stores/walkforward-store.ts';
import { createDesk, type Desk } from '../desk.test.helper.ts';
import { endedAt, setsOf } from './search.test.helper.ts';

let desk: Desk;

const strategyText = (message: string): string => `import { defineStrategy, integer, number } from 'playhead';
export default defineStrategy({
  name: 'held',
  parameters: { fast: integer(1, { min: 1, max: 40 }), slow: integer(2, { min: 2, max: 9 }), share: number(0.1, { min: 0, max: 1 }) },
  setup({ parameters }) {
    let bar = 0;
    return {
      onBar({ order, position }) {
        bar++;
        if (parameters.slow === 9 && bar === 40 + parameters.fast) throw new Error('${message}');
        if (position.isFlat && bar % parameters.fast === 0) order.market({ side: 1, equityFraction: 0.1 * parameters.slow + 0 * parameters.share });
      },
    };
  },
});
`;

beforeAll(() => {
  desk = createDesk();
  const search = 'search: { parameters: { fast: { from: 1, to: 40 }, slow: [2, 3] } }\n';
  desk.writeScenario('held', strategyText('nine'), `${search}walkforward: { trainDays: 1500, testDays: 500 }\n`);
  mkdirSync(join(desk.path, 'deep'));
}, 60_000);

afterAll(() => desk.remove());

/** Begins a search, stops it once it keeps some work, and returns what it said on stderr. */
async function stopped(
  command: 'sweep' | 'walkforward',
  { log, sets }: { readonly log: string; readonly sets: readonly string[] },
): Promise<string> {
  const given = [command, 'held.yaml', '--jobs', '1', ...(command === 'sweep' ? ['--chunk', '1'] : []), ...setsOf(sets)] as const;
  return (await endedAt(desk, given, { log, lineCount: 1, signal: 'SIGINT' })).error;
}

/** The words of the line that is told to be typed. */
function wordsOf(text: string): string[] {
  const line = /go on with "npx playhead ([^"]*)"/.exec(text)?.[1];
  if (line === undefined) throw new Error(`no line to go on with: ${text}`);
  return line.split(' ');
}

describe('a search that was stopped', () => {
  test('a sweep is gone on with by the line that is printed, as typed, wherever one stands', async () => {
    const sets = ['search.objective=returnFraction', 'account.initialCapital=5000'];
    const words = wordsOf(await stopped('sweep', { log: 'trials.ndjson', sets }));
    const cwd = join(desk.path, 'deep');
    expect(wordsOf(desk.playhead(['overfit', 'last', '--no-report'], { cwd }).error)).toEqual(words);
    writeFileSync(join(desk.path, 'strategies', 'held.ts'), strategyText('other'));
    const given = ['search.objective=returnFraction', 'search.parameters.fast.to=30'];
    const { code, error } = desk.playhead([...words, 'held.yaml', ...setsOf(given), '-q']);
    expect(code).toBe(4);
    expect(error).toContain('search, scenario, strategy changed since it began (search.parameters.fast.to from 40 to 30; begun with');
    expect(error).toContain(
      `with ${setsOf(sets).join(' ')}, resumed with ${setsOf(given).join(' ')}; strategies/held.ts); begin a new one`,
    );
    writeFileSync(join(desk.path, 'strategies', 'held.ts'), strategyText('nine'));
    const resumed = desk.playhead([...words, '-q', '--json', '--no-report'], { cwd });
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.out)).toMatchObject({ trialCount: 80, search: { objective: 'returnFraction' } });
  }, 60_000);

  test('one of more than 100,000 sets says so before it plays', async () => {
    const many = 'search={method: random, trials: 100001, parameters: {share: {from: 0, to: 1}}}';
    expect(await stopped('sweep', { log: 'trials.ndjson', sets: [many] })).toMatch(/^100,001 trials to play; --estimate in place of them/);
  }, 60_000);

  test('so is a walk-forward', async () => {
    const sets = ['search.parameters.slow=[2]', 'walkforward.testDays=700'];
    const words = wordsOf(await stopped('walkforward', { log: 'folds.ndjson', sets }));
    const resumed = desk.playhead([...words, '-q', '--json', '--no-report'], { cwd: join(desk.path, 'deep') });
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.out)).toMatchObject({ walkforward: { testDays: 700 }, search: { parameters: { slow: [2] } } });
  }, 60_000);
});

describe('trials that fail', () => {
  test('are told by what they threw, wherever on the tape, with the set of the first', () => {
    const { code, out } = desk.playhead([
      'sweep',
      'held.yaml',
      '-q',
      '--no-report',
      '--set',
      'search.parameters={fast: [3, 4], slow: [2, 9]}',
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/^2 trials failed:\n {2}2 × STRATEGY_THREW: .*Error: nine.*; first trial 1: fast=3 slow=9$/m);
  });

  test('every one of a fold ends a walk-forward as the strategy would end a run, and nobody is told to go on with it', () => {
    const { code, error } = desk.playhead(['walkforward', 'held.yaml', '--set', 'search.parameters={fast: [3, 4], slow: [9]}']);
    expect(code).toBe(5);
    expect(error).toMatch(
      /error STRATEGY_THREW: fold 1: every trial failed:\n {2}2 × STRATEGY_THREW: .*Error: nine.*; first trial 0: fast=3 slow=9$/m,
    );
    expect(error).not.toContain('--resume');
  });
});

test('what is not there has one exit code, whatever looks for it', () => {
  const home = join(desk.path, '.playhead');
  for (const find of [findRun, findSweep, findWalkForward])
    expect(() => find(home, '20990101')).toThrow(expect.objectContaining({ code: 'RUN_NOT_FOUND', exitCode: 3 }));
});
