/** Owns what a scenario may say of risk, and what the engine reads of it. Never reads a file. */
import { z } from 'zod';
import { valueAtRiskMethods } from '../engine/risk/tail.ts';
import type { BookCaps, Consequence, ProtectionSettings, RiskSettings, Sizing } from '../engine/risk-settings.ts';
import { type SemanticsProfile, semanticsProfiles } from '../engine/settings.ts';

const positive = z.number().positive();
const share = z.number().positive().max(1);
const count = z.int().positive().max(1_000_000);
const spanMs = z.int().positive().max(315_360_000_000);
const effect = z.enum(['halt', 'reduce']);
const scope = z
  .enum(['account', 'instrument'])
  .default('account')
  .describe('account: only reductions are let through, in all instruments (REDUCING); instrument: entries into that one are paused.');

const sizers = ['fixed', 'fraction', 'riskPerTrade', 'volatilityTarget', 'kelly'] as const;
type Sizer = (typeof sizers)[number];

/** Fields of sizing by what it goes by; those that it needs with an example and its meaning. */
const sizingFields: Readonly<Record<Sizer, { readonly needs: Readonly<Record<string, string>>; readonly may: readonly string[] }>> = {
  fixed: { needs: {}, may: ['base', 'quote'] },
  fraction: { needs: { fraction: '0.1, the notional as a fraction of equity' }, may: [] },
  riskPerTrade: { needs: {}, may: [] },
  volatilityTarget: {
    needs: { volatility: '0.15, the wanted deviation a year as a fraction of equity', bars: '20, the returns it is measured on' },
    may: ['leverageMax', 'barsPerYear'],
  },
  kelly: {
    needs: {
      max: '0.5, the largest notional as a fraction of equity',
      before: '0.02, the fraction of equity until there are enough trades',
    },
    may: ['factor', 'trades'],
  },
};

const sizing = z
  .strictObject({
    by: z
      .enum(sizers)
      .describe(
        'fixed: base or quote; fraction: of equity; riskPerTrade: what a stop loses; volatilityTarget: equity moves so much a year; kelly: by the trades closed so far.',
      ),
    base: positive.optional().describe('fixed: base quantity.'),
    quote: positive.optional().describe('fixed: notional in the quote currency.'),
    fraction: positive.max(1000).optional().describe('fraction: notional as a fraction of equity.'),
    volatility: positive.max(10).optional().describe('volatilityTarget: wanted deviation a year of the position, as a fraction of equity.'),
    bars: z.int().min(2).max(100_000).optional().describe("volatilityTarget: returns of the instrument's first series it is measured on."),
    leverageMax: positive.max(1000).optional().describe('volatilityTarget: notional is at most this fraction of equity; default 1.'),
    barsPerYear: positive
      .optional()
      .describe('volatilityTarget: bars of that series in a year; default: its timeframe in the days of metrics.periodsPerYear.'),
    factor: share.optional().describe('kelly: part of the Kelly fraction that is staked; default 0.5, half-Kelly.'),
    max: positive.max(1000).optional().describe('kelly: notional is at most this fraction of equity.'),
    trades: z.int().min(2).max(1_000_000).optional().describe('kelly: closed trades it needs; default 30.'),
    before: share.optional().describe('kelly: fraction of equity until there are that many.'),
  })
  .superRefine((value, context) => {
    const { needs, may } = sizingFields[value.by];
    const fail = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const stated = Object.keys(value).filter((name) => name !== 'by' && value[name as keyof typeof value] !== undefined);
    const fields = [...Object.keys(needs), ...may];
    for (const [name, example] of Object.entries(needs)) {
      if (!stated.includes(name)) fail(name, `expected a value beside by: ${value.by}, such as ${name}: ${example}`);
    }
    for (const name of stated) {
      if (!fields.includes(name)) fail(name, `expected ${fields.length === 0 ? 'nothing else' : fields.join(', ')} beside by: ${value.by}`);
    }
    if (value.by === 'fixed' && (value.base === undefined) === (value.quote === undefined))
      fail('by', 'expected either base or quote beside it');
  });

const correlation = z.strictObject({
  days: z.int().min(3).max(10_000).describe('Daily returns that correlations are measured on; what has fewer counts as correlated.'),
  above: z.number().min(0).lt(1).describe('Positions count that correlate with the order more than this; a short turns the sign.'),
  exposureMax: positive.describe("Gross of those positions together, the order's own among them, as a fraction of equity."),
});

const valueAtRisk = z
  .strictObject({
    max: share.describe('Value at risk of the book with the order, as a fraction of equity.'),
    days: z.int().min(3).max(10_000).describe('Daily returns it is measured on; with fewer known, entries are refused.'),
    confidence: z.number().gt(0.5).lt(1).default(0.95).describe('0.95 asks for the loss that 5 % of the horizons exceed.'),
    horizonDays: z.int().positive().max(365).default(1).describe('Days ahead; the mean grows with them, the rest with their square root.'),
    method: z
      .enum(valueAtRiskMethods)
      .default('historical')
      .describe('The days as they were, a normal distribution, or one corrected for skewness and kurtosis.'),
  })
  .refine((value) => value.method !== 'historical' || value.days * (1 - value.confidence) >= 1 - 1e-9, {
    error: 'expected days × (1 − confidence) to be at least 1: fewer days hold no such loss; state more days or another method',
    path: ['days'],
  });

const drawdown = z.strictObject({
  max: share.describe('Fall from the equity peak at a bar close, as a fraction.'),
  // biome-ignore lint/suspicious/noThenProperty: a word of the file; what is parsed never becomes a promise's value by itself
  then: effect.default('halt').describe('halt: cancel, close at the next open, refuse; reduce: only reductions are let through.'),
  forMs: spanMs
    .nullable()
    .default(null)
    .describe('How long; then the peak is counted from the equity there is. null to the end of the run.'),
});

const dailyLoss = z.strictObject({
  max: share.describe('Loss since the last bar close of the UTC day before, as a fraction of the equity then.'),
  // biome-ignore lint/suspicious/noThenProperty: as above
  then: effect.default('reduce').describe('What is done to the end of the day.'),
});

const cooldown = z
  .strictObject({
    bars: count.optional().describe("Bars of the instrument's first series that must have closed."),
    forMs: spanMs.optional().describe('Or so long.'),
  })
  .refine((value) => (value.bars === undefined) !== (value.forMs === undefined), { error: 'expected either bars or forMs' });

const stopLossGuard = z.strictObject({
  stops: count.describe('Positions closed by a stop at a loss.'),
  withinMs: spanMs.describe('Within so long.'),
  forMs: spanMs.describe('How long no entries follow.'),
  scope,
});

const lossStreak = z.strictObject({
  losses: count.describe('Positions closed at a loss, one after another.'),
  forMs: spanMs.describe('How long no entries follow.'),
  scope,
});

const orderRate = z
  .strictObject({
    perMinute: count.optional().describe('Orders sent within any minute of tape time.'),
    perHour: count.optional().describe('Orders sent within any hour of tape time.'),
  })
  .refine((value) => value.perMinute !== undefined || value.perHour !== undefined, { error: 'expected perMinute, perHour or both' });

export const riskSchema = z
  .strictObject({
    riskPerTrade: share
      .default(0.01)
      .describe(
        'Fraction of equity lost if the stop is hit: the size of orders that state a stop and no size, where sizing says nothing else.',
      ),
    sizing: sizing.nullable().optional().describe('The size of orders that state none, by name; null for none.'),
    positionMax: positive.nullable().default(null).describe('Cap of one position as a fraction of equity; null for none.'),
    exposureGrossMax: positive
      .nullable()
      .optional()
      .describe('Cap of all positions, longs and shorts, as a fraction of equity; null for none.'),
    exposureNetMax: positive
      .nullable()
      .optional()
      .describe('Cap of longs less shorts, either way, as a fraction of equity; null for none.'),
    openPositionsMax: count.nullable().optional().describe('Most instruments held or about to be entered; null for any.'),
    correlation: correlation.nullable().optional().describe('Cap of positions that move together; null for none.'),
    valueAtRisk: valueAtRisk.nullable().optional().describe('Cap of the value at risk of the book; null for none.'),
    drawdownHalt: share
      .default(1)
      .describe('Fall from the equity peak, as a fraction, at which the run halts and closes its positions; 1 for never.'),
    drawdown: drawdown.nullable().optional().describe('As drawdownHalt, with what is done and for how long; null for none.'),
    dailyLoss: dailyLoss.nullable().optional().describe('Limit of the loss of one UTC day; null for none.'),
    cooldown: cooldown
      .nullable()
      .optional()
      .describe('No entry into an instrument for a while after its position was closed; null for none.'),
    stopLossGuard: stopLossGuard.nullable().optional().describe('No entries for a while after so many losing stops; null for none.'),
    lossStreak: lossStreak.nullable().optional().describe('No entries for a while after so many losses in a row; null for none.'),
    orderRate: orderRate.nullable().optional().describe('Entries beyond so many orders are refused, reductions never; null for any.'),
    sizeBuffer: z.number().min(0).lt(1).default(0.01).describe('Share of cash kept back when a size is clipped to what cash buys.'),
  })
  .superRefine((value, context) => {
    const { exposureGrossMax: gross, exposureNetMax: net } = value;
    if (value.drawdown && value.drawdownHalt < 1)
      context.addIssue({ code: 'custom', path: ['drawdown'], message: 'expected either drawdown or drawdownHalt' });
    if (gross && net && net > gross)
      context.addIssue({
        code: 'custom',
        path: ['exposureNetMax'],
        message: `expected at most exposureGrossMax (${gross}): net exposure is never more than gross`,
      });
  });

export type ScenarioRisk = z.output<typeof riskSchema>;

/** What combines a risk block with the rest of a scenario in a way that cannot work: the field and what is expected. */
export function riskConflicts(
  risk: ScenarioRisk,
  { semantics, account }: { readonly semantics: SemanticsProfile; readonly account: { readonly kind: string; readonly leverage: number } },
): { readonly field: string; readonly message: string }[] {
  const conflicts: { field: string; message: string }[] = [];
  if (semanticsProfiles[semantics].sizingAt === 'fill') {
    for (const field of ['exposureGrossMax', 'exposureNetMax', 'openPositionsMax', 'correlation', 'valueAtRisk'] as const) {
      if (risk[field] != null)
        conflicts.push({
          field,
          message: `expected none with semantics ${semantics}, which makes sizes at the fill: caps of the book are judged when an order is sent`,
        });
    }
  }
  const leverage = account.kind === 'spot' ? 1 : account.leverage;
  const leverageMax = risk.sizing?.leverageMax ?? 1;
  if (leverageMax > leverage && (account.kind === 'spot' || account.kind === 'frictionless'))
    conflicts.push({ field: 'sizing', message: `expected leverageMax ${leverageMax} to be at most the account's leverage, ${leverage}` });
  return conflicts;
}

/** The block with defaults of its parts written out and what is null left out: a scenario that asks for nothing new is what it always was. */
export function resolvedRisk(risk: ScenarioRisk): ScenarioRisk {
  const { riskPerTrade, positionMax, drawdownHalt, sizeBuffer, ...optional } = risk;
  const stated = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null && value !== undefined));
  const block = structuredClone({ riskPerTrade, positionMax, drawdownHalt, sizeBuffer, ...stated }) as ScenarioRisk;
  const { sizing: named } = block;
  if (named?.by === 'volatilityTarget') named.leverageMax ??= 1;
  if (named?.by === 'kelly') {
    named.factor ??= 0.5;
    named.trades ??= 30;
  }
  return block;
}

/** The engine's settings of a resolved block. */
export function riskSettingsOf(risk: ScenarioRisk): RiskSettings {
  const { sizing: named, drawdown: limit } = risk;
  const caps = capsOf(risk);
  const protections = protectionsOf(risk);
  return {
    riskPerTrade: risk.riskPerTrade,
    positionFractionMax: risk.positionMax ?? Number.POSITIVE_INFINITY,
    drawdownHaltFraction: limit?.max ?? risk.drawdownHalt,
    sizeBufferFraction: risk.sizeBuffer,
    ...(named ? { sizing: sizingOf(named, risk.riskPerTrade) } : {}),
    ...(caps === null ? {} : { caps }),
    ...(protections === null ? {} : { protections }),
  };
}

function sizingOf(named: NonNullable<ScenarioRisk['sizing']>, riskPerTrade: number): Sizing {
  switch (named.by) {
    case 'fixed':
      return named.base === undefined ? { by: 'fixedQuote', sizeQuote: named.quote as number } : { by: 'fixedBase', sizeBase: named.base };
    case 'fraction':
      return { by: 'fraction', equityFraction: named.fraction as number };
    case 'riskPerTrade':
      return { by: 'riskPerTrade', riskFraction: riskPerTrade };
    case 'volatilityTarget':
      return {
        by: 'volatilityTarget',
        volatilityAnnual: named.volatility as number,
        lookbackBars: named.bars as number,
        leverageMax: named.leverageMax ?? 1,
        barsPerYear: named.barsPerYear ?? null,
      };
    default:
      return {
        by: 'kelly',
        factor: named.factor ?? 0.5,
        equityFractionMax: named.max as number,
        tradeCountMin: named.trades ?? 30,
        equityFractionBefore: named.before as number,
      };
  }
}

function capsOf({
  exposureGrossMax,
  exposureNetMax,
  openPositionsMax,
  correlation: along,
  valueAtRisk: tail,
}: ScenarioRisk): BookCaps | null {
  if (!exposureGrossMax && !exposureNetMax && !openPositionsMax && !along && !tail) return null;
  return {
    grossFractionMax: exposureGrossMax ?? Number.POSITIVE_INFINITY,
    netFractionMax: exposureNetMax ?? Number.POSITIVE_INFINITY,
    positionCountMax: openPositionsMax ?? Number.POSITIVE_INFINITY,
    correlation: along ? { days: along.days, above: along.above, exposureFractionMax: along.exposureMax } : null,
    valueAtRisk: tail
      ? { lossFractionMax: tail.max, days: tail.days, confidence: tail.confidence, horizonDays: tail.horizonDays, method: tail.method }
      : null,
  };
}

const stateOf = (word: 'halt' | 'reduce'): Consequence['state'] => (word === 'halt' ? 'HALTED' : 'REDUCING');

function protectionsOf(risk: ScenarioRisk): ProtectionSettings | null {
  const { drawdown: fall, dailyLoss: day, cooldown: rest, stopLossGuard: guard, lossStreak: streak, orderRate: rate } = risk;
  if (!fall && !day && !rest && !guard && !streak && !rate) return null;
  return {
    drawdown: fall ? { state: stateOf(fall.then), forMs: fall.forMs ?? Number.POSITIVE_INFINITY } : null,
    dailyLoss: day ? { fractionMax: day.max, state: stateOf(day.then) } : null,
    cooldown: rest ? (rest.bars === undefined ? { forMs: rest.forMs as number } : { bars: rest.bars }) : null,
    stopLossGuard: guard ? { stopCount: guard.stops, withinMs: guard.withinMs, forMs: guard.forMs, scope: guard.scope } : null,
    lossStreak: streak ? { lossCount: streak.losses, forMs: streak.forMs, scope: streak.scope } : null,
    orderRate: rate ? { perMinute: rate.perMinute ?? Number.POSITIVE_INFINITY, perHour: rate.perHour ?? Number.POSITIVE_INFINITY } : null,
  };
}
