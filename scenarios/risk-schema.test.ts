import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resolvedRisk, riskConflicts, riskSchema, riskSettingsOf, type ScenarioRisk } from './risk-schema.ts';

const parsed = (block: object): ScenarioRisk => riskSchema.parse(block);
const faults = (block: object): string[] =>
  (riskSchema.safeParse(block).error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
const settings = (block: object) => riskSettingsOf(resolvedRisk(parsed(block)));

describe('a risk block', () => {
  test('that asks for nothing new is resolved to what it always was, nulls among it', () => {
    const plain = { riskPerTrade: 0.01, positionMax: null, drawdownHalt: 1, sizeBuffer: 0.01 };
    expect(resolvedRisk(parsed({}))).toEqual(plain);
    expect(resolvedRisk(parsed({ sizing: null, cooldown: null, exposureGrossMax: null, drawdown: null }))).toEqual(plain);
    expect(Object.keys(settings({}))).toEqual(['riskPerTrade', 'positionFractionMax', 'drawdownHaltFraction', 'sizeBufferFraction']);
  });

  test('with a default written out is resolved as without it', () => {
    const short = { sizing: { by: 'kelly', max: 0.3, before: 0.01 } };
    const long = { sizing: { by: 'kelly', max: 0.3, before: 0.01, factor: 0.5, trades: 30 } };
    expect(resolvedRisk(parsed(short))).toEqual(resolvedRisk(parsed(long)));
    const volatility = { by: 'volatilityTarget', volatility: 0.2, bars: 20 };
    expect(resolvedRisk(parsed({ sizing: volatility }))).toEqual(resolvedRisk(parsed({ sizing: { ...volatility, leverageMax: 1 } })));
  });

  test.each([
    [
      { by: 'fixed', base: 2 },
      { by: 'fixedBase', sizeBase: 2 },
    ],
    [
      { by: 'fixed', quote: 500 },
      { by: 'fixedQuote', sizeQuote: 500 },
    ],
    [
      { by: 'fraction', fraction: 0.25 },
      { by: 'fraction', equityFraction: 0.25 },
    ],
    [{ by: 'riskPerTrade' }, { by: 'riskPerTrade', riskFraction: 0.01 }],
    [
      { by: 'volatilityTarget', volatility: 0.2, bars: 20 },
      { by: 'volatilityTarget', volatilityAnnual: 0.2, lookbackBars: 20, leverageMax: 1, barsPerYear: null },
    ],
    [
      { by: 'kelly', max: 0.3, before: 0.01 },
      { by: 'kelly', factor: 0.5, equityFractionMax: 0.3, tradeCountMin: 30, equityFractionBefore: 0.01 },
    ],
  ])('sizing %j is %j to the engine', (sizing, expected) => {
    expect(settings({ sizing }).sizing).toEqual(expected);
  });

  test('caps and protections reach the engine, and what is not asked for is none of it', () => {
    const { caps, protections } = settings({
      exposureGrossMax: 1.5,
      openPositionsMax: 4,
      correlation: { days: 60, above: 0.7, exposureMax: 0.5 },
      valueAtRisk: { max: 0.03, days: 250 },
      ...parse('drawdown: { max: 0.2, then: reduce, forMs: 5000 }'),
      dailyLoss: { max: 0.03 },
      cooldown: { bars: 3 },
      stopLossGuard: { stops: 3, withinMs: 1000, forMs: 500 },
      orderRate: { perHour: 60 },
    });
    expect(caps).toEqual({
      grossFractionMax: 1.5,
      netFractionMax: Number.POSITIVE_INFINITY,
      positionCountMax: 4,
      correlation: { days: 60, above: 0.7, exposureFractionMax: 0.5 },
      valueAtRisk: { lossFractionMax: 0.03, days: 250, confidence: 0.95, horizonDays: 1, method: 'historical' },
    });
    expect(protections).toEqual({
      drawdown: { state: 'REDUCING', forMs: 5000 },
      dailyLoss: { fractionMax: 0.03, state: 'REDUCING' },
      cooldown: { bars: 3 },
      stopLossGuard: { stopCount: 3, withinMs: 1000, forMs: 500, scope: 'account' },
      lossStreak: null,
      orderRate: { perMinute: Number.POSITIVE_INFINITY, perHour: 60 },
    });
    expect(settings({ drawdown: { max: 0.2 } })).toMatchObject({
      drawdownHaltFraction: 0.2,
      protections: { drawdown: { state: 'HALTED', forMs: Number.POSITIVE_INFINITY } },
    });
  });

  test.each<[object, string]>([
    [{ sizing: { by: 'fixed' } }, 'sizing.by: expected either base or quote beside it'],
    [{ sizing: { by: 'fixed', base: 1, quote: 1 } }, 'sizing.by: expected either base or quote beside it'],
    [
      { sizing: { by: 'fraction' } },
      'sizing.fraction: expected a value beside by: fraction, such as fraction: 0.1, the notional as a fraction of equity',
    ],
    [{ sizing: { by: 'riskPerTrade', fraction: 0.1 } }, 'sizing.fraction: expected nothing else beside by: riskPerTrade'],
    [{ sizing: { by: 'fraction', fraction: 0.1, bars: 5 } }, 'sizing.bars: expected fraction beside by: fraction'],
    [
      { sizing: { by: 'kelly', max: 1 } },
      'sizing.before: expected a value beside by: kelly, such as before: 0.02, the fraction of equity until there are enough trades',
    ],
    [
      { sizing: { by: 'kelly', before: 0.02 } },
      'sizing.max: expected a value beside by: kelly, such as max: 0.5, the largest notional as a fraction of equity',
    ],
    [{ cooldown: {} }, 'cooldown: expected either bars or forMs'],
    [{ cooldown: { bars: 1, forMs: 1 } }, 'cooldown: expected either bars or forMs'],
    [{ orderRate: {} }, 'orderRate: expected perMinute, perHour or both'],
    [{ drawdown: { max: 0.1 }, drawdownHalt: 0.2 }, 'drawdown: expected either drawdown or drawdownHalt'],
    [
      { exposureGrossMax: 1, exposureNetMax: 1.1 },
      'exposureNetMax: expected at most exposureGrossMax (1): net exposure is never more than gross',
    ],
    [
      { valueAtRisk: { max: 0.1, days: 50, confidence: 0.99 } },
      'valueAtRisk.days: expected days × (1 − confidence) to be at least 1: fewer days hold no such loss; state more days or another method',
    ],
  ])('%j is refused', (block, message) => {
    expect(faults(block)).toContain(message);
  });

  test('days just enough for the confidence pass, and fewer by a formula', () => {
    expect(faults({ valueAtRisk: { max: 0.1, days: 20, confidence: 0.95 } })).toEqual([]);
    expect(faults({ valueAtRisk: { max: 0.1, days: 10, confidence: 0.95, method: 'gaussian' } })).toEqual([]);
  });
});

describe('beside the rest of the scenario', () => {
  const spot = { semantics: 'playhead', account: { kind: 'spot', leverage: 1 } } as const;

  test('caps of the book do not go with sizes made at the fill', () => {
    for (const semantics of ['backtesting.py', 'freqtrade'] as const) {
      const conflicts = riskConflicts(parsed({ exposureGrossMax: 1, positionMax: 1 }), { ...spot, semantics });
      expect(conflicts.map(({ field }) => field)).toEqual(['exposureGrossMax']);
    }
    expect(riskConflicts(parsed({ exposureGrossMax: 1 }), spot)).toEqual([]);
  });

  test('a volatility target does not take more leverage than the account has', () => {
    const risk = parsed({ sizing: { by: 'volatilityTarget', volatility: 0.2, bars: 20, leverageMax: 2 } });
    expect(riskConflicts(risk, spot)).toEqual([
      { field: 'sizing', message: "expected leverageMax 2 to be at most the account's leverage, 1" },
    ]);
    expect(riskConflicts(risk, { semantics: 'playhead', account: { kind: 'frictionless', leverage: 3 } })).toEqual([]);
  });
});
