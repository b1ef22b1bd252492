import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metricNames } from '../../engine/metrics/catalogue.ts';
import { createDesk, type Desk } from '../desk.test.helper.ts';
import { documentOf } from './search.test.helper.ts';

interface SpanDocument {
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
}

interface EstimateDocument {
  readonly setCount: number;
  readonly trialCount: number;
  readonly barCount: number;
  readonly sampleCount: number;
  readonly failures: readonly string[];
  readonly trial: SpanDocument;
  readonly times: readonly (SpanDocument & { readonly jobs: number })[];
  readonly columns: { readonly count: number; readonly isWhole: boolean; readonly bytesEach: number; readonly waveCount: number };
  readonly memory: Record<'tape' | 'columns' | 'results' | 'process', number>;
}

let desk: Desk;

beforeAll(() => {
  desk = createDesk();
  writeFileSync(
    join(desk.path, 'sweep.yaml'),
    `extends: ./scenario.yaml
name: sweep
search:
  parameters:
    fast: { from: 5, to: 50, step: 5 }
    slow: [20, 50, 80, 110, 140]
  where: [fast < slow]
`,
  );
}, 60_000);

afterAll(() => desk.remove());

function estimate(args: readonly string[], scenario = 'sweep.yaml'): EstimateDocument {
  return documentOf(desk, ['sweep', scenario, '--estimate', ...args]);
}

describe('playhead sweep --estimate', () => {
  test('counts sets, bars and columns, and predicts time by threads and memory', () => {
    const { setCount, trialCount, barCount, sampleCount, failures, trial, times, columns, memory } = estimate(['--jobs', '2']);
    expect({ setCount, trialCount, sampleCount, failures }).toEqual({ setCount: 42, trialCount: 42, sampleCount: 24, failures: [] });
    // Ten fast means and five slow ones, two of them the same.
    expect(columns).toEqual({ count: 13, isWhole: true, bytesEach: 8 * barCount, waveCount: 1 });
    expect(memory.columns).toBe(13 * 8 * barCount);
    expect(memory.process).toBeGreaterThan(memory.tape + memory.columns + memory.results);
    expect(times.map(({ jobs }) => jobs)).toEqual([1, 2]);
    for (const { ms, lowMs, highMs } of [trial, ...times]) {
      expect(ms).toBeGreaterThan(0);
      expect(lowMs).toBeLessThanOrEqual(ms);
      expect(highMs).toBeGreaterThanOrEqual(ms);
    }
    expect(times[0].ms).toBeGreaterThan(42 * trial.ms);
  }, 30_000);

  test('shows no metric, and leaves neither a sweep nor a line in the ledger', () => {
    const { out, code } = desk.playhead(['sweep', 'sweep.yaml', '--estimate', '-q', '--jobs', '1']);
    expect(code).toBe(0);
    expect(out).toMatch(/sets +42\n/);
    expect(out).toMatch(/all, 1 thread +[\d.,]+ m?s \([\d.,]+ m?s to [\d.,]+ m?s\)/);
    expect(out).toContain('from 24 of 42 sets, played for their time alone');
    const document = JSON.stringify({ ...estimate(['--jobs', '1']), search: null });
    expect(metricNames.filter((name) => document.includes(name))).toEqual([]);
    const home = readdirSync(join(desk.path, '.playhead'));
    expect(home.filter((name) => name === 'sweeps' || name === 'ledger')).toEqual([]);
  }, 30_000);

  test('knows of halving, of batches whose sets are not known yet', () => {
    const halved = estimate(['--jobs', '1', '--set', 'search.halving={"eta":3,"rungs":3}']);
    expect(halved).toMatchObject({ setCount: 42, trialCount: 42 + 14 + 5 });
    const modelled = estimate(['--jobs', '1', '--set', 'search.method=tpe', '--set', 'search.trials=30']);
    expect(modelled).toMatchObject({ setCount: 30, trialCount: 30, sampleCount: 10, columns: { isWhole: false } });
  }, 30_000);

  test('tells what fails in the sample, and that it goes on with nothing', () => {
    const text = `import { defineStrategy, integer } from 'playhead';
export default defineStrategy({
  name: 'broken',
  parameters: { fast: integer(1, { min: 1, max: 9 }) },
  setup() {
    return { onBar() { throw new Error('always'); } };
  },
});
`;
    const scenario = desk.writeScenario('broken', text, 'search: { parameters: { fast: [1, 2] } }\n');
    const { failures, sampleCount } = estimate(['--jobs', '2'], scenario);
    expect(sampleCount).toBe(2);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/STRATEGY_THREW: .*always/);
    const { code, error } = desk.playhead(['sweep', 'sweep.yaml', '--estimate', '--resume', 'last']);
    expect(code).toBe(2);
    expect(error).toContain('--estimate: plays a sample of a new sweep; leave out --resume');
    expect(existsSync(join(desk.path, '.playhead', 'sweeps'))).toBe(false);
  }, 30_000);
});
