/** Owns one search of a calibration: a market made, a family played over it by the engine, and what each statistic calls it. Never used by a run. */
import { ColumnStore } from '../../columns.ts';
import { Workspace } from '../../logs.ts';
import { sharpeRatio } from '../../metrics/ratios.ts';
import type { Tape } from '../../model/bar.ts';
import { judgeOverfit, type OverfitVerdict } from '../../optimiser/overfit.ts';
import { stationaryBlockLength } from '../../optimiser/statistics/block-length.ts';
import { bootstrapInterval } from '../../optimiser/statistics/bootstrap-interval.ts';
import { probabilisticSharpe, type SharpeForm, sharpeSampleOf } from '../../optimiser/statistics/sharpe-inference.ts';
import { dailyReturnsOf } from '../../optimiser/stitched.ts';
import { survivingTrials } from '../../optimiser/surviving-trials.ts';
import { TrialPlayer } from '../../optimiser/trial.ts';
import { settingsOf, testHashes } from '../settings.ts';
import { instrumentOf } from '../tapes.ts';
import { type Family, families } from './families.ts';
import { clustered, even, reverting, tapeOfMoves, trending } from './worlds.ts';

export interface World {
  readonly moves: Parameters<typeof tapeOfMoves>[0];
  readonly family: keyof typeof families;
  /** Nothing can be earned: whatever is called significant is so by luck. */
  readonly isNoise: boolean;
}

/** By name; strengths are in spreads of one bar. */
export const worlds = {
  'noise, long or short': { moves: even, family: 'long or short', isNoise: true },
  'noise, long or flat': { moves: even, family: 'long or flat', isNoise: true },
  'noise, reversion': { moves: even, family: 'reversion', isNoise: true },
  'clustered noise, long or short': { moves: clustered, family: 'long or short', isNoise: true },
  'trend 0.15': { moves: trending(0.15), family: 'long or short', isNoise: false },
  'trend 0.25': { moves: trending(0.25), family: 'long or short', isNoise: false },
  'trend 0.35': { moves: trending(0.35), family: 'long or short', isNoise: false },
  'reversion 0.5': { moves: reverting(0.5), family: 'reversion', isNoise: false },
  'reversion 0.75': { moves: reverting(0.75), family: 'reversion', isNoise: false },
  'reversion 1': { moves: reverting(1), family: 'reversion', isNoise: false },
} as const satisfies Readonly<Record<string, World>>;

export type WorldName = keyof typeof worlds;
export const worldNames = Object.keys(worlds) as WorldName[];

/** What may call a search significant at 5 %. "told": of one trial that was named before the search, so that nothing was chosen. */
export const methodNames = [
  'verdict "holds"',
  'deflated Sharpe, 2025',
  'Hansen, consistent',
  'deflated Sharpe, 2012',
  'Hansen, lower',
  'Hansen, upper',
  'White',
  'overfitting ≤ 50 %',
  'overfitting ≤ 20 %',
  'overfitting ≤ 5 %',
  'Benjamini–Hochberg',
  'probabilistic Sharpe, 2012, told',
  'probabilistic Sharpe, 2025, told',
  'interval without 0, told',
  'probabilistic Sharpe, 2012, best',
  'probabilistic Sharpe, 2025, best',
  'interval above 0, best',
] as const;
export type MethodName = (typeof methodNames)[number];

/** Those that the verdict goes by, and the verdict itself: none of them may lie above its level. */
export const verdictMethods: readonly MethodName[] = ['verdict "holds"', 'deflated Sharpe, 2025', 'Hansen, consistent'];

export interface JudgedSearch {
  readonly significant: Readonly<Record<MethodName, boolean>>;
  readonly verdict: OverfitVerdict;
  readonly trialHashFirst: string;
}

export interface CalibrationSize {
  readonly barCount: number;
  readonly replicateCount: number;
}

const level = 0.05;
const toldTrial = 17;
const periodsPerYear = 365;

/** Makes the market of this seed, searches it and judges the best. */
export function judgeSearch(
  name: WorldName,
  { seed, barCount, replicateCount }: CalibrationSize & { readonly seed: number },
): JudgedSearch {
  const { moves, family }: World = worlds[name];
  const { columns, trialHashFirst } = playFamily(families[family], tapeOfMoves(moves, { seed, barCount }));
  const sharpes = columns.map((returns) => sharpeRatio(returns, { ratePerPeriod: 0, periodsPerYear: 1 }));
  const chosen = sharpes.reduce((best, value, k) => (value > sharpes[best] || Number.isNaN(sharpes[best]) ? k : best), 0);
  const told = columns[toldTrial];
  const report = judgeOverfit({ columns, chosen, others: [], periodsPerYear, ratePerPeriod: 0, seed, replicateCount });
  const toldInterval = bootstrapInterval(told, (values) => sharpeRatio(values, { ratePerPeriod: 0, periodsPerYear: 1 }), {
    replicateCount,
    blockLengthMean: stationaryBlockLength(told),
    seed,
    confidence: 1 - level,
  }).corrected;
  const isSure = (form: SharpeForm): boolean => probabilisticSharpe(sharpeSampleOf(told, 0), { benchmarkSharpe: 0, form }) >= 1 - level;
  const significant: Record<MethodName, boolean> = {
    'verdict "holds"': report.verdict === 'holds',
    'deflated Sharpe, 2025': report.deflated['2025'] >= 1 - level,
    'Hansen, consistent': report.superiorAbilityPValue <= level,
    'deflated Sharpe, 2012': report.deflated['2012'] >= 1 - level,
    'Hansen, lower': report.superiorAbilityBounds.lower <= level,
    'Hansen, upper': report.superiorAbilityBounds.upper <= level,
    White: report.realityCheckPValue <= level,
    'overfitting ≤ 50 %': report.overfitting.probability <= 0.5,
    'overfitting ≤ 20 %': report.overfitting.probability <= 0.2,
    'overfitting ≤ 5 %': report.overfitting.probability <= level,
    'Benjamini–Hochberg': survivingTrials(columns, { ratePerPeriod: 0, level }).count > 0,
    'probabilistic Sharpe, 2012, told': isSure('2012'),
    'probabilistic Sharpe, 2025, told': isSure('2025'),
    'interval without 0, told': toldInterval.low > 0 || toldInterval.high < 0,
    'probabilistic Sharpe, 2012, best': report.probabilistic['2012'] >= 1 - level,
    'probabilistic Sharpe, 2025, best': report.probabilistic['2025'] >= 1 - level,
    'interval above 0, best': report.sharpeInterval.low > 0,
  };
  return { significant, verdict: report.verdict, trialHashFirst };
}

/** Daily returns of every set, by the engine: orders, exact ledger, metrics and hash of each. */
function playFamily({ strategy, sets }: Family, tape: Tape): { readonly columns: Float64Array[]; readonly trialHashFirst: string } {
  const settings = settingsOf({ account: { kind: 'frictionless' }, metrics: { periodsPerYear } });
  const player = new TrialPlayer(
    {
      tapes: [tape],
      instruments: [instrumentOf({ symbol: tape.key.symbol })],
      settings,
      strategy,
      hashesOf: () => testHashes,
      tapeHash: 'calibration',
      columns: new ColumnStore(),
    },
    workspace,
  );
  const trials = sets.map((set) => player.play(set));
  return {
    columns: trials.map(({ daily }) => dailyReturnsOf(daily.equityQuote, settings.initialCapitalQuote)),
    trialHashFirst: trials[0].trialHash,
  };
}

const workspace = new Workspace();
