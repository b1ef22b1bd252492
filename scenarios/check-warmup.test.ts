/** Owns the proof that the warm-up and wake checks find what depends on the start of the tape or on who calls, and nothing else. */
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { checkWake, checkWarmup, type WarmupColumn } from '../engine/causality/index.ts';
import { settingsOf } from '../engine/testing/settings.ts';
import { bundleStrategy } from '../strategies/loader.ts';
import { locateShipped } from '../strategies/locate.ts';
import { checkInput, crossing, inputOf, lineOf, minutes, scratch, strategyText } from './check.test.helper.ts';

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const settling = ({ leadingCount, closeBars, exactBars }: WarmupColumn) => [leadingCount, closeBars, exactBars];

describe('check warmup', () => {
  test('gives, column by column, the bar from which values are those of the whole tape', async () => {
    const text = strategyText(`    const mean = indicators.sma(bars.close, 20);
    const high = indicators.donchian(bars, 9).upper;
    const smooth = indicators.ema(bars.close, 10);
    void high;
    void smooth;
${crossing('mean')}`);
    const report = checkWarmup(await checkInput(text, { tapes: [minutes(2_000)] }));
    const of = (part: string) => settling(report.columns.find((column) => column.what.includes(part)) as WarmupColumn);
    // A mean of n bars on the price grid needs n: the first n − 1 are undefined where the tape starts later.
    expect(of('sma(')).toEqual([19, 19, 19]);
    expect(of('.upper')).toEqual([8, 8, 8]);
    // An average that forgets by 9/11 a bar comes within 1e-9 after ln(1e9)/ln(11/9) = 103 bars, give or take the step it starts with.
    const [leading, close, exact] = of('ema(');
    expect(leading).toBe(9);
    expect(close).toBeGreaterThan(70);
    expect(close).toBeLessThan(115);
    expect(exact).toBeGreaterThan(close as number);
    expect(report).toMatchObject({ passed: true, startCount: 12, orderBars: 20 });
  });

  test('orders need the bars that handlers look back on, declared or not', async () => {
    const text = strategyText(`    const { close } = bars;
    return { onBar({ order, position }) {
      if (close.at(0) > close.at(50) && position.isFlat) order.market({ side: 1, sizeBase: 1 });
      else if (close.at(0) < close.at(50)) order.close();
    } };`);
    const report = checkWarmup(await checkInput(text, { tapes: [minutes(2_000)] }));
    expect(report.columns).toEqual([]);
    expect(report.orderCount).toBeGreaterThan(10);
    expect(report.orderBars).toBeGreaterThan(40);
    expect(report.orderBars).toBeLessThanOrEqual(50);
  });

  test('fails a column that counts from the first bar, and the orders made of it', async () => {
    const text =
      strategyText(`    const total = indicators.stream('total', bars.volume, () => { let sum = 0; return (value) => (sum += value); }); // never
    return { onBar({ order, position }) {
      if (total.at(0) % 50 === 0 && position.isFlat) order.market({ side: 1, sizeBase: 1 });
      else if (total.at(0) % 50 < 25) order.close();
    } };`);
    const report = checkWarmup(await checkInput(text, { tapes: [minutes(1_000)] }));
    expect(report.passed).toBe(false);
    expect(report.orderBars).toBe(null);
    expect(report.columns).toMatchObject([
      { closeBars: null, exactBars: null, declared: { file: 'made.ts', line: lineOf(text, '// never') } },
    ]);
  });

  test('starts early enough for a long mean to come to a value again, and refuses a tape on which it cannot', async () => {
    const text = strategyText(`    const mean = indicators.sma(bars.close, 200);
${crossing('mean')}`);
    const report = checkWarmup(await checkInput(text, { tapes: [minutes(300)] }));
    expect(report.columns.map(settling)).toEqual([[199, 199, 199]]);
    expect(report.passed).toBe(true);
    const short = await checkInput(text, { tapes: [minutes(200)] });
    expect(() => checkWarmup(short)).toThrow('has its first value after 199 of 200 bars');
  });

  test('refuses a tape too short to start later', async () => {
    const input = await checkInput(strategyText(crossing('bars.open')), { tapes: [minutes(2)] });
    expect(() => checkWarmup(input)).toThrow('needs three');
  });
});

describe('check wake', () => {
  const waking = (condition: string): string => `    const mean = indicators.sma(bars.close, 10);
${condition}
${crossing('mean')}`;

  test('passes conditions that hold wherever the strategy acts', async () => {
    const report = checkWake(await checkInput(strategyText(waking('    wake.onCross(bars.close, mean);'))));
    expect(report).toMatchObject({ passed: true, change: null });
    expect(report.unfilteredCallCount).toBe(591);
    expect(report.denseCallCount).toBeLessThan(200);
    expect(report.orderCount).toBeGreaterThan(20);
  });

  test('fails conditions that sleep through a signal, with the first order that differs', async () => {
    const report = checkWake(await checkInput(strategyText(waking('    wake.onSchedule({ everyMs: 600_000 });'))));
    expect(report.passed).toBe(false);
    expect(report.change).toMatchObject({ kind: 'order' });
    expect(report.change?.text).toMatch(/^order 0: submittedMs changes from 1970-01-\d\dT[\d:.]+Z to 1970-01-\d\dT[\d:.]+Z$/);
  });

  test('plays handlers that are a class and keep what they know in it', async () => {
    const inClass = strategyText(
      '    void bars.close;\n    return new Every() as StrategyHandlers;',
      `import type { StrategyContext, StrategyHandlers } from 'playhead';
class Every {
  #bars = 0;
  onBar({ order, position }: StrategyContext) {
    if (++this.#bars === 20 && position.isFlat) order.market({ side: 1, sizeBase: 1 });
    else if (this.#bars === 5) order.close();
  }
  onFill() {
    this.#bars = 0;
  }
}`,
    );
    // 20 bars after a sale it buys, 5 after that it sells; each fill comes one bar after its order.
    expect((await checkWake(await checkInput(inClass))).orderCount).toBeGreaterThan(40);
  });

  test('calls at every bar where no condition is declared', async () => {
    const report = checkWake(await checkInput(strategyText(waking(''))));
    expect([report.passed, report.denseCallCount]).toEqual([true, report.unfilteredCallCount]);
  });
});

const parameters: Readonly<Record<string, Record<string, number | boolean>>> = {
  'moving-average-cross': { fast: 5, slow: 20 },
  'donchian-breakout': {},
  'buy-and-hold': {},
  ichimoku: {},
  rotation: { lookback: 30, everyDays: 1, holdCount: 1, risingOnly: false },
};

describe('shipped strategies forget where the tape starts and sleep through nothing', () => {
  for (const [name, given] of Object.entries(parameters)) {
    test(name, async () => {
      const file = locateShipped(name);
      const bundle = await bundleStrategy(file.path, { root: file.root });
      const input = inputOf(bundle, { parameters: given, tapes: [minutes(6_000)], settings: settingsOf({ replay: 'dense' }) });
      const wake = checkWake(input);
      expect(wake.change).toBe(null);
      expect(wake.orderCount).toBeGreaterThan(0);
      const warmup = checkWarmup(input);
      expect(warmup.columns.filter((column) => column.closeBars === null)).toEqual([]);
      expect(warmup.orderBars).not.toBe(null);
    });
  }
});
