import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createSweep, type StoredTrial, SweepLog, saveSweepEnd } from './sweep-store.ts';
import { appendToLedger, ledgerHeads, readLedger } from './trial-ledger.ts';

const home = mkdtempSync(join(tmpdir(), 'playhead-ledger-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const market = { markets: [{ venue: 'test', symbol: 'A/USD' }], fromMs: 0, toMs: 100 };
const dayMs = Float64Array.of(40, 90);

function trial(index: number, failure: StoredTrial['failure'] = null): StoredTrial {
  const figures = { metrics: Float64Array.of(index), dailyQuote: Float64Array.of(100 + index, 200 + index), ambiguousBarCount: 0 };
  return { index, trialHash: `hash ${index}`, ...figures, failure };
}

test('what a search has tried that was stopped counts until it ends, and then once', () => {
  const { id } = createSweep(home, {
    createdAtMs: 7,
    name: 'stopped',
    specHash: 'abcdef0123456789',
    details: { market, initialCapitalQuote: 100, told: { strategyName: 'cross' }, parts: { strategy: 'source' } },
  });
  const { log } = SweepLog.open(home, id);
  const kept = log.append([trial(0), trial(1, { code: 'STRATEGY_THREW', message: 'no' })], dayMs);
  log.append([trial(2)], dayMs);
  log.close();
  // Days of what was logged are read where they lie.
  expect([...kept[0].dailyQuote]).toEqual([100, 200]);
  const [entry, ...more] = readLedger(home, market);
  expect(more).toEqual([]);
  expect(entry.head).toMatchObject({ id, ...market, strategyName: 'cross', strategyHash: 'source', dayCount: 2, initialCapitalQuote: 100 });
  expect(entry.head.trials.map(({ trialHash }) => trialHash)).toEqual(['hash 0', 'hash 2']);
  expect([[...entry.dayMs], [...entry.dailyQuote]]).toEqual([
    [40, 90],
    [100, 200, 102, 202],
  ]);
  expect(ledgerHeads(home, { ...market, toMs: 0 })).toEqual([]);

  // As a search that ends: first the ledger, then its end.
  const rung = SweepLog.open(home, id, 1);
  rung.log.append([trial(5)], dayMs);
  rung.log.close();
  expect(ledgerHeads(home, market).map((head) => head.id)).toEqual([id, `${id}-rung-1`]);
  appendToLedger(home, { head: entry.head, dayMs, trialDays: [trial(0).dailyQuote, trial(2).dailyQuote] });
  expect(ledgerHeads(home, market).map((head) => head.id)).toEqual([id, `${id}-rung-1`]);
  saveSweepEnd(home, id, {});
  expect(readLedger(home, market)).toEqual([entry]);
});
