import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../../data/catalogue.ts';
import { importSynthetic } from '../../data/import-columns.ts';
import { resampleSeries } from '../../data/resample-series.ts';
import { createSweep, findSweep } from '../../data/stores/sweep-store.ts';
import { loadStudy } from '../../data/stores/sweep-studies.ts';
import { createDesk, type Desk } from '../desk.test.helper.ts';

interface JudgedDocument {
  readonly id: string;
  readonly index: number;
  readonly parameters: Record<string, number>;
  readonly otherSearchCount: number;
  readonly report: object;
  readonly permutations: unknown;
}

interface PermutedDocument extends JudgedDocument {
  readonly report: { readonly verdict: string; readonly reasons: readonly string[] };
  readonly survivors: { readonly count: number; readonly indexes: number[]; readonly pValues: number[]; readonly adjusted: number[] };
  readonly permutations: {
    readonly seed: number;
    readonly test: { readonly permutationCount: number; readonly scoreReal: number; readonly scores: readonly number[] };
  };
}

interface SweepDocument {
  readonly id: string;
  readonly best: readonly {
    readonly index: number;
    readonly parameters: Record<string, number>;
    readonly metrics: Record<string, number>;
  }[];
}

let desk: Desk;
const home = (): string => join(desk.path, '.playhead');

beforeAll(() => {
  desk = createDesk();
  writeFileSync(
    join(desk.path, 'sweep.yaml'),
    'extends: ./scenario.yaml\nname: sweep\nsearch: { parameters: { fast: [10, 20, 30], slow: [50, 100] }, objective: returnFraction }\n',
  );
}, 60_000);

afterAll(() => desk.remove());

function document<T>(args: readonly string[]): T {
  const { code, out, error } = desk.playhead([...args, '--json', '-q', '--no-report']);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${error}`);
  return JSON.parse(out) as T;
}

const overfit = (...args: readonly string[]): JudgedDocument => document(['overfit', ...args, '--replicates', '200']);

describe('playhead overfit', () => {
  test('judges the best of the sweep, the same each time, and counts what other sweeps tried', () => {
    const { id, best } = document<SweepDocument>(['sweep', 'sweep.yaml']);
    const alone = overfit(id);
    expect(alone).toMatchObject({ id, index: best[0].index, parameters: best[0].parameters, otherSearchCount: 0 });
    expect(overfit('last')).toEqual(alone);
    expect(overfit('last', '--seed', '2').report).not.toEqual(alone.report);

    document<SweepDocument>(['sweep', 'sweep.yaml', '--set', 'search.parameters.slow=[150, 200]']);
    const besideAnother = overfit(id);
    expect(besideAnother).toMatchObject({ index: alone.index, otherSearchCount: 1 });
    expect(besideAnother.report).not.toEqual(alone.report);
    // The same trials once more are no more luck than they were.
    document<SweepDocument>(['sweep', 'sweep.yaml']);
    expect(overfit(id)).toEqual(besideAnother);
  }, 60_000);

  test('writes its report beside the sweep', () => {
    const { code, out } = desk.playhead(['overfit', 'last', '--replicates', '50']);
    expect(code).toBe(0);
    const path = /^report {7}(.+)$/m.exec(out)?.[1] ?? '';
    expect(path).toMatch(/sweeps[/\\].+[/\\]overfit\.html$/);
    const verdict = out.split('\n').find((line) => /^(LUCK|UNPROVEN|HOLDS): /.test(line)) ?? 'no verdict';
    expect(readFileSync(path, 'utf8')).toContain(verdict);
  }, 30_000);

  test('plays the whole search again on permuted bars, the same whatever threads, and counts it in the verdict', () => {
    const { id, best } = document<SweepDocument>(['sweep', 'sweep.yaml']);
    const before = readdirSync(join(home(), 'ledger')).length;
    const permuted = (jobs: string) => overfit(id, '--permutations', '9', '--jobs', jobs) as PermutedDocument;
    const judged = permuted('3');
    expect(permuted('1')).toEqual(judged);
    expect(readdirSync(join(home(), 'ledger')).length).toBe(before);
    const { test: found, seed } = judged.permutations;
    const reached = found.scores.filter((score) => score >= found.scoreReal).length;
    expect(found).toMatchObject({
      permutationCount: 9,
      reachedCount: reached,
      pValue: (1 + reached) / 10,
      scoreReal: best[0].metrics.returnFraction,
    });
    expect(new Set(found.scores).size).toBe(9);
    const told = desk.playhead(['overfit', id, '--permutations', '9', '--replicates', '50']);
    expect(told.error).toContain('--permutations 9: p is 1/10 at best, above its mark');
    expect(readFileSync(join(home(), 'sweeps', id, 'overfit.html'), 'utf8')).toContain('id="permutations-chart"');
    expect(loadStudy(home(), id, 'permutations')).toEqual({ seed, test: { ...found, scores: Float64Array.from(found.scores) } });
    // No p-value of nine searches is past the mark: the verdict is what it is without them.
    expect(judged.report.verdict).toBe((overfit(id) as PermutedDocument).report.verdict);
    expect(judged.report.reasons.at(-1)).toMatch(
      /^not judged: permutation test p = [\d.]+ \(mark 0\.05\): of 9 searches .* decides nothing$/,
    );
    expect(overfit(id).permutations).toBeNull();

    // Batch after batch, on what came of the ones before on the same bars: where nothing is left to try, the best is that of the grid.
    document<SweepDocument>(['sweep', 'sweep.yaml', '--set', 'search.method=tpe', '--set', 'search.batch=2']);
    const modelled = overfit('last', '--permutations', '9') as PermutedDocument;
    expect(modelled.permutations.test.scores).toEqual(found.scores);
  }, 60_000);

  test('adjusts the p-value of every trial for their number', () => {
    const { survivors } = overfit('last') as PermutedDocument;
    expect(survivors.indexes).toEqual([0, 1, 2, 3, 4, 5]);
    survivors.adjusted.forEach((adjusted, i) => {
      expect(adjusted).toBeGreaterThanOrEqual(survivors.pValues[i]);
    });
    expect(desk.playhead(['overfit', '--replicates', '100', '-q', '--no-report']).out).toMatch(
      new RegExp(`^survivors +${survivors.count} of 6 +trials with a Sharpe ratio above 0 once adjusted`, 'm'),
    );
  }, 60_000);

  test('of a halved search tells nothing that would need those it has given up', () => {
    const { plateau } = document<{ plateau: unknown }>(['sweep', 'sweep.yaml', '--set', 'search.halving.rungs=2']);
    expect([plateau, (overfit('last') as PermutedDocument).survivors]).toEqual([null, null]);
    const { code, error } = desk.playhead(['overfit', 'last', '--permutations', '3']);
    expect(code).toBe(2);
    expect(error).toMatch(/UNSUPPORTED: sweep \S+ was halved, and only searches over the whole window can be permuted/);
  }, 60_000);

  test('judges neither a sweep that was stopped nor one of which no trial was played', () => {
    const { id } = createSweep(home(), { createdAtMs: Date.UTC(2020, 0), name: 'stopped', specHash: 'ab'.repeat(32), details: {} });
    const stopped = desk.playhead(['overfit', id]);
    expect(stopped.code).toBe(4);
    expect(stopped.error).toContain(`was stopped before its end; go on with "npx playhead sweep --resume ${id}"`);

    const text = `import { defineStrategy, integer } from 'playhead';
export default defineStrategy({
  name: 'broken',
  parameters: { fast: integer(1, { min: 1, max: 9 }) },
  setup() {
    return { onBar() { throw new Error('always'); } };
  },
});
`;
    const played = desk.playhead(['sweep', desk.writeScenario('broken', text, 'search: { parameters: { fast: [1, 2] } }\n'), '-q']);
    expect(played.code).toBe(5);
    expect(played.out).toMatch(/^2 trials failed:\n {2}2 × STRATEGY_THREW: .*Error: always.*; first trial 0: fast=1$/m);
    const failed = desk.playhead(['overfit', 'last']);
    expect(failed.code).toBe(4);
    expect(failed.error).toMatch(/has nothing to judge: all its trials failed, the first with STRATEGY_THREW: .*always/);
  }, 60_000);

  test('does not permute a sweep whose bars in doubt are decided by finer ones', async () => {
    const catalogue = openCatalogue(home());
    const market = { seed: 7, symbol: 'SYN/USD', bars: 6_000, startMs: Date.UTC(2024, 0, 1), startPrice: 1_000, tick: 0.01 };
    await importSynthetic(catalogue, market);
    await resampleSeries(catalogue, { symbol: 'SYN/USD', from: '1m', to: '1h' });
    writeFileSync(
      join(desk.path, 'refined.yaml'),
      `name: refined
data: { series: [{ venue: synthetic, symbol: SYN/USD, timeframe: 1h }] }
strategy: { use: moving-average-cross }
search: { parameters: { fast: [3, 5], slow: [10] } }
fills: { ambiguous: refine, refineWith: 1m }
`,
    );
    const { id } = document<SweepDocument>(['sweep', 'refined.yaml']);
    const { code, error } = desk.playhead(['overfit', id, '--permutations', '9', '--no-report', '-q']);
    expect(code).toBe(2);
    expect(error).toContain(`UNSUPPORTED: sweep ${id} decides bars in doubt with finer ones, which permuted bars do not have`);
    expect(overfit(id).permutations).toBeNull();
  }, 60_000);

  test('of a name that no sweep has it says what there is', () => {
    const { code, error } = desk.playhead(['overfit', 'lsat']);
    expect(code).toBe(3);
    expect(error).toContain('no sweep is called "lsat"; did you mean "last"?');
    // Where there is none at all, "last" is no hint.
    const empty = join(desk.scratch, 'empty');
    for (const wanted of ['last', 'lsat']) expect(() => findSweep(empty, wanted)).toThrow(`no sweep is called "${wanted}" (looked in`);
  });
});

test('two sweeps of one second lie in folders of their own', () => {
  const begun = { createdAtMs: Date.UTC(2021, 0), name: 'twin', specHash: 'cd'.repeat(32), details: {} };
  const [one, other] = [createSweep(home(), begun), createSweep(home(), begun)];
  expect(other.id).not.toBe(one.id);
});
