/** Owns the statistics of luck in words and rows, as a terminal prints them. Never computes one. */
import type { OverfitReport } from '../engine/optimiser/overfit.ts';
import type { PermutationTest } from '../engine/optimiser/permutation-test.ts';
import type { Objective } from '../engine/optimiser/ranking.ts';
import type { SurvivingTrials } from '../engine/optimiser/surviving-trials.ts';
import { count, counted, fixed, percent } from './format.ts';
import { scoreText } from './score-text.ts';

const verdicts = {
  luck: 'LUCK: what this search found is what searching without any edge would find',
  unproven: 'UNPROVEN: it may be more than luck, and these days do not show it',
  holds: 'HOLDS: past every mark, on these days and for what was tried here',
} as const;

/** What the figures cannot know. */
export const overfitLimits: readonly string[] = [
  'The ledger knows what was tried in this home folder, and nothing of what was tried elsewhere or in thought.',
  'Days are taken for one regime.',
  'Trials of other searches count as independent of these.',
  'The deflated Sharpe ratio of 2012 takes luck to be as wide as the ratios of these trials lie apart: where sets differ in truth too, much of a real find counts as luck.',
  'That of 2025 takes luck to be as wide as ratios of chance would lie apart on these days; the verdict goes by it, and on searches of noise it calls no more significant than it promises ("npm run calibrate").',
];

export function overfitVerdict({ verdict }: OverfitReport): string {
  return verdicts[verdict];
}

/** What a search finds where there is nothing to find, beside what the real one has found. */
export function permutationLine({ permutationCount, scoreReal, scoreMedian }: PermutationTest, objective: Objective): string {
  const [real, middle] = [scoreReal, scoreMedian].map((score) => scoreText(objective, score));
  return `on the same moves in random orders the best of a search comes to ${middle} in the middle of ${counted(permutationCount, 'search', 'searches')}, on the tape itself to ${real}; the drift of the tape is in both`;
}

/** How many trials would still be called significant. */
export function survivorsRow({ level, count: survivorCount, pValues }: SurvivingTrials): string[] {
  return [
    'survivors',
    `${count(survivorCount)} of ${count(pValues.length)}`,
    `trials with a Sharpe ratio above 0 once adjusted for their number: of these ${percent(level, 0)} may be false (Benjamini and Hochberg 1995)`,
  ];
}

/** Figure, value and what it means, a row each. */
export function overfitRows(report: OverfitReport): string[][] {
  const { overfitting, deflated, probabilistic, sharpeInterval } = report;
  const share = (value: number): string => percent(value, 1);
  const ratio = (value: number): string => fixed(value, 2);
  return [
    [
      'Sharpe ratio a year',
      ratio(report.sharpeAnnual),
      `95% interval ${ratio(sharpeInterval.low)} to ${ratio(sharpeInterval.high)}, stationary bootstrap of ${counted(report.dayCount, 'day')}, blocks of ${ratio(report.blockLengthMean)}`,
    ],
    [
      'trials',
      count(report.trialCountAll),
      `${count(report.trialCount)} of this sweep; worth ${fixed(report.trialCountEffective, report.trialCountEffective < 100 ? 2 : 0)} independent ones by their average correlation`,
    ],
    ['best of luck', ratio(report.expectedBestAnnual), 'Sharpe ratio a year that the best of so many worthless trials is expected to show'],
    [
      'probabilistic Sharpe',
      share(probabilistic['2012']),
      `chance that the true ratio is above 0, had nothing been searched (2025 form ${share(probabilistic['2025'])})`,
    ],
    [
      'deflated Sharpe',
      share(deflated['2025']),
      `the same, for the best of what was tried (2025 form; 2012 form ${share(deflated['2012'])})`,
    ],
    [
      'overfitting (PBO)',
      share(overfitting.probability),
      `${count(overfitting.logits.length)} splits into halves of ${report.blockCount / 2} blocks; out of sample the chosen lost in ${share(overfitting.lossProbability)}`,
    ],
    ['Reality Check', probabilityText(report.realityCheckPValue), 'White 2000: not one trial is better than cash'],
    [
      'superior ability',
      probabilityText(report.superiorAbilityPValue),
      `Hansen 2005, consistent; between ${fixed(report.superiorAbilityBounds.lower, 3)} and ${fixed(report.superiorAbilityBounds.upper, 3)}`,
    ],
    [
      'track record',
      Number.isFinite(report.minimumTrackRecordDays) ? counted(Math.ceil(report.minimumTrackRecordDays), 'day') : '–',
      'until a ratio like this one is above 0 with 95%, had nothing been searched',
    ],
    [
      'backtest length',
      Number.isFinite(report.minimumBacktestYears) ? `${ratio(report.minimumBacktestYears)} years` : '–',
      'below it the best of so many worthless trials is expected to show this ratio',
    ],
  ];
}

/** Of a thousand replicates the smallest there can be is 0.001. */
function probabilityText(pValue: number): string {
  return pValue < 0.0005 ? 'p < 0.001' : `p ${fixed(pValue, 3)}`;
}
