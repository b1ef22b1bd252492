import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../data/catalogue.ts';
import { importBars } from '../data/import-bars.ts';
import { importSynthetic } from '../data/import-columns.ts';
import { resampleSeries } from '../data/resample-series.ts';
import { loadRun } from '../data/stores/run-store.ts';
import type { Interval } from '../engine/interval/interval.ts';
import { hasOracles, oraclesPath } from '../engine/testing/tapes.ts';
import { cli, createDesk, type Desk } from './desk.test.helper.ts';
import { interval } from './playhead.ts';
import { type RunDetails, type RunScenarioOptions, runScenario } from './run-scenario.ts';
import { verifyRun } from './verify.ts';

const hours = '{ venue: synthetic, symbol: SYN/USD, timeframe: 1h }';
let folder: string;
let home: string;
let desk: Desk;

/** A bracket of a width, so tight that hours hold both its stop and its target. */
const bracket = (fraction: number, extra = ''): string => `import { defineStrategy } from 'playhead';
export default defineStrategy({
  name: 'bracket',
  parameters: {},
  setup({ bars, wake }) {
    wake.onBarOf(bars);
    return {
      onBar({ order, position }) {
        if (position.isFlat && position.pendingOrderCount === 0)
          order.market({ side: 1, equityFraction: 0.5, stopLoss: { fraction: ${fraction} }, takeProfit: { fraction: ${fraction} } });
      },
      ${extra}
    };
  },
});
`;

beforeAll(async () => {
  desk = createDesk();
  folder = mkdtempSync(join(tmpdir(), 'playhead-interval-'));
  home = join(folder, '.playhead');
  const catalogue = openCatalogue(home);
  const startMs = Date.UTC(2024, 0, 1);
  await importSynthetic(catalogue, { seed: 7, symbol: 'SYN/USD', bars: 12_000, startMs, startPrice: 1_000, tick: 0.01 });
  await resampleSeries(catalogue, { symbol: 'SYN/USD', from: '1m', to: '1h' });
  await resampleSeries(catalogue, { symbol: 'SYN/USD', from: '1m', to: '15m' });
});
afterAll(() => {
  desk.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes a scenario and its strategy; extra: further lines of YAML. */
function scenario(name: string, strategy: string, { series = hours, extra = '' } = {}): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(join(folder, `${name}.ts`), strategy);
  writeFileSync(
    path,
    `name: ${name}\ndata: { series: [${series}] }\nstrategy: { file: ./${name}.ts }\naccount: { kind: frictionless }\n${extra}`,
  );
  return path;
}

const outcomes = ({ policies }: Interval) => policies.map(({ policy, trialHash }) => [policy, trialHash]);

describe('run --interval', () => {
  test('plays each policy as a run of its own would, refined by the shortest bars there are', async () => {
    const path = scenario('own', bracket(0.002));
    const { interval: played, result } = await interval(path, { home });
    const trialHash = async (fills: string): Promise<string> =>
      (await runScenario(path, { home, store: false, set: [`fills=${fills}`] })).result.certificate.trialHash;
    expect(outcomes(played).slice(0, 4)).toEqual([
      ['pessimistic', result.certificate.trialHash],
      ['optimistic', await trialHash('{ ambiguous: optimistic }')],
      ['path', await trialHash('{ ambiguous: path }')],
      ['refine', await trialHash('{ ambiguous: refine, refineWith: 1m }')],
    ]);
    expect(played.policies[0].ambiguousBarCount).toBeGreaterThan(12);
    expect(played.branches).toBeNull();
    const { refinement } = played;
    expect(refinement?.with).toBe('1m');
    expect(refinement?.ambiguousBarCount).toBeLessThan(played.policies[0].ambiguousBarCount / 4);
  });

  test('is the same from whichever policy the scenario starts, which may say with what to refine', async () => {
    const plain = (await interval(scenario('own', bracket(0.002)), { home, store: false })).interval;
    const path = scenario('own', bracket(0.002));
    const set = ['fills={ ambiguous: refine, refineWith: 15m }'];
    const { interval: coarse, result } = await interval(path, { home, store: false, set });
    expect(coarse.refinement?.with).toBe('15m');
    expect(outcomes(coarse).slice(0, 3)).toEqual(outcomes(plain).slice(0, 3));
    expect(coarse.policies[3].trialHash).toBe(result.certificate.trialHash);
    // Longer bars leave more in doubt.
    expect(coarse.policies[3].ambiguousBarCount).toBeGreaterThan(plain.policies[3].ambiguousBarCount);
  });

  test('refines nothing where the scenario plays the shortest bars', async () => {
    const path = scenario('minutes', bracket(0.0005), { series: hours.replace('1h', '1m'), extra: '' });
    const { interval: played } = await interval(path, { home, store: false });
    expect([played.refinement, played.policies.length]).toEqual([null, 3]);
  });

  test('is kept with the run, which verify finds again', async () => {
    const { id, interval: played } = await interval(scenario('own', bracket(0.002)), { home });
    expect(loadRun<RunDetails>(home, id).details.interval).toEqual(played);
    expect((await verifyRun(home, id, { timeLimitMs: 60_000 })).findings).toEqual([]);
  });

  test('bars that are ambiguous are branched over where they are few', async () => {
    const path = scenario('few', bracket(0.002), { extra: '' });
    const few: RunScenarioOptions = { home, store: false, set: ['data.to=2024-01-02T12:00'] };
    const { interval: played } = await interval(path, few);
    const { ambiguousBarCount } = played.policies[0];
    expect(ambiguousBarCount).toBeGreaterThan(1);
    expect(ambiguousBarCount).toBeLessThanOrEqual(12);
    const { branches } = played;
    expect(branches?.isWhole).toBe(true);
    expect(branches?.leafCount).toBeGreaterThanOrEqual(2 ** Math.min(4, ambiguousBarCount));
    const { lowest, highest } = branches?.ranges.equityQuoteFinal ?? {};
    for (const { figures } of played.policies.slice(0, 2)) {
      expect(figures.equityQuoteFinal).toBeGreaterThanOrEqual(lowest as number);
      expect(figures.equityQuoteFinal).toBeLessThanOrEqual(highest as number);
    }
  });

  test('one play that does not end is ended at the limit, and which one is said', async () => {
    const path = await ifWonMore('loops', 'for (;;);');
    await expect(interval(path, { home, timeLimitMs: 1_000 })).rejects.toMatchObject({
      code: 'STRATEGY_TIMEOUT',
      message: expect.stringMatching(/was ended after 1 s, .* in play 2 of the interval; /),
    });
  });

  test('the limit is that of each play: all of them together may take longer', async () => {
    // Three tenths of a second of this machine's at the first bar of each play: five policies and sixteen branches.
    const spin = (count: number): number => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += i % 7;
      return sum;
    };
    const tryMs = performance.now();
    spin(5e7);
    const count = Math.round((5e7 * 300) / (performance.now() - tryMs));
    const first = `let isFirst = true;\n    const spin = ${spin};\n    return {`;
    const act = `onBar({ order, position }) { if (isFirst) spin(${count}); isFirst = false;`;
    const path = scenario('slow', bracket(0.002).replace('return {', first).replace('onBar({ order, position }) {', act));
    const options = { home, store: false, timeLimitMs: 3_000, set: ['data.to=2024-01-01T12:00'] };
    const startedMs = performance.now();
    const { interval: played } = await interval(path, options);
    expect(played.branches?.leafCount).toBe(16);
    expect(performance.now() - startedMs).toBeGreaterThan(options.timeLimitMs);
  }, 120_000);

  test('an error under one policy alone names it and the line', async () => {
    const path = await ifWonMore('throws', "throw new Error('no luck');");
    await expect(interval(path, { home, store: false })).rejects.toMatchObject({
      code: 'STRATEGY_THREW',
      message: expect.stringMatching(/^throws\.ts:\d+:\d+: Error: no luck.* under optimistic/),
    });
  });
});

/** A scenario whose strategy does something once it has won more often than under the pessimistic policy. */
async function ifWonMore(name: string, act: string): Promise<string> {
  const { result } = await runScenario(scenario(name, bracket(0.002)), { home, store: false });
  const wonCount = result.trades.filter(({ exitRole }) => exitRole === 'takeProfit').length;
  const onFill = `onFill({ role }) { if (role === 'takeProfit' && ++won > ${wonCount}) ${act} },`;
  return scenario(name, bracket(0.002, onFill).replace('return {', 'let won = 0;\n    return {'));
}

describe('what it prints', () => {
  const played = (args: readonly string[]) => desk.playhead([...args, '--home', home], { cwd: folder });

  test('the table, the envelope with what it is not, two lines of summary; and report, runs show and export have it', () => {
    const { code, out } = played(['run', scenario('printed', bracket(0.002)), '--interval', '--report', join(folder, 'report.html')]);
    expect(code).toBe(0);
    for (const row of ['pessimistic (this run)', 'optimistic', 'path', 'refine', 'lowest of these', 'highest of these'])
      expect(out).toMatch(new RegExp(`^${row.replace(/[()]/g, '\\$&')} +`, 'm'));
    expect(out).toContain('The envelope is the range of the policies named above, not a bound');
    expect(out).toMatch(/^Branching was left out: \d+ bars are ambiguous, and at most 12 are branched over\.$/m);
    expect(out).toMatch(
      /^Refined with bars of 1m, \d+ of \d+ ambiguous bars remains?; .* ranges over .* before and .* after, .*% less\.$/m,
    );
    const lines = /^Interval {5}(.*)$/m;
    const [, line] = lines.exec(out) ?? [];
    expect(line).toMatch(/^equity at the end [\d,.]+ to [\d,.]+, return/);
    expect(lines.exec(played(['report', 'last']).out)?.[1]).toBe(line);
    expect(played(['runs', 'show', 'last']).out).toMatch(/^interval +equity at the end .*\n +refined with 1m/m);
    expect(played(['runs', 'show', 'last']).out).toMatch(/^ambiguous +\d+ bars$/m);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/<section id="interval">.*<figure id="interval-chart"><svg/s);
    expect(played(['runs', 'export', 'last', '-o', join(folder, 'out')]).code).toBe(0);
    expect(readFileSync(join(folder, 'out', 'interval.csv'), 'utf8')).toMatch(/^policy,.*ambiguousBarCount,.*\npessimistic,/);
    expect(readFileSync(join(folder, 'out', 'metrics.csv'), 'utf8')).toContain('ambiguousBarCount');
  });

  test('all of it with --json, null where it was not asked for', () => {
    const path = scenario('printed', bracket(0.002));
    const json = (...args: string[]) => JSON.parse(played(['run', path, '--json', '-q', '--no-report', ...args]).out).interval;
    expect(json()).toBeNull();
    const document = json('--interval') as Interval;
    expect(document.policies.length).toBeGreaterThanOrEqual(4);
    expect(document.envelope.sharpeRatio.lowest).toBeLessThan(document.envelope.sharpeRatio.highest as number);
  });

  test('SIGINT ends it with 130 and stores nothing', async () => {
    const path = await ifWonMore('waits', 'for (;;);');
    const stored = (): string => played(['runs', 'list', '--json']).out;
    const before = stored();
    const child = spawn(process.execPath, [cli, 'run', path, '--interval', '--home', home], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // The first line of progress: plays, not bars.
    const line = await new Promise((resolve) => child.stderr.once('data', (text) => resolve(String(text))));
    expect(line).toMatch(/^\d of 4 plays(, [\d.]+ plays\/s)?(, .* left)?$/m);
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(130);
    expect(stored()).toBe(before);
  });
});

describe.skipIf(!hasOracles)(`real minutes: Bitcoin, January 2022${hasOracles ? '' : ' (skipped: ../shared/oracles is absent)'}`, () => {
  const btc = 'venue: binance, symbol: BTC/USDT';
  beforeAll(async () => {
    const path = join(oraclesPath, 'nautilus', 'btc-perp-20211231-20220201_1m.csv');
    await importBars(openCatalogue(home), { path, key: { venue: 'binance', symbol: 'BTC/USDT', timeframe: '1m' }, stamp: 'close' });
  });
  const hour = `{ ${btc}, timeframe: 1h, from: 1m }`;

  test('brackets matched on the hour: a wide envelope, which minutes narrow to what matching on the minute gives', async () => {
    const path = scenario('btc-hours', bracket(0.004), { series: hour });
    const { interval: played } = await interval(path, { home, store: false });
    const [pessimistic, optimistic] = played.policies;
    expect(pessimistic.ambiguousBarCount).toBeGreaterThan(50);
    const { before, after, ambiguousBarCount, notRefinedBarCount } = played.refinement ?? {};
    const width = (ranges = before) => (ranges?.equityQuoteFinal.highest ?? 0) - (ranges?.equityQuoteFinal.lowest ?? 0);
    expect(width()).toBe((optimistic.figures.equityQuoteFinal ?? 0) - (pessimistic.figures.equityQuoteFinal ?? 0));
    expect(width(after)).toBeLessThan(width() / 20);
    expect(ambiguousBarCount).toBeLessThan(pessimistic.ambiguousBarCount / 20);
    expect(notRefinedBarCount).toBe(0);
    // Matched on the minute throughout the same brackets come out in the same way: the refined range holds their result, but for gaps.
    const matched = scenario('btc-minutes', bracket(0.004), { series: `${hour}, { ${btc}, timeframe: 1m }` });
    const { interval: minutes } = await interval(matched, { home, store: false });
    expect(minutes.policies[0].ambiguousBarCount).toBeLessThanOrEqual(12);
    expect(minutes.branches?.isWhole).toBe(true);
    const finals = [after?.equityQuoteFinal.lowest ?? 0, after?.equityQuoteFinal.highest ?? 0];
    const [low, high] = [minutes.envelope.equityQuoteFinal.lowest ?? 0, minutes.envelope.equityQuoteFinal.highest ?? 0];
    expect(Math.abs(finals[0] - low)).toBeLessThan(width() / 50);
    expect(Math.abs(finals[1] - high)).toBeLessThan(width() / 50);
  });
});
