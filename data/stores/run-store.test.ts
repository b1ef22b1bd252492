import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Order } from '../../engine/model/order.ts';
import type { RunResult } from '../../engine/result.ts';
import { changedFiles, checkedSummary, findRun, listRuns, loadRun, loadUnchecked, runFolder, saveRun } from './run-store.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'playhead-runs-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const createdAtMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function resultWith(runHash: string): RunResult {
  const hashes = Object.fromEntries(
    ['tape', 'strategy', 'scenario', 'engine', 'orders', 'fills', 'equity', 'daily', 'metrics', 'trial'].map((name) => [
      `${name}Hash`,
      'ab'.repeat(32),
    ]),
  );
  const order = {
    id: 0,
    instrumentIndex: 0,
    kind: 'market',
    role: 'own',
    side: 1,
    sizeRule: 'base',
    sizeAsked: 0.1 + 0.2,
    limitPrice: Number.NaN,
    stopPrice: Number.NaN,
    stopLossPrice: 5e-324,
    takeProfitPrice: 1.7976931348623157e308,
    isReduceOnly: false,
    parentId: -1,
    tag: 'naïve "quote"\n',
    submittedMs: createdAtMs,
    sizeBase: 1 / 3,
    status: 'filled',
    reason: '',
    endedMs: createdAtMs,
  };
  const fill = {
    orderId: 0,
    instrumentIndex: 0,
    timeMs: 1,
    openTimeMs: 1,
    side: 1 as const,
    priceQuote: 1 / 3,
    sizeBase: 2 / 3,
    notionalQuote: 1e-9,
    feeQuote: 0,
    slippageQuote: 0,
    kind: 'market' as const,
    role: 'own' as const,
  };
  return {
    strategyName: 'fake',
    parameters: { fast: 3, mode: 'NaN', flag: true },
    instruments: [
      {
        venue: 'v',
        symbol: 'A/B',
        baseCurrency: 'A',
        quoteCurrency: 'B',
        tickSize: 0.01,
        lotSize: 1e-8,
        minimumNotionalQuote: 0,
        baseDecimals: 8,
        quoteDecimals: 8,
        multiplier: 1,
        feeRateMaker: 0,
        feeRateTaker: 0,
        validFromMs: Number.NEGATIVE_INFINITY,
        validToMs: Number.POSITIVE_INFINITY,
      },
    ],
    series: [
      {
        key: { venue: 'v', symbol: 'A/B', timeframe: '1d' },
        rowCount: 3,
        firstOpenMs: 0,
        lastCloseMs: 3,
        isSynthetic: true,
        isFinest: true,
      },
    ],
    quoteCurrency: 'B',
    initialCapitalQuote: 100,
    orders: [order as Order],
    fills: [fill, { ...fill, priceQuote: 0.1 }],
    trades: [],
    openPositions: [],
    equity: { timeMs: Float64Array.of(1, 2, 3), equityQuote: Float64Array.of(100, 1 / 3, Number.NaN) },
    daily: { timeMs: Float64Array.of(3), equityQuote: Float64Array.of(5) },
    buyAndHold: Float64Array.of(1, 2, 3),
    riskEvents: [
      {
        timeMs: 2,
        kind: 'halt',
        rule: 'drawdown',
        instrumentIndex: -1,
        orderId: -1,
        from: 'ACTIVE',
        to: 'HALTED',
        figures: { drawdownFraction: 0.1, untilMs: Number.POSITIVE_INFINITY },
        reason: 'lost 0.1',
      },
    ],
    ambiguousBarCount: 0,
    decidedBarCount: 0,
    notRefinedBarCount: 0,
    otherLedgers: {},
    accountEvents: [],
    dust: [],
    ledger: { fees: '-0.10' },
    metrics: { sharpeRatio: Number.NaN, profitFactor: Number.POSITIVE_INFINITY, returnFraction: 0.1 + 0.2 },
    certificate: { ...hashes, seed: 1, runHash } as unknown as RunResult['certificate'],
    warnings: ['a warning'],
  };
}

function save(runHash = 'cd'.repeat(32), timeMs = createdAtMs): string {
  return saveRun(home, { createdAtMs: timeMs, name: 'scenario', result: resultWith(runHash), details: { note: 'kept' } });
}

test('a run comes back exactly: every double, NaN and infinity, text and columns', () => {
  const id = save();
  const stored = loadRun<{ note: string }>(home, id);
  expect(id).toBe('20260102-030405-cdcdcdcd');
  expect(stored.result).toEqual(resultWith('cd'.repeat(32)));
  expect([stored.id, stored.createdAtMs, stored.name, stored.details.note]).toEqual([id, createdAtMs, 'scenario', 'kept']);
  expect(changedFiles(home, id)).toEqual([]);
});

test('runs of one second and one hash get ids of their own', () => {
  expect([save(), save(), save()]).toEqual(['20260102-030405-cdcdcdcd', '20260102-030405-cdcdcdcd-2', '20260102-030405-cdcdcdcd-3']);
});

describe('finding', () => {
  test('by "last", id, start of id and start of run hash; newest first in the list', () => {
    const older = save('ab'.repeat(32));
    const newer = save('ef'.repeat(32), createdAtMs + 86_400_000);
    expect(listRuns(home).map((run) => run.id)).toEqual([newer, older]);
    expect(listRuns(home)[0]).toMatchObject({
      strategyName: 'fake',
      parameters: { fast: 3, mode: 'NaN', flag: true },
      series: ['v A/B 1d'],
      isSynthetic: true,
      metrics: { profitFactor: Number.POSITIVE_INFINITY },
      problem: '',
    });
    expect([findRun(home, 'last'), findRun(home, older), findRun(home, '20260102'), findRun(home, 'efef')]).toEqual([
      newer,
      older,
      older,
      newer,
    ]);
    expect(() => findRun(home, '2026')).toThrow(/"2026" fits 2 runs/);
    expect(() => findRun(home, '../..')).toThrow(/no stored run is called/);
    expect(() => findRun(home, `${older.slice(0, -1)}c`)).toThrow(`did you mean "${older}"?`);
  });
  test('an empty home says how to make a run', () => {
    expect(() => findRun(home, 'last')).toThrow(/holds no runs; play one with "npx playhead run"/);
  });
});

describe('damage', () => {
  test('one changed byte is seen in every file', () => {
    for (const file of ['run.json', 'orders.ndjson', 'fills.ndjson', 'equity.f64', 'daily.f64']) {
      const id = save();
      const path = join(runFolder(home, id), file);
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] ^= 1;
      writeFileSync(path, bytes);
      expect(changedFiles(home, id)).toEqual([{ file, text: 'was changed after it was stored' }]);
    }
  });
  test('a run with a changed or missing file is not loaded, and its summary says so', () => {
    const id = save();
    expect(checkedSummary(home, listRuns(home)[0]).problem).toBe('');
    const path = join(runFolder(home, id), 'fills.ndjson');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"feeQuote":0', '"feeQuote":1'));
    expect(() => loadRun(home, id)).toThrow(`run ${id}: fills.ndjson was changed after it was stored; "npx playhead verify ${id}" tells`);
    expect(checkedSummary(home, listRuns(home)[0]).problem).toBe('fills.ndjson was changed after it was stored');
    rmSync(join(runFolder(home, id), 'SHA256SUMS'));
    try {
      loadRun(home, id);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'RUN_CORRUPT', exitCode: 3, fields: { run: id, file: 'SHA256SUMS' } });
    }
  });
  test('a line that cannot be read is named, and a missing one counted', () => {
    const id = save();
    const path = join(runFolder(home, id), 'fills.ndjson');
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${lines[0]}\n{"orderId":\n`);
    expect(() => loadUnchecked(home, id)).toThrow(/fills.ndjson line 2 is not readable/);
    writeFileSync(path, `${lines[0]}\n`);
    expect(() => loadUnchecked(home, id)).toThrow(/fills.ndjson holds 1 records, run.json says 2/);
    rmSync(path);
    expect(() => loadUnchecked(home, id)).toThrow(/fills.ndjson of the run could not be read/);
    expect(changedFiles(home, id)).toEqual([{ file: 'fills.ndjson', text: 'is missing' }]);
  });
  test('a column of the wrong length is refused', () => {
    const id = save();
    writeFileSync(join(runFolder(home, id), 'equity.f64'), Buffer.alloc(8));
    expect(() => loadUnchecked(home, id)).toThrow(/equity.f64 is 8 bytes long, expected 72/);
  });
  test('a run whose head is unreadable is listed with its problem and hides no other', () => {
    const id = save();
    save('ef'.repeat(32));
    writeFileSync(join(runFolder(home, id), 'run.json'), '{');
    const broken = listRuns(home).find((run) => run.id === id);
    expect(listRuns(home)).toHaveLength(2);
    expect(broken?.problem).not.toBe('');
    expect(() => loadUnchecked(home, id)).toThrow(/run.json could not be read/);
  });
});

const builtStore = fileURLToPath(new URL('../../dist/data/stores/run-store.js', import.meta.url));

describe.skipIf(!existsSync(builtStore))('killed in mid-write (needs dist: run "npm run build")', () => {
  test('SIGKILL at random moments leaves whole runs only, and the next save sweeps up', async () => {
    const script = join(home, 'writer.mjs');
    const result = resultWith('cd'.repeat(32));
    const many = { ...result, fills: Array.from({ length: 20_000 }, () => result.fills[0]) };
    writeFileSync(
      join(home, 'result.json'),
      JSON.stringify(many, (_name, value) => (ArrayBuffer.isView(value) ? { column: Array.from(value as Float64Array) } : value)),
    );
    writeFileSync(
      script,
      `import { readFileSync } from 'node:fs';
import { saveRun } from ${JSON.stringify(builtStore)};
const result = JSON.parse(readFileSync(${JSON.stringify(join(home, 'result.json'))}, 'utf8'), (_n, v) => (v?.column ? Float64Array.from(v.column, (x) => x ?? NaN) : v));
process.stdout.write('ready');
for (let i = 0; ; i++) saveRun(${JSON.stringify(home)}, { createdAtMs: ${createdAtMs} + i * 1000, name: 'n', result, details: {} });
`,
    );
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.floor(Math.random() * 150)));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
      for (const run of listRuns(home))
        expect([run.problem, changedFiles(home, run.id), loadRun(home, run.id).result.fills.length]).toEqual(['', [], 20_000]);
    }
    mkdirSync(join(home, 'runs', '.tmp-999999999-1-abc'), { recursive: true });
    save('ef'.repeat(32));
    expect(readdirSync(join(home, 'runs')).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
  }, 60_000);
});
