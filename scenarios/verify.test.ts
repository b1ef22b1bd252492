import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../data/catalogue.ts';
import { importVegaSp500 } from '../data/import-vega-sp500.ts';
import { runFiles, sumsFile, sumsText } from '../data/stores/run-files.ts';
import { runScenario } from './run-scenario.ts';
import { verifyRun } from './verify.ts';

let home: string;
let id: string;
let folder: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'playhead-verify-'));
  await importVegaSp500(openCatalogue(home));
  const path = fileURLToPath(new URL('moving-average-cross.yaml', import.meta.url));
  // Filled bars, an open position and an expectation, so that there is something of each to forge.
  ({ id } = await runScenario(path, {
    home,
    set: ['data.quality.gap=fill-flat', 'strategy.use=buy-and-hold', 'strategy.parameters={}', 'expect={ trades: { min: 5 } }'],
  }));
  folder = join(home, 'runs', id);
  cpSync(folder, join(home, 'kept'), { recursive: true });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Head {
  readonly result: Record<string, never> & { readonly warnings: string[] };
  readonly details: Record<string, never>;
}

/** Changes a stored run and writes its sums anew, as a forger would; what verify then finds. */
async function findingsAfter(forge: () => void): Promise<string[]> {
  cpSync(join(home, 'kept'), folder, { recursive: true });
  forge();
  writeFileSync(join(folder, sumsFile), sumsText(new Map(runFiles.map((name) => [name, readFileSync(join(folder, name))]))));
  const { findings, isReplayed } = await verifyRun(home, id, { timeLimitMs: 60_000 });
  expect(isReplayed).toBe(true);
  return findings.map(({ kind, text }) => `${kind}: ${text}`);
}

/** Writes run.json with what this changes in it. */
function inHead(change: (head: Head) => void): () => void {
  return () => {
    const path = join(folder, 'run.json');
    const head = JSON.parse(readFileSync(path, 'utf8')) as Head;
    change(head);
    writeFileSync(path, `${JSON.stringify(head, null, 2)}\n`);
  };
}

describe('a forged figure that no hash covers is found by playing again', () => {
  test('and nothing is found where nothing was changed', async () => expect(await findingsAfter(() => {})).toEqual([]));

  test.each<[string, (head: Head) => void, RegExp]>([
    ['ambiguous bars', ({ result }) => Object.assign(result, { ambiguousBarCount: 7 }), /ambiguousBarCount was 7 as stored, is 0 now$/],
    ['the ledger', ({ result }) => Object.assign(result.ledger, { fees: '0' }), /ledger\.fees was "0" as stored, is "-?\d[\d.]*" now$/],
    ['a position', ({ result }) => Object.assign(result.openPositions[0], { sizeBase: 1 }), /openPositions\.0\.sizeBase was 1 as stored/],
    ['a position left out', ({ result }) => Object.assign(result, { openPositions: [] }), /openPositions\.0 was missing as stored, is /],
    ['a warning left out', ({ result }) => void result.warnings.pop(), /warnings\.\d was missing as stored, is "index SP500\/USD 1d: /],
    [
      'a warning added',
      ({ result }) => void result.warnings.push('all is well'),
      /warnings\.\d was "all is well" as stored, is missing now$/,
    ],
    [
      'the capital',
      ({ result }) => Object.assign(result, { initialCapitalQuote: 1 }),
      /initialCapitalQuote was 1 as stored, is 100000 now$/,
    ],
    ['a series', ({ result }) => Object.assign(result.series[0], { isSynthetic: true }), /series\.0\.isSynthetic was true as stored/],
    [
      'the strategy',
      ({ result }) => Object.assign(result, { strategyName: 'gold' }),
      /strategyName was "gold" as stored, is "buy-and-hold" now$/,
    ],
    [
      'the data quality',
      ({ details }) => Object.assign(details.quality[0], { filledBarCount: 0 }),
      /quality\.0\.filledBarCount was 0 as stored, is \d+ now$/,
    ],
    [
      'an expectation',
      ({ details }) => Object.assign(details.expectations[0], { isMet: true }),
      /expectations\.0\.isMet was true as stored, is false now$/,
    ],
  ])('%s', async (_what, change, finding) => {
    const findings = await findingsAfter(inHead(change));
    expect(findings).toEqual([expect.stringMatching(/^outputs: played again, /)]);
    expect(findings[0]).toMatch(finding);
  });

  test('buy and hold', async () => {
    const path = join(folder, 'equity.f64');
    const findings = await findingsAfter(() => {
      const bytes = readFileSync(path);
      bytes.writeDoubleLE(123, bytes.length - 8);
      writeFileSync(path, bytes);
    });
    expect(findings).toEqual([
      expect.stringMatching(/^outputs: played again, buy and hold row \d+: was 123 at 20\d\d-[^ ]+ as stored, is /),
    ]);
  });
});
