/**
 * Owns what the statistics of luck say together of the best of a search: figures, each with its meaning, and a verdict in plain words. The number
 * of trials is counted, never told: those of the search and those that the trial ledger knows on the same market and time.
 */
import { assert } from '../errors.ts';
import { percentText } from '../figure-text.ts';
import { standardDeviation } from '../metrics/moments.ts';
import { sharpeRatio } from '../metrics/ratios.ts';
import { deflatedSharpe, minimumBacktestYears } from './statistics/best-of-many.ts';
import { stationaryBlockLength } from './statistics/block-length.ts';
import type { Interval } from './statistics/bootstrap-interval.ts';
import { testDataSnooping } from './statistics/data-snooping.ts';
import { trialsByAverageCorrelation } from './statistics/effective-trials.ts';
import { type Overfitting, probabilityOfOverfitting } from './statistics/overfitting.ts';
import type { ReturnColumns } from './statistics/return-columns.ts';
import { minimumTrackRecord, probabilisticSharpe, sharpeSampleOf, sharpeStandardError } from './statistics/sharpe-inference.ts';
import { sharpeInterval } from './statistics/sharpe-interval.ts';

export interface OverfitInput {
  /** Daily returns of every trial of the search, all of the same days. */
  readonly columns: ReturnColumns;
  /** The trial that would be chosen. */
  readonly chosen: number;
  /** Trials of other searches on the same market and time. */
  readonly others: readonly ReturnColumns[];
  readonly periodsPerYear: number;
  /** Risk-free, a fraction a period. */
  readonly ratePerPeriod: number;
  /** Other sets were dropped on what they did on a part of the days, and have no returns of the whole. */
  readonly isHalved?: boolean;
  readonly seed: number;
  readonly replicateCount: number;
}

/**
 * What the figures come to: "luck" where they say so, "unproven" where they cannot say otherwise, "holds" where each is past its mark. The deflated
 * Sharpe ratio and Hansen's test decide: they hold their level on searches of noise. The probability of overfitting has no level, and trials that all
 * have one edge look overfitted as often as noise does: it says whether the choice carries over, and only keeps a search from holding. See DECISIONS.
 */
export type OverfitVerdict = 'luck' | 'unproven' | 'holds';

export interface OverfitReport {
  readonly dayCount: number;
  readonly sharpeAnnual: number;
  /** 95 % of stationary bootstrap replicates (BCa, or the percentiles where that is not defined). */
  readonly sharpeInterval: Interval;
  /** Trials of this search, and of all that are known on the market and time. */
  readonly trialCount: number;
  readonly trialCountAll: number;
  /** As many independent trials they are worth. */
  readonly trialCountEffective: number;
  /** Sharpe ratio a year that the best of so many worthless trials is expected to show. */
  readonly expectedBestAnnual: number;
  readonly probabilistic: { readonly '2012': number; readonly '2025': number };
  /** 2012: by how far the trials' ratios lie apart; 2025: by how far those of chance would. The verdict goes by the second. */
  readonly deflated: { readonly '2012': number; readonly '2025': number };
  readonly minimumTrackRecordDays: number;
  readonly minimumBacktestYears: number;
  readonly overfitting: Overfitting;
  readonly blockCount: number;
  readonly realityCheckPValue: number;
  readonly superiorAbilityPValue: number;
  /** Hansen's other two: trials worse than cash taken for as bad as they look, and for as good as cash. */
  readonly superiorAbilityBounds: { readonly lower: number; readonly upper: number };
  readonly blockLengthMean: number;
  readonly verdict: OverfitVerdict;
  /** Why, a sentence each, with its mark; what decides begins with whether it is passed or missed. */
  readonly reasons: readonly string[];
}

/** The marks: above them a search is said to hold, and below the second to be luck. */
const marks = { deflated: 0.95, deflatedLuck: 0.5, pValue: 0.05, pValueLuck: 0.5, overfitting: 0.5 } as const;

/** Judges the chosen trial of a search. Days are those of the search; a search of one trial has no overfitting to tell. */
export function judgeOverfit(input: OverfitInput): OverfitReport {
  const { columns, chosen, others, periodsPerYear, ratePerPeriod, seed, replicateCount } = input;
  assert(chosen >= 0 && chosen < columns.length, `trial ${chosen} is one of ${columns.length}`);
  const returns = columns[chosen];
  const sample = sharpeSampleOf(returns, ratePerPeriod);
  const root = Math.sqrt(periodsPerYear);
  const blockLengthMean = stationaryBlockLength(returns);
  const resampling = { replicateCount, blockLengthMean, seed };
  const search = searchOf(columns, others, ratePerPeriod);
  const trialCount = search.trialCountEffective;
  // Each form with the variance that holds it to its level on searches of noise: see DECISIONS.
  const found = deflatedSharpe(sample, { trialCount, sharpeVariance: search.sharpeVariance, form: '2012' });
  const chanceError = sharpeStandardError(sample, { sharpePerPeriod: 0, form: '2025' });
  const ofChance = deflatedSharpe(sample, { trialCount, sharpeVariance: chanceError * chanceError, form: '2025' });
  const probabilisticOf = (form: '2012' | '2025'): number => probabilisticSharpe(sample, { benchmarkSharpe: 0, form });
  const blockCount = blockCountOf(returns.length);
  const snooping = testDataSnooping(
    columns.map((column) => column.map((value) => value - ratePerPeriod)),
    resampling,
  );
  const figures = {
    dayCount: returns.length,
    sharpeAnnual: sample.sharpePerPeriod * root,
    sharpeInterval: sharpeInterval(returns, { ratePerPeriod, periodsPerYear, seed, replicateCount }),
    trialCount: columns.length,
    trialCountAll: search.trialCountAll,
    trialCountEffective: search.trialCountEffective,
    expectedBestAnnual: ofChance.expectedMaximumSharpe * root,
    probabilistic: { '2012': probabilisticOf('2012'), '2025': probabilisticOf('2025') },
    deflated: { '2012': found.probability, '2025': ofChance.probability },
    minimumTrackRecordDays: minimumTrackRecord(sample, { benchmarkSharpe: 0, form: '2012', confidence: 0.95 }),
    minimumBacktestYears: minimumBacktestYears({ trialCount, sharpeAnnual: sample.sharpePerPeriod * root }),
    overfitting: probabilityOfOverfitting(columns, { blockCount, ratePerPeriod }),
    blockCount,
    realityCheckPValue: snooping.realityCheck.pValue,
    superiorAbilityPValue: snooping.superiorAbility.consistent.pValue,
    superiorAbilityBounds: { lower: snooping.superiorAbility.lower.pValue, upper: snooping.superiorAbility.upper.pValue },
    blockLengthMean,
  };
  return { ...figures, ...verdictOf(figures, input.isHalved === true) };
}

/**
 * How wide all the searching was: this search and the others, correlated within each and taken for independent between them. How far Sharpe
 * ratios lie apart is told by this search alone: ratios of shorter times lie farther apart for no reason of their trials.
 */
function searchOf(
  columns: ReturnColumns,
  others: readonly ReturnColumns[],
  ratePerPeriod: number,
): { readonly trialCountAll: number; readonly trialCountEffective: number; readonly sharpeVariance: number } {
  const searches = [columns, ...others];
  const worth = searches.map((one) => trialsByAverageCorrelation(one)).filter((count) => !Number.isNaN(count));
  const sharpes = columns.map((column) => sharpeOf(column, ratePerPeriod)).filter((value) => Number.isFinite(value));
  const deviation = sharpes.length < 2 ? 0 : standardDeviation(Float64Array.from(sharpes), 1);
  return {
    trialCountAll: searches.reduce((sum, one) => sum + one.length, 0),
    trialCountEffective: worth.reduce((sum, count) => sum + count, 0),
    sharpeVariance: deviation * deviation,
  };
}

/** Per period; not finite where nothing moves. */
function sharpeOf(values: Float64Array, ratePerPeriod: number): number {
  return sharpeRatio(values, { ratePerPeriod, periodsPerYear: 1 });
}

/** Sixteen blocks, or as many as leave each ten days. */
function blockCountOf(dayCount: number): number {
  return Math.max(2, Math.min(16, Math.floor(dayCount / 20) * 2));
}

type Figures = Omit<OverfitReport, 'verdict' | 'reasons'>;

/** Of a search by halving the tests over its trials see those alone that did well before: what they say is shown, and decides nothing. */
function verdictOf(figures: Figures, isHalved: boolean): Pick<OverfitReport, 'verdict' | 'reasons'> {
  const { deflated, overfitting, superiorAbilityPValue, trialCountEffective, expectedBestAnnual, sharpeAnnual } = figures;
  const chance = deflated['2025'];
  // Of a figure that is not defined every comparison is false: it proves nothing.
  const judged = [
    {
      isPast: chance >= marks.deflated,
      isLuck: chance < marks.deflatedLuck,
      text: `deflated Sharpe ratio ${percentShown(chance)} (mark ${percentText(marks.deflated)}): the best of ${shown(trialCountEffective)} worthless independent trials would be expected to show ${shown(expectedBestAnnual)} a year, this one shows ${shown(sharpeAnnual)}`,
    },
    {
      isPast: overfitting.probability <= marks.overfitting,
      isLuck: false,
      text: Number.isNaN(overfitting.probability)
        ? `probability of overfitting not defined (mark ${percentText(marks.overfitting)}): of ${figures.trialCount === 1 ? 'one trial' : 'trials without returns'} nothing was chosen`
        : `probability of overfitting ${percentText(overfitting.probability)} (mark ${percentText(marks.overfitting)}): so often the best of one half of the days was below the middle in the other half`,
    },
    {
      isPast: superiorAbilityPValue <= marks.pValue,
      isLuck: superiorAbilityPValue > marks.pValueLuck,
      text: `Hansen's test p = ${shown(superiorAbilityPValue)} (mark ${marks.pValue}): so often would a search without any edge look at least this good`,
    },
  ];
  if (isHalved) {
    const [deflatedOne, ...ofSurvivors] = judged;
    return {
      verdict: judged[0].isLuck ? 'luck' : 'unproven',
      reasons: [
        reasonOf(deflatedOne),
        ...ofSurvivors.map(({ text }) => `of the ${figures.trialCount} sets alone that halving left, so it decides nothing: ${text}`),
        'halving dropped the other sets on a part of the days: a sweep without it can be judged in full',
      ],
    };
  }
  const isLuck = judged.some((one) => one.isLuck);
  const holds = judged.every((one) => one.isPast);
  return { verdict: isLuck ? 'luck' : holds ? 'holds' : 'unproven', reasons: judged.map(reasonOf) };
}

function reasonOf({ isPast, text }: { readonly isPast: boolean; readonly text: string }): string {
  return `${isPast ? 'passed' : 'missed'}: ${text}`;
}

/** Three digits, from a hundred on whole: more would tell nothing. */
function shown(value: number): string {
  if (Number.isNaN(value)) return notDefined;
  if (Math.abs(value) < 100) return String(Number(value.toPrecision(3))).replace('-', '−');
  return value
    .toFixed(0)
    .replaceAll(/\B(?=(\d{3})+$)/g, ',')
    .replace('-', '−');
}

function percentShown(fraction: number): string {
  return Number.isNaN(fraction) ? notDefined : percentText(fraction);
}

const notDefined = 'not defined';
