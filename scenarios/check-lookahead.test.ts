/** Owns the proof that the look-ahead check finds leaks of every kind it names, at their line, and finds none where there is none. */
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { checkLookahead, type LookaheadReport, leakText } from '../engine/causality/index.ts';
import type { Tape } from '../engine/model/bar.ts';
import { play } from '../engine/play.ts';
import { settingsOf } from '../engine/testing/settings.ts';
import { instrumentOf } from '../engine/testing/tapes.ts';
import { bundleStrategy } from '../strategies/loader.ts';
import { locateShipped } from '../strategies/locate.ts';
import { checkInput, crossing, hoursOf, inputOf, lineOf, minutes, scratch, strategyText } from './check.test.helper.ts';

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function reportOf(text: string, given: Parameters<typeof checkInput>[1] = {}): Promise<LookaheadReport> {
  return checkLookahead(await checkInput(text, given));
}

const batch = (body: string): string => `    const made = indicators.batch('made', bars.close, (source, target) => {
${body}
    });
${crossing('made')}`;

const leaks: { name: string; text: string; barsAhead: number }[] = [
  {
    name: 'a centred average',
    text: strategyText(
      batch(`      for (let i = 3; i < source.length - 3; i++) {
        let sum = 0;
        for (let k = -3; k <= 3; k++) sum += source[i + k]; // leak
        target[i] = sum / 7;
      }`),
    ),
    barsAhead: 1,
  },
  {
    name: 'a normalisation over the whole frame',
    text: strategyText(
      batch(`      let sum = 0;
      for (const value of source) sum += value; // leak
      const mean = sum / source.length;
      for (let i = 0; i < source.length; i++) target[i] = source[i] / mean + 99;`),
    ),
    barsAhead: 1,
  },
  {
    name: 'a resample stamped at its start',
    text: strategyText(
      batch(`      for (let from = 0; from + 15 <= source.length; from += 15) {
        const close = source[from + 14]; // leak
        target.fill(close, from, from + 15);
      }`),
    ),
    barsAhead: 14,
  },
  {
    name: 'a negative shift',
    text: strategyText(batch(`      for (let i = 0; i < source.length; i++) target[i] = source[i + 2] ?? NaN; // leak`)),
    barsAhead: 2,
  },
  {
    name: 'a column that is infinite where the next bar closes higher',
    text: strategyText(
      batch('      for (let i = 0; i < source.length; i++) target[i] = source[i + 1] > source[i] ? Infinity : 1; // leak'),
    ),
    barsAhead: 1,
  },
  {
    name: 'a custom indicator that slices ahead',
    text: strategyText(
      batch(`      const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
      for (let i = 5; i < source.length; i++) {
        const around = source.subarray(i - 5, i + 2);
        target[i] = mean(around);
      }`)
        .replace('const mean = (values)', 'const mean = (values: Float64Array)')
        .replace('values.length;', 'values.length; // leak'),
    ),
    barsAhead: 1,
  },
];

describe('check lookahead names the first leaking read of', () => {
  for (const { name, text, barsAhead } of leaks) {
    test(name, async () => {
      const report = await reportOf(text);
      expect(report.passed).toBe(false);
      const [first] = report.leaks;
      expect(first).toMatchObject({
        kind: 'column',
        isReadKnown: true,
        barsAhead,
        place: { file: 'made.ts', line: lineOf(text, '// leak') },
      });
      expect(first.was).not.toBe(first.became);
      expect(leakText(first)).toMatch(/^batch made\(test BTC\/USDT 1m close\): this reads \d+ bars? ahead; with .* changes from /);
    });
  }
});

describe('check lookahead finds what no read of the kernel’s own shows', () => {
  const higher = strategyText(`    const hour = series[1];
    let kept = [];
    indicators.batch('keep', hour.close, (source, target) => {
      kept = [...source];
      target.set(source);
    });
    const now = indicators.batch('hour now', bars.openTimeMs, (source, target) => { // leak
      for (let i = 0; i < source.length; i++) target[i] = kept[Math.floor((source[i] - source[0]) / 3_600_000)] ?? NaN;
    });
${crossing('now')}`).replace('let kept = []', 'let kept: number[] = []');

  test('a leak through a higher timeframe: the declaration, and that it reaches to the end of the hour', async () => {
    const tape = minutes(600);
    const report = await reportOf(higher, { tapes: [tape, hoursOf(tape)], sampleCount: 20 });
    const [first] = report.leaks;
    expect(first).toMatchObject({ what: 'batch hour now(test BTC/USDT 1m openTimeMs)', isReadKnown: false });
    expect(first.place).toMatchObject({ file: 'made.ts', line: lineOf(higher, '// leak') });
    // The hour's close is known at its last minute: from the bar that changed that is so many bars on.
    expect(first.barsAhead).toBe(59 - (first.bar % 60));
    expect(report.leaks.map((leak) => leak.what)).not.toContain('batch keep(test BTC/USDT 1h close)');
  });

  test('a stream that reads what a batch kept; the engine lets such a run pass', async () => {
    const text = strategyText(`    let kept: number[] = [];
    indicators.batch('keep', bars.close, (source, target) => { kept = [...source]; target.set(source); });
    const ahead = indicators.stream('ahead', bars.close, () => { let n = 0; return () => kept[++n + 2] ?? NaN; }); // leak
${crossing('ahead')}`);
    const [first] = (await reportOf(text)).leaks;
    expect(first).toMatchObject({ what: 'stream ahead(test BTC/USDT 1m close)', barsAhead: 3, place: { line: lineOf(text, '// leak') } });
  });

  test('a column that knows how long the tape is', async () => {
    const text = strategyText(batch('      for (let i = 0; i < source.length; i++) target[i] = (100 * i) / source.length;'));
    const report = await reportOf(text);
    expect(report.leaks[0]).toMatchObject({ test: 'cut', barsAhead: null, isReadKnown: false });
    expect(leakText(report.leaks[0])).toContain('it reaches the length of the tape');
  });
});

describe('check lookahead', () => {
  test('plays a refined run with its finer bars', async () => {
    // How many orders are sent depends on what filled: a loss ends the trading of a day.
    const text = strategyText(`    let lost = false;
    return {
      onFill({ role }) { if (role === 'stopLoss') lost = true; },
      onBar({ order, position, timeMs }) {
        if (timeMs % 86_400_000 === 0) lost = false;
        if (!lost && position.isFlat && position.pendingOrderCount === 0)
          order.market({ side: 1, sizeBase: 1, stopLoss: { fraction: 0.005 }, takeProfit: { fraction: 0.005 } });
      },
    };`);
    const fine = minutes(6_000);
    const settings = settingsOf({ replay: 'dense', ambiguity: 'refine' });
    const input = await checkInput(text, { tapes: [hoursOf(fine)], finer: [fine], settings });
    const { passed, orderCount } = checkLookahead(input);
    expect(passed).toBe(true);
    const ordersWith = (finer: Tape[]) => play({ ...input, conversions: [], finer, recording: 'full', progress: null }).orders.length;
    expect(orderCount).toBe(ordersWith([fine]));
    expect(orderCount).not.toBe(ordersWith([]));
  });

  test('says of a column computed from a leaking one which that is, and that the orders change too', async () => {
    const text = strategyText(`    const made = indicators.batch('made', bars.close, (source, target) => target.set(source.subarray(1)));
    const mean = indicators.sma(made, 3);
${crossing('mean')}`);
    const report = await reportOf(text, { sampleCount: 30 });
    expect(report.leaks.map((leak) => [leak.kind, leak.from])).toEqual([
      ['column', ''],
      ['column', 'batch made(test BTC/USDT 1m close)'],
      ['order', ''],
    ]);
  });

  test('tells the handler that reads past now, where the run is refused', async () => {
    const text = strategyText(`    const { close } = bars;
    return { onBar({ order }) { if (close.at(-1) > close.at(0)) order.market({ side: 1, sizeBase: 1 }); } }; // leak`);
    const report = await reportOf(text);
    expect(report).toMatchObject({ passed: false, sampledBarCount: 0 });
    expect(report.leaks[0]).toMatchObject({ kind: 'read', test: 'play', barsAhead: 1, place: { line: lineOf(text, '// leak') } });
  });

  test('takes a strategy that throws on another future for one that knew it, and names the column it read', async () => {
    const text = strategyText(`    let kept: number[] = [];
    indicators.batch('keep', bars.close, (source, target) => { kept = [...source]; target.set(source); });
    const ahead = indicators.stream('ahead', bars.close, () => { let n = 0; return () => kept[++n] ?? NaN; }); // leak
    return { onBar({ timeMs, order, position }) {
      if (Number.isNaN(ahead.at(0)) && timeMs < 35_000_000) throw new Error('no value'); // throws
      if (ahead.at(0) > bars.close.at(0) && position.isFlat) order.market({ side: 1, sizeBase: 1 });
      else order.close();
    } };`);
    const report = await reportOf(text);
    expect(report.leaks.map(({ kind, test, place }) => [kind, test, place?.line])).toEqual([
      ['column', 'cut', lineOf(text, '// leak')],
      ['decision', 'cut', lineOf(text, '// throws')],
    ]);
    expect(leakText(report.leaks[1])).toContain('the strategy throws "no value"');
  });

  test('tells the leak of a column that has no value at the last bar, where the strategy throws for want of it', async () => {
    const text =
      strategyText(`    const made = indicators.batch('made', bars.close, (source, target) => target.set(source.subarray(1))); // leak
    return { onBar({ order }) { order.market({ side: 1, sizeBase: made.at(0) / 1_000 }); } };`);
    const [first] = (await reportOf(text)).leaks;
    expect(first).toMatchObject({ kind: 'read', test: 'play', place: { line: lineOf(text, '// leak') } });
    expect(leakText(first)).toContain('custom indicator "made" reads ahead');
    const honest = strategyText("    return { onBar() { throw new Error('of its own'); } };");
    await expect(reportOf(honest)).rejects.toThrow('of its own');
  });

  test('tells of a setup that throws where the tape is cut', async () => {
    const text = strategyText(
      batch(`      for (let i = 0; i < source.length; i++) target[i] = Number(source[Math.min(i + 1, 599)].toFixed(2)); // throws`),
    );
    const report = await reportOf(text);
    expect(report.leaks.map(({ kind, place }) => [kind, place?.line])).toEqual([
      ['column', lineOf(text, 'indicators.batch')],
      ['decision', lineOf(text, '// throws')],
    ]);
  });

  test('passes a custom indicator that sums the whole column before it writes, and one that looks back', async () => {
    const text = strategyText(`    const made = indicators.batch('made', bars.close, (source, target) => {
      const sums = new Float64Array(source.length + 1);
      for (let i = 0; i < source.length; i++) sums[i + 1] = sums[i] + source[i];
      for (let i = 9; i < source.length; i++) target[i] = (sums[i + 1] - sums[i - 9]) / 10;
    });
    const slow = indicators.stream('slow', bars.close, () => { let mean = NaN; return (value) => (mean = mean > 0 ? mean + (value - mean) / 9 : value); });
    const spread = indicators.bollinger(slow, { period: 20, deviations: 2 });
    const strength = indicators.rsi(spread.middle, 14);
    void strength;
${crossing('made')}`);
    const report = await reportOf(text);
    expect(report.leaks).toEqual([]);
    expect(report.orderCount).toBeGreaterThan(20);
    expect(report).toMatchObject({ passed: true, sampledBarCount: 12, seed: 1 });
    expect(report.columns).toHaveLength(6);
  });

  test('finds the leak of a column that its author named after another series', async () => {
    const text = strategyText(`    const minute = series[1];
    const made = indicators.batch('unlike test BTC/USDT 1h close', minute.close, (source, target) => target.set(source.subarray(1)));
    void made;
${crossing('bars.open')}`);
    const tape = minutes(600);
    const report = await reportOf(text, { tapes: [hoursOf(tape), tape], sampleCount: 4 });
    expect(report.leaks[0]).toMatchObject({ kind: 'column', what: 'batch unlike test BTC/USDT 1h close(test BTC/USDT 1m close)' });
  });

  test('gives setup a context whose parts can be taken by name and as the rest', async () => {
    const text = strategyText(crossing('bars.open')).replace(
      'setup({ bars, series, indicators, wake }) {',
      'setup({ bars, ...rest }) {\n    rest.wake.onCross(bars.close, bars.open);',
    );
    expect(await reportOf(text)).toMatchObject({ passed: true, leaks: [] });
  });

  test('tells a call of onBar that a leak wakes, though nothing is sent', async () => {
    const text = strategyText(`    const made = indicators.batch('made', bars.close, (source, target) => target.set(source.subarray(1)));
    wake.onCross(bars.close, made);
    return { onBar() {} };`);
    const report = await reportOf(text, { sampleCount: 40 });
    expect(report.leaks.map((leak) => leak.kind)).toEqual(['column', 'decision']);
    expect(report.orderCount).toBe(0);
  });

  test('plays on where a series has no bar yet', async () => {
    const whole = minutes(600);
    const late = minutes(120);
    const shifted = ['openTimeMs', 'closeTimeMs'].map((name) => [name, late.columns[name as 'openTimeMs'].map((ms) => ms + 480 * 60_000)]);
    const tapes = [
      whole,
      { ...late, key: { ...late.key, symbol: 'ETH/USDT' }, columns: { ...late.columns, ...Object.fromEntries(shifted) } },
    ];
    const instruments = [instrumentOf(), instrumentOf({ symbol: 'ETH/USDT' })];
    const text = strategyText(`    // A kernel may count on one bar.
    void indicators.batch('since', series[1].close, (source, target) => {
      const start = Number((source[0] as number).toFixed(2));
      for (let i = 0; i < source.length; i++) target[i] = source[i] / start;
    });
${crossing('bars.open')}`);
    const report = await reportOf(text, { tapes, instruments });
    expect(report).toMatchObject({ passed: true, sampledBarCount: 12 });
    expect(report.sampledMs[0]).toBeLessThan(480 * 60_000);
  });

  test('samples bars at which orders were sent, half as many as all', async () => {
    const text = strategyText(`    const { close } = bars;
    let calls = 0;
    return { onBar({ order }) { if (++calls % 60 === 0 && close.at(0) > 0) order.market({ side: 1, sizeBase: 0.001 }); } };`);
    // Ten orders, the last at the last bar, which has no future.
    const { sampledMs, orderCount } = await reportOf(text, { sampleCount: 12 });
    expect(orderCount).toBe(10);
    expect(sampledMs.filter((ms) => ms % 3_600_000 === 0).length).toBeGreaterThanOrEqual(6);
  });

  test('samples as many bars as it is asked for, and every one with a future where it is asked for more', async () => {
    const input = await checkInput(strategyText(crossing('bars.open')), { tapes: [minutes(60)] });
    for (const sampleCount of [1, 7, 30, 58, 59, 1_000]) {
      const { sampledMs } = checkLookahead({ ...input, sampleCount });
      expect([sampledMs.length, new Set(sampledMs).size]).toEqual([Math.min(sampleCount, 59), Math.min(sampleCount, 59)]);
    }
  });

  test('samples the same bars for the same seed and others for another', async () => {
    const text = strategyText(crossing('bars.open'));
    const sampled = async (seed: number) => (await reportOf(text, { seed })).sampledMs;
    expect(await sampled(5)).toEqual(await sampled(5));
    expect(await sampled(6)).not.toEqual(await sampled(5));
  });
});

const parameters: Readonly<Record<string, Record<string, number | boolean>>> = {
  'moving-average-cross': { fast: 5, slow: 20 },
  'donchian-breakout': {},
  'buy-and-hold': {},
  ichimoku: {},
  rotation: { lookback: 30, everyDays: 1, holdCount: 1, risingOnly: false },
};

describe('shipped strategies know nothing of the future', () => {
  for (const [name, given] of Object.entries(parameters)) {
    test(name, async () => {
      const file = locateShipped(name);
      const bundle = await bundleStrategy(file.path, { root: file.root });
      const report = checkLookahead(
        inputOf(bundle, { parameters: given, tapes: [minutes(3_000)], sampleCount: 20, settings: settingsOf({ replay: 'dense' }) }),
      );
      expect(report.leaks).toEqual([]);
      expect(report.sampledBarCount).toBe(20);
      expect(report.orderCount).toBeGreaterThan(0);
    });
  }
});
