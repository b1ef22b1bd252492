/** Owns the report of "playhead overfit": the verdict, the figures behind it, their pictures. Never judges. */

import type { MetricName } from '../../engine/metrics/catalogue.ts';
import { ratePerPeriod as rateOf } from '../../engine/metrics/returns.ts';
import { varianceOfMaximum } from '../../engine/optimiser/statistics/best-of-many.ts';
import { equityFan } from '../../engine/optimiser/statistics/equity-fan.ts';
import { sharpeSampleOf, sharpeStandardError } from '../../engine/optimiser/statistics/sharpe-inference.ts';
import { dailyReturnsOf } from '../../engine/optimiser/stitched.ts';
import { type Fan, fanChart } from '../charts/search/fan.ts';
import { objectiveChart } from '../charts/search/objective.ts';
import { type BestOfLuck, bestOfLuckChart, dotCount, logitsChart, splitsChart } from '../charts/search/overfit-charts.ts';
import { count, counted, fixed, percent, periodUtc, shownTimes } from '../format.ts';
import { searchClientCode } from '../html/client.ts';
import { escapeHtml } from '../html/escape.ts';
import { figureHtml, halfWidths } from '../html/figure.ts';
import { pageHtml } from '../html/page.ts';
import { headHtml, navigationHtml, section, syntheticAlarm, tilesHtml, warningBox } from '../html/sections.ts';
import { table } from '../html/tables.ts';
import { overfitLimits, overfitRows, overfitVerdict, permutationLine, survivorsRow } from '../overfit-words.ts';
import { valueText } from '../value-text.ts';
import type { OverfitReportInput } from './overfit-input.ts';

const fractions = [0.05, 0.25, 0.5, 0.75, 0.95];
/** Days of the fan that are drawn. */
const fanRowsMax = 160;
const fanReplicatesMax = 2_000;

/** The same input gives the same bytes. */
export async function overfitReportHtml(input: OverfitReportInput): Promise<string> {
  const { id, name, strategyName, playhead, seed, replicateCount, report } = input;
  const luck = bestOfLuckOf(input);
  const rows = table(
    [{ title: 'Figure' }, { title: 'Value', isNumber: true }, { title: 'What it is' }],
    [...overfitRows(report), ...(input.survivors === null ? [] : [survivorsRow(input.survivors)])],
    {
      isStacked: true,
    },
  );
  const body = [
    warningBox(input.isSynthetic ? syntheticAlarm : '', []),
    verdictHtml(input),
    tiles(input),
    await luckSection(luck, input),
    await splitSections(input),
    await permutationSection(input),
    await fanSection(input),
    section('figures', 'Figures', rows, `${counted(replicateCount, 'replicate')} from seed ${fixed(seed, 0)}.`),
    section('limits', 'Limits', `<ul class="limits">${overfitLimits.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`),
  ];
  return pageHtml({
    title: `${name === '' ? strategyName : name} · luck of sweep ${id}`,
    header: head(input),
    navigation: navigationHtml([
      ['verdict', 'Verdict'],
      ['luck', 'Best of luck'],
      ['logits', 'Overfitting'],
      ...(input.permutations === null ? [] : [['permutations', 'Permutations'] as const]),
      ['fan', 'Equity'],
      ['figures', 'Figures'],
      ['limits', 'Limits'],
    ]),
    body,
    footer: `playhead ${playhead} · sweep ${id} · trial ${input.index}`,
    data: { hover: {} },
    scripts: [searchClientCode],
  });
}

function head({ name, strategyName, id, index, parameters, series, fromMs, toMs }: OverfitReportInput): string {
  const set = Object.entries(parameters).map(([parameter, value]) => `${parameter} ${valueText(value)}`);
  const soft = (text: string) => `<p class="soft">${escapeHtml(text)}</p>`;
  return headHtml(`How much of it is luck: ${name === '' ? strategyName : name}`, [
    soft(`Sweep ${id} of ${strategyName} · its best, trial ${index}: ${set.join(' · ')}`),
    soft(`${series.join(', ')} · ${periodUtc(fromMs, toMs).join(' to ')} UTC`),
  ]);
}

function verdictHtml({ report }: OverfitReportInput): string {
  const reasons = report.reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('');
  return `<section id="verdict" class="verdict ${report.verdict}"><h2>${escapeHtml(overfitVerdict(report))}</h2><ul>${reasons}</ul></section>`;
}

function tiles({ report, otherSearchCount }: OverfitReportInput): string {
  const { overfitting, deflated, sharpeInterval } = report;
  const ratio = (value: number): string => fixed(value, 2);
  return tilesHtml([
    ['Sharpe ratio a year', ratio(report.sharpeAnnual), `95%: ${ratio(sharpeInterval.low)} to ${ratio(sharpeInterval.high)}`],
    ['Deflated Sharpe', percent(deflated['2025'], 1), 'chance that it is above the best of luck'],
    ['Overfitting (PBO)', percent(overfitting.probability, 1), 'chosen here, below the middle there'],
    [
      'Trials',
      count(report.trialCountAll),
      `worth ${fixed(report.trialCountEffective, 1)}, ${otherSearchCount === 0 ? 'all of this sweep' : `with ${counted(otherSearchCount, 'other search', 'other searches')}`}`,
    ],
  ]);
}

/** As the deflated Sharpe ratio of 2025 takes it; null where it is not defined. */
function bestOfLuckOf({ report, dailyQuote, initialCapitalQuote, periodsPerYear, riskFreeAnnual }: OverfitReportInput): BestOfLuck | null {
  const root = Math.sqrt(periodsPerYear);
  const { expectedBestAnnual: expected, sharpeAnnual: found, trialCountEffective } = report;
  const sample = sharpeSampleOf(dailyReturnsOf(dailyQuote, initialCapitalQuote), rateOf(riskFreeAnnual, periodsPerYear));
  const error = sharpeStandardError(sample, { sharpePerPeriod: expected / root, form: '2025' });
  const deviation = Math.sqrt(varianceOfMaximum(trialCountEffective)) * error * root;
  return deviation > 0 && Number.isFinite(expected) && Number.isFinite(found) ? { expected, deviation, found } : null;
}

async function luckSection(luck: BestOfLuck | null, { report }: OverfitReportInput): Promise<string> {
  const title = 'The best of luck, and what was found';
  if (luck === null) return section('luck', title, '<p class="soft">Not defined: the trial or the search never moves.</p>');
  const picture = await figureHtml({ id: 'luck-chart', height: 200, draw: (options) => bestOfLuckChart(luck, options) });
  const note = `Where the best Sharpe ratio of ${fixed(report.trialCountEffective, 1)} independent trials without any edge would lie, and the one that was found: ${percent(report.deflated['2025'], 1)} of the hill lies to its left.`;
  return section('luck', title, picture, note);
}

async function splitSections({ report, periodsPerYear }: OverfitReportInput): Promise<string> {
  const { overfitting, blockCount } = report;
  const { logits, degradation, lossProbability } = overfitting;
  if (logits.length === 0)
    return section('logits', 'Overfitting', '<p class="soft">Not defined: it takes two trials that move, and days enough.</p>');
  const root = Math.sqrt(periodsPerYear);
  const left = await figureHtml({ id: 'logits-chart', height: 240, draw: (options) => logitsChart(overfitting, options) }, halfWidths);
  const right = await figureHtml(
    { id: 'splits-chart', height: 240, draw: (options) => splitsChart(overfitting, root, options) },
    halfWidths,
  );
  const drawn = dotCount(overfitting);
  const sampled = drawn < logits.length ? ` ${fixed(drawn, 0)} of ${count(logits.length)} splits are drawn.` : '';
  return `<div class="pair">${section(
    'logits',
    'Rank out of sample of the best in sample',
    left,
    `${count(logits.length)} ways to part ${fixed(blockCount, 0)} blocks of days in halves. Left of the line (orange) the best of one half was below the middle in the other: ${percent(overfitting.probability, 1)}.`,
  )}${section(
    'splits',
    'In sample against out of sample',
    right,
    `Sharpe ratio a year of the best in sample. Slope ${fixed(degradation.slope, 2)}: below 0 the better it looked, the worse it did. A loss out of sample in ${percent(lossProbability, 1)}.${sampled}`,
  )}</div>`;
}

/** The best of every permuted search, and that of the tape itself; empty where none was asked for. */
async function permutationSection({ permutations, objective }: OverfitReportInput): Promise<string> {
  if (permutations === null) return '';
  const title = 'The same search on the same moves in random orders';
  const sign = objective.startsWith('-') ? -1 : 1;
  const metric = objective.replace(/^-/, '') as MetricName;
  const values = Array.from(permutations.scores, (score) => sign * score).filter(Number.isFinite);
  const best = sign * permutations.scoreReal;
  const line = permutationLine(permutations, objective);
  const left = permutations.permutationCount - values.length;
  const note = `${line[0].toUpperCase()}${line.slice(1)}.${left === 0 ? '' : ` ${counted(left, 'search has', 'searches have')} no best to draw.`}`;
  if (values.length === 0 || !Number.isFinite(best))
    return section('permutations', title, '<p class="soft">There is nothing to draw.</p>', note);
  const drawn = { metric, values, best, chance: null, noun: 'permutation', bestLabel: 'the tape itself' };
  const picture = await figureHtml({ id: 'permutations-chart', height: 220, draw: (options) => objectiveChart(drawn, options) });
  return section('permutations', title, picture, note);
}

async function fanSection(input: OverfitReportInput): Promise<string> {
  const title = `The same days in other orders, in ${input.quoteCurrency}`;
  if (input.dailyQuote.length < 2) return section('fan', title, '<p class="soft">There are fewer than two days.</p>');
  const { fan, lossFraction, replicateCount } = fanOf(input);
  const picture = await figureHtml({ id: 'fan-chart', height: 280, draw: (options) => fanChart(fan, options) });
  const note = `${counted(replicateCount, 'stationary bootstrap replicate')} of the trial's days in blocks of ${fixed(input.report.blockLengthMean, 1)} on average: ${percent(lossFraction, 1)} end below the capital. They are drawn from the days of a trial that was chosen, so the luck of being chosen is in all of them.`;
  return section('fan', title, picture, note);
}

function fanOf(input: OverfitReportInput): { readonly fan: Fan; readonly lossFraction: number; readonly replicateCount: number } {
  const { dailyQuote, dayMs, initialCapitalQuote, quoteCurrency, seed, report } = input;
  const returns = dailyReturnsOf(dailyQuote, initialCapitalQuote);
  const rowCount = Math.min(fanRowsMax, returns.length);
  const rows = Array.from({ length: rowCount }, (_, i) => Math.floor((i * (returns.length - 1)) / Math.max(1, rowCount - 1)));
  const replicateCount = Math.min(fanReplicatesMax, input.replicateCount);
  const { quantiles, lossFraction } = equityFan(returns, {
    replicateCount,
    blockLengthMean: report.blockLengthMean,
    seed,
    rows,
    fractions,
  });
  const shownMs = shownTimes(dayMs);
  return {
    fan: {
      timeMs: Float64Array.from(rows, (row) => shownMs[row]),
      quoteCurrency,
      quantiles: quantiles.map((one) => one.map((value) => value * initialCapitalQuote)),
      own: Float64Array.from(rows, (row) => dailyQuote[row]),
    },
    lossFraction,
    replicateCount,
  };
}
