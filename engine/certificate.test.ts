import { describe, expect, test } from 'vitest';
import { certify, hashColumns, hashFills, hashMetrics, hashOrders, hashTape, hashTexts } from './certificate.ts';
import type { BarColumnName } from './model/bar.ts';
import { play } from './play.ts';
import { createRandom } from './random.ts';
import type { Certificate, RunResult } from './result.ts';
import { playScript, type ScriptInput, scriptInput } from './testing/play-script.ts';
import { type BarRow, tapeOf } from './testing/tapes.ts';

const dayMs = 86_400_000;

/** Twenty days of four bars each, with orders that leave fills, refusals, stops and an open position. */
function rows(): BarRow[] {
  const random = createRandom(11);
  let price = 100;
  return Array.from({ length: 80 }, () => {
    const open = price;
    price = Math.max(20, Math.round((price + random.normal()) * 100) / 100);
    return [open, Math.max(open, price) + 0.5, Math.min(open, price) - 0.5, price];
  });
}
const script: ScriptInput = {
  tapes: [tapeOf(rows(), { timeframe: '6h' })],
  instrument: { feeRateTaker: 0.001 },
  always: ({ call, order, position, series }) => {
    if (call % 7 === 0 && position.isFlat)
      order.market({ side: 1, equityFraction: 0.5, stopLoss: series[0].close.at(0) * 0.98, tag: `n${call}` });
    if (call % 7 === 5) order.close();
    if (call === 33) order.market({ side: -1, sizeBase: 1e6 });
    if (call === 40) order.limit({ side: 1, sizeBase: 1, limitPrice: 1 });
  },
};
const result = playScript(script);

/** Names of the hashes that differ. */
function changed(certificate: Certificate, other: Certificate = result.certificate): string[] {
  return (Object.keys(certificate) as (keyof Certificate)[]).filter((name) => certificate[name] !== other[name]);
}

/** The certificate of a result in which something was changed by hand. */
function certified(change: Partial<Parameters<typeof certify>[0]>): Certificate {
  const { tapeHash, strategyHash, scenarioHash, engineHash, seed } = result.certificate;
  const { orders, fills, equity, daily, metrics } = result;
  return certify({ tapeHash, strategyHash, scenarioHash, engineHash, seed, orders, fills, equity, daily, metrics, ...change });
}

const withValue = (column: Float64Array, i: number, value: number) => Float64Array.from(column, (old, k) => (k === i ? value : old));

describe('the certificate', () => {
  test('is the same for the same input, whenever it is played', () => {
    expect(result.fills.length).toBeGreaterThan(10);
    expect(playScript(script).certificate).toEqual(result.certificate);
    expect(certified({})).toEqual(result.certificate);
    for (const [name, hash] of Object.entries(result.certificate))
      if (name.endsWith('Hash') && hash !== 'test') expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, () => Certificate, string[]]>([
    [
      'a fill by one bit of its price',
      () =>
        certified({
          fills: result.fills.map((fill, i) => (i === 3 ? { ...fill, priceQuote: fill.priceQuote * (1 + Number.EPSILON) } : fill)),
        }),
      ['fillsHash', 'trialHash', 'runHash'],
    ],
    [
      'the role of a fill',
      () => certified({ fills: result.fills.map((fill, i) => (i === 3 ? { ...fill, role: 'halt' as const } : fill)) }),
      ['fillsHash', 'trialHash', 'runHash'],
    ],
    [
      'the order of two fills',
      () => certified({ fills: [result.fills[1], result.fills[0], ...result.fills.slice(2)] }),
      ['fillsHash', 'trialHash', 'runHash'],
    ],
    [
      'the reason of an order',
      () => certified({ orders: result.orders.map((order, i) => (i === 2 ? { ...order, reason: 'other' } : order)) }),
      ['ordersHash', 'runHash'],
    ],
    [
      'the tag of an order',
      () => certified({ orders: result.orders.map((order, i) => (i === 0 ? { ...order, tag: 'other' } : order)) }),
      ['ordersHash', 'runHash'],
    ],
    [
      'the end of an order',
      () => certified({ orders: result.orders.map((order, i) => (i === 0 ? { ...order, endedMs: order.endedMs + 1 } : order)) }),
      ['ordersHash', 'runHash'],
    ],
    [
      'one equity row',
      () => certified({ equity: { ...result.equity, equityQuote: withValue(result.equity.equityQuote, 5, 1) } }),
      ['equityHash', 'runHash'],
    ],
    [
      'the time of an equity row',
      () => certified({ equity: { ...result.equity, timeMs: withValue(result.equity.timeMs, 5, 1) } }),
      ['equityHash', 'runHash'],
    ],
    [
      'one day',
      () => certified({ daily: { ...result.daily, equityQuote: withValue(result.daily.equityQuote, 5, 1) } }),
      ['dailyHash', 'trialHash', 'runHash'],
    ],
    [
      'one metric',
      () => certified({ metrics: { ...result.metrics, [Object.keys(result.metrics)[0]]: 12.5 } }),
      ['metricsHash', 'trialHash', 'runHash'],
    ],
    ['the strategy', () => certified({ strategyHash: 'other' }), ['strategyHash', 'trialHash', 'runHash']],
    ['the scenario', () => certified({ scenarioHash: 'other' }), ['scenarioHash', 'trialHash', 'runHash']],
    ['the engine', () => certified({ engineHash: 'other' }), ['engineHash', 'trialHash', 'runHash']],
    ['the seed', () => certified({ seed: 2 }), ['seed', 'trialHash', 'runHash']],
    ['the tape', () => certified({ tapeHash: 'other' }), ['tapeHash', 'trialHash', 'runHash']],
  ])('changes with %s, and only where it must', (_, make, names) => {
    expect(changed(make()).sort()).toEqual([...names].sort());
  });

  test('a run that keeps metrics only has the same trial hash, fills, days and metrics', () => {
    const trial = playScript({ ...script, recording: 'metrics' });
    expect(changed(trial.certificate).sort()).toEqual(['ordersHash', 'runHash']);
    expect(trial.orders).toEqual([]);
    expect(trial.fills).toEqual(result.fills);
    expect(trial.daily).toEqual(result.daily);
    expect(trial.metrics).toEqual(result.metrics);
  });

  test('progress is counted and changes nothing', () => {
    const progress = new Int32Array(new SharedArrayBuffer(8));
    const watched = play({ ...scriptInput(script), progress });
    expect(watched.certificate).toEqual(result.certificate);
    expect([...progress]).toEqual([80, 80]);
  });
});

describe('the tape hash', () => {
  const windowOf = (toMs: number): ScriptInput['settings'] => ({ window: { fromMs: 5 * dayMs, toMs } });
  const played = (bars: readonly BarRow[], settings: ScriptInput['settings']): RunResult =>
    playScript({ ...script, tapes: [tapeOf(bars, { timeframe: '6h' })], settings });

  test('bars after the end of the window change nothing', () => {
    const settings = windowOf(15 * dayMs);
    const whole = played(rows(), settings);
    const imported = rows();
    imported[60] = [1, 9999, 1, 7];
    expect(played(imported, settings).certificate).toEqual(whole.certificate);
    expect(played(rows().slice(0, 60), settings).certificate).toEqual(whole.certificate);
    expect(played(rows().slice(0, 59), settings).certificate.tapeHash).not.toBe(whole.certificate.tapeHash);
  });

  test('history before the window is part of it', () => {
    const other = rows();
    other[0] = [other[0][0], other[0][1] + 1, other[0][2], other[0][3]];
    const settings = windowOf(15 * dayMs);
    expect(changed(played(other, settings).certificate, played(rows(), settings).certificate)).toEqual([
      'tapeHash',
      'trialHash',
      'runHash',
    ]);
  });

  test.each<BarColumnName>(['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'])('covers %s', (name) => {
    const tape = tapeOf(rows());
    const before = hashTape([tape], Number.MAX_SAFE_INTEGER);
    tape.columns[name][7] += 0.25;
    expect(hashTape([tape], Number.MAX_SAFE_INTEGER)).not.toBe(before);
  });

  test('covers the name of the series and the order of several', () => {
    const [a, b] = [tapeOf(rows()), tapeOf(rows(), { symbol: 'B' })];
    const hashes = [[a], [b], [a, b], [b, a]].map((tapes) => hashTape(tapes, Number.MAX_SAFE_INTEGER));
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('the encoding', () => {
  test('has one NaN and one zero', () => {
    const otherNaN = new Float64Array(new BigUint64Array([0xfff8_0000_0000_1234n]).buffer);
    expect(otherNaN[0]).toBeNaN();
    expect(hashColumns('x', [otherNaN])).toBe(hashColumns('x', [Float64Array.of(Number.NaN)]));
    expect(hashColumns('x', [Float64Array.of(-0)])).toBe(hashColumns('x', [Float64Array.of(0)]));
    expect(hashColumns('x', [Float64Array.of(0)])).not.toBe(hashColumns('x', [Float64Array.of(Number.MIN_VALUE)]));
    expect(hashMetrics({ a: -0, b: Number.NaN })).toBe(hashMetrics({ b: Number.NaN, a: 0 }));
  });

  test('a view of a longer buffer hashes as its own values', () => {
    expect(hashColumns('x', [Float64Array.of(1, 2, 3, 4).subarray(1, 3)])).toBe(hashColumns('x', [Float64Array.of(2, 3)]));
  });

  test('no part can be taken for another, nor one list for another cut differently', () => {
    expect(hashTexts('x', ['ab', 'c'])).not.toBe(hashTexts('x', ['a', 'bc']));
    expect(hashTexts('x', ['a'])).not.toBe(hashTexts('y', ['a']));
    expect(hashTexts('x', ['é'])).not.toBe(hashTexts('x', ['e\u0301']));
    expect(hashColumns('x', [Float64Array.of(1), Float64Array.of(2)])).not.toBe(hashColumns('x', [Float64Array.of(1, 2)]));
    expect(hashFills([])).not.toBe(hashOrders([]));
    expect(hashMetrics({ a: 1, b: 2 })).not.toBe(hashMetrics({ a: 2, b: 1 }));
  });

  test('is the one it was: SHA-256 of these bytes', () => {
    // printf 'playhead x\n2:ab' | sha256sum
    expect(hashTexts('x', ['ab'])).toBe('50a05b26f8353c246b3ce66a89ce495f47257a5459b8183759a45c022676fc70');
  });
});
