import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Instrument } from '../engine/model/instrument.ts';
import { playheadSemantics, semanticsProfiles } from '../engine/settings.ts';
import { canonicalJson } from './canonical-json.ts';
import { readScenario } from './read.ts';
import { type ResolvedScenario, resolveScenario, type SeriesFacts, scenarioHash, settingsOf, windowOf } from './resolve.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'playhead-resolve-'));
  writeFileSync(
    join(folder, 's.yaml'),
    'name: s\ndata: { series: [{ venue: v, symbol: A/B, timeframe: 1d }] }\nstrategy: { use: buy-and-hold }\nexpect: { trades: { min: 1 } }\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const day = 86_400_000;
const key = { venue: 'v', symbol: 'A/B', timeframe: '1d' } as const;
const facts = [{ key, firstOpenMs: 0, lastCloseMs: 100 * day }];
const instrument: Instrument = {
  venue: 'v',
  symbol: 'A/B',
  baseCurrency: 'A',
  quoteCurrency: 'B',
  tickSize: 0.01,
  lotSize: 1,
  minimumNotionalQuote: 0,
  baseDecimals: 8,
  quoteDecimals: 2,
  multiplier: 1,
  feeRateMaker: 0,
  feeRateTaker: 0.001,
  validFromMs: -1,
  validToMs: 1e15,
};

function resolved(
  sets: readonly string[] = [],
  over: { instrument?: Partial<Instrument>; facts?: readonly SeriesFacts[]; lastCloseMs?: number; periodsPerYear?: number } = {},
): ResolvedScenario {
  const { scenario } = readScenario(join(folder, 's.yaml'), sets);
  const known = (over.facts ?? facts).map((one) => ({ ...one, lastCloseMs: over.lastCloseMs ?? one.lastCloseMs }));
  return resolveScenario({
    scenario,
    facts: known,
    window: windowOf(scenario, known),
    instruments: [{ ...instrument, ...over.instrument }],
    conversions: [],
    periodsPerYear: over.periodsPerYear ?? 365,
  });
}

const hashOf = (sets: readonly string[] = [], over = {}): string => scenarioHash(resolved(sets, over), { equityFraction: 1 });

describe('the hash', () => {
  test('leaves out what cannot touch a result', () => {
    const same = [
      'name=other',
      'description=words',
      'output={ report: x.html }',
      'expect={}',
      'expect.trades.min=7',
      'replay=unfiltered',
      'strategy.use=ichimoku',
    ];
    for (const set of same) expect([set, hashOf([set])]).toEqual([set, hashOf()]);
    expect(hashOf([], { instrument: { validFromMs: -5, validToMs: 9e14 } })).toBe(hashOf());
  });
  test('covers what can', () => {
    const sets = [
      'seed=2',
      'costs.slippage=0.1',
      'costs.feeRateMaker=0',
      'account.initialCapital=5',
      'risk.riskPerTrade=0.5',
      'risk.positionMax=1',
      'risk.cooldown.bars=3',
      'risk.sizing={ by: fraction, fraction: 0.5 }',
      'fills.limit=touch',
      'fills.ambiguous=optimistic',
      'endOfRun=closeAtLastClose',
      'semantics=backtesting.py',
      'metrics.periodsPerYear=7',
      'metrics.riskFree=0.1',
      'data.from=1970-01-05',
      'data.to=1970-02-05',
      'data.quality.gap=fill-flat',
    ];
    const hashes = sets.map((set) => hashOf([set]));
    expect(new Set([hashOf(), ...hashes]).size).toBe(sets.length + 1);
    expect(hashOf([], { instrument: { tickSize: 0.1 } })).not.toBe(hashOf());
    const change = { fromMs: day, tickSize: 0.1, lotSize: 1, minimumNotionalQuote: 0, feeRateMaker: 0, feeRateTaker: 0.001 };
    const dated = [
      { changes: [change] },
      { changes: [{ ...change, fromMs: 2 * day }] },
      { changes: [{ ...change, maximumQuantityBase: 5 }] },
      { changes: [{ ...change, feeRateTaker: 0.002 }] },
      { maximumQuantityBase: 5 },
    ];
    expect(new Set([hashOf(), ...dated.map((one) => hashOf([], { instrument: one }))]).size).toBe(dated.length + 1);
    expect(scenarioHash(resolved(), { equityFraction: 0.5 })).not.toBe(hashOf());
  });
  test('a default written out changes nothing', () => {
    expect(hashOf(['costs={ slippage: 0, feeFixed: 0 }', 'account.kind=spot', 'metrics.periodsPerYear=365', 'fills.limit=penetrate'])).toBe(
      hashOf(),
    );
  });
});

describe('the window', () => {
  test('runs from the first bar to the last by default and is pinned', () => {
    expect(resolved().window).toEqual({ fromMs: 0, toMs: 100 * day });
    expect(resolved().series).toEqual([{ ...key, columnsFromMs: 0 }]);
  });
  test('an end after the last bar is pinned to the last bar, so that bars imported later change nothing', () => {
    expect(resolved(['data.to=2030-01-01']).window.toMs).toBe(100 * day);
    expect(resolved(['data.to=1970-01-11'], { lastCloseMs: 500 * day }).window.toMs).toBe(10 * day);
  });
  test('one without bars is refused with what there is', () => {
    expect(() => resolved(['data.from=1971-01-01'])).toThrow(
      'v A/B 1d has no bars from 1971-01-01 to the last bar; the catalogue has 1970-01-01T00:00:00.000Z to 1970-04-11T00:00:00.000Z',
    );
  });
});

describe('settings', () => {
  test('a year holds as many returns as the bars say, unless stated', () => {
    const year = (sets: readonly string[], periodsPerYear: number): number => resolved(sets, { periodsPerYear }).metrics.periodsPerYear;
    expect([year([], 365), year([], 252), year(['metrics.periodsPerYear=12'], 365)]).toEqual([365, 252, 12]);
  });
  test('semantics come from the profile, with what the scenario states on top', () => {
    expect(settingsOf(resolved()).semantics).toEqual(playheadSemantics);
    for (const [name, profile] of Object.entries(semanticsProfiles)) {
      expect(settingsOf(resolved([`semantics=${name}`])).semantics).toEqual(profile);
    }
    expect(settingsOf(resolved(['fills.limit=touch', 'endOfRun=closeAtLastClose'])).semantics).toEqual({
      ...playheadSemantics,
      limitFill: 'touch',
      endOfRun: 'closeAtLastClose',
    });
  });
  test('no position cap is Infinity to the engine and null in the copy', () => {
    expect([settingsOf(resolved()).risk.positionFractionMax, resolved().risk.positionMax]).toEqual([Number.POSITIVE_INFINITY, null]);
  });
  test('a volatility target on bars within the sessions of a market says how many a year there are', () => {
    const target = ['risk.sizing={ by: volatilityTarget, volatility: 0.2, bars: 20 }'];
    const hours = [...target, 'data.series.0.timeframe=1h'];
    const hourly = { facts: [{ ...facts[0], key: { ...key, timeframe: '1h' } as const }] };
    expect(() => resolved(hours, { ...hourly, periodsPerYear: 252 })).toThrow(
      'risk.sizing.barsPerYear is missing: v A/B 1h keeps sessions',
    );
    expect(() => resolved([...hours, 'risk.sizing.barsPerYear=1638'], { ...hourly, periodsPerYear: 252 })).not.toThrow();
    expect(() => resolved(hours, { ...hourly, periodsPerYear: 365 })).not.toThrow();
    expect(() => resolved(target, { periodsPerYear: 252 })).not.toThrow();
  });
  test('the copy is frozen and survives JSON', () => {
    const copy = resolved();
    expect([Object.isFrozen(copy), Object.isFrozen(copy.costs), Object.isFrozen(copy.series[0])]).toEqual([true, true, true]);
    expect(scenarioHash(JSON.parse(JSON.stringify(copy)), { equityFraction: 1 })).toBe(hashOf());
  });
});

test('canonical JSON sorts keys, drops undefined, has one zero and refuses NaN', () => {
  expect(canonicalJson({ b: [1, -0, 'é"'], a: undefined, A: null })).toBe('{"A":null,"b":[1,0,"é\\""]}');
  expect(() => canonicalJson({ a: Number.NaN })).toThrow(/finite numbers, found NaN/);
});
