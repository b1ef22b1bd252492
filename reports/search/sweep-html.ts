/** Owns the report of a sweep: one file that opens offline. Never reads a store, never ranks a trial. */
import { metricNames } from '../../engine/metrics/catalogue.ts';
import { ledgerGrowthChart } from '../charts/search/ledger-growth.ts';
import { objectiveChart } from '../charts/search/objective.ts';
import { linesMaxOf, parallelChart } from '../charts/search/parallel.ts';
import { bestLabel, middleLabel, type TrialCurves, trialEquityChart } from '../charts/search/trial-equity.ts';
import { currencyOf } from '../currency.ts';
import { failureKinds } from '../failure-kinds.ts';
import { count, counted, dateUtc, fixed, percent, periodUtc, shownTimes } from '../format.ts';
import { searchClientCode } from '../html/client.ts';
import { escapeHtml } from '../html/escape.ts';
import { figureHtml, halfWidths, widths } from '../html/figure.ts';
import { pageHtml } from '../html/page.ts';
import { hoverData } from '../html/page-data.ts';
import { scenarioText } from '../html/scenario-text.ts';
import { headHtml, navigationHtml, section, syntheticAlarm, tilesHtml, warningBox } from '../html/sections.ts';
import { table } from '../html/tables.ts';
import { metricLabel, metricText } from '../metric-view.ts';
import { sweepRows } from '../sweep-words.ts';
import { valueText } from '../value-text.ts';
import { chanceOf } from './chance.ts';
import { type ScoredTrial, scoredTrials, shareExplained } from './landscape.ts';
import { mapSection } from './map-section.ts';
import type { SweepReportInput } from './sweep-input.ts';

const rowsMax = 50;
const curvesMax = 5;

/** The same input gives the same bytes. */
export async function sweepReportHtml(input: SweepReportInput): Promise<string> {
  const scored = scoredTrials(input);
  const failedCount = input.trials.filter(({ failure }) => failure !== null).length;
  const curves = curvesOf(input, scored);
  const none = '<p class="soft">No trial has a figure to draw.</p>';
  const body = [
    warningBox(input.isSynthetic ? syntheticAlarm : '', warningsOf(input, scored)),
    tiles(input, scored, failedCount),
    section('best', 'The best trials', scored.length > 0 ? bestTable(input) : none, bestNote(input, scored)),
    ...(scored.length > 0
      ? [
          await mapSection(input, scored),
          await parallelSection(input, scored),
          await objectiveSections(input, scored),
          await equitySection(curves),
        ]
      : []),
    await ledgerSection(input),
    failedCount > 0 ? failedSection(input) : '',
    section(
      'search',
      'Search',
      `<pre tabindex="0">${escapeHtml(scenarioText(input.search))}</pre>`,
      'As resolved: with everything that was left to defaults.',
    ),
    certificateSection(input),
  ];
  const links: (readonly [string, string])[] = [
    ['best', 'Best'],
    ...(scored.length > 0
      ? ([
          ['map', 'Map'],
          ['parallel', 'Parameters'],
          ['objective', 'Distribution'],
          ['equity', 'Equity'],
        ] as const)
      : []),
    ['ledger', 'Ledger'],
    ...(failedCount > 0 ? ([['failed', 'Failed']] as const) : []),
    ['search', 'Search'],
    ['certificate', 'Certificate'],
  ];
  return pageHtml({
    title: `${input.name} · sweep ${input.id}`,
    header: head(input),
    navigation: navigationHtml(links),
    body,
    footer: `playhead ${input.playhead} · sweep ${input.id}`,
    data: { hover: curves === null ? {} : { 'curves-chart': hoverOf(curves) } },
    scripts: [searchClientCode],
  });
}

function head({ name, strategyName, dimensions, objective, isSmallestBest, series, fromMs, toMs }: SweepReportInput): string {
  const soft = (text: string) => `<p class="soft">${escapeHtml(text)}</p>`;
  const period = periodUtc(fromMs, toMs).join(' to ');
  return headHtml(name === '' ? strategyName : name, [
    soft(
      `Sweep of ${strategyName} over ${dimensions.join(', ')} · best by ${isSmallestBest ? 'the smallest ' : ''}${metricLabel(objective)}`,
    ),
    soft(`${series.join(', ')} · ${period} UTC`),
  ]);
}

function warningsOf({ order, trials, objective, shorter }: SweepReportInput, scored: readonly ScoredTrial[]): string[] {
  if (scored.length === 0) return ['No trial came to an end with a defined objective: there is no best.'];
  const first = trials[order[0]];
  const undefinedCount = trials.filter(({ failure }) => failure === null).length - scored.length;
  const left =
    undefinedCount === 0
      ? ''
      : ` For ${count(undefinedCount)} of them ${metricLabel(objective)} is not defined: the pictures show the other ${count(scored.length)}.`;
  const words = [
    `The best of ${counted(scored.length + undefinedCount + shorterCountOf(shorter), 'trial')} is partly luck: "playhead overfit" says how much.${left}`,
  ];
  if (shorter.length > 0) {
    const rungs = shorter.map(({ trialCount, toMs }) => `${count(trialCount)} up to ${dateUtc(toMs)}`);
    words.push(
      `Halving played ${rungs.join(', ')} and ${count(trials.length)} on the whole window, which alone are shown: those it dropped have no figures of the whole.`,
    );
  }
  if (first !== scored[0].trial)
    words.push(`The first by rank has no finite ${metricLabel(objective)}; pictures begin with the first that has.`);
  return words;
}

/** Trials that were played on parts of the window: chances to be lucky as those of the whole are. */
function shorterCountOf(shorter: SweepReportInput['shorter']): number {
  return shorter.reduce((sum, { trialCount }) => sum + trialCount, 0);
}

function tiles({ objective, trials, ledger, shorter }: SweepReportInput, scored: readonly ScoredTrial[], failedCount: number): string {
  const text = (value: number): string => metricText(objective, { [objective]: value });
  const middle = scored[Math.floor((scored.length - 1) / 2)]?.value ?? Number.NaN;
  const returnAt = metricNames.indexOf('returnFraction');
  const gained = scored.filter(({ trial }) => trial.metrics[returnAt] > 0).length;
  const known = ledger.at(-1);
  return tilesHtml([
    [`Best ${metricLabel(objective)}`, text(scored[0]?.value ?? Number.NaN), `middle ${text(middle)}`],
    [
      'Trials',
      count(trials.length + shorterCountOf(shorter)),
      `${shorter.length === 0 ? '' : `${count(trials.length)} of them on the whole window, of which `}${failedCount > 0 ? `${count(failedCount)} failed` : 'none failed'}`,
    ],
    ['Earned something', percent(gained / scored.length, 1), 'share of trials with a return above 0'],
    ['Ever tried here', count(known?.distinctCount ?? 0), `distinct, in ${counted(ledger.length, 'search', 'searches')} on these bars`],
  ]);
}

function bestNote({ trials }: SweepReportInput, scored: readonly ScoredTrial[]): string {
  const shown = Math.min(rowsMax, trials.length);
  return scored.length === 0 || shown === trials.length
    ? ''
    : `The first ${fixed(shown, 0)} of ${count(trials.length)} by rank; the sweep's folder holds all.`;
}

function bestTable(input: SweepReportInput): string {
  const [titles, ...rows] = sweepRows(input, rowsMax);
  const columns = titles.map((title, i) => ({ title: i === 0 ? '#' : title, isNumber: true }));
  const open = table(columns, rows.slice(0, 15));
  const more = rows.slice(15);
  return more.length === 0
    ? open
    : `${open}<details><summary>${counted(more.length, 'more row')}</summary>${table(columns, more)}</details>`;
}

async function parallelSection(input: SweepReportInput, scored: readonly ScoredTrial[]): Promise<string> {
  const shareOf = new Map(input.dimensions.map((name) => [name, shareExplained(scored, [name]) || 0]));
  const names = [...input.dimensions].sort((a, b) => (shareOf.get(a) ?? 0) - (shareOf.get(b) ?? 0));
  const picture = await figureHtml({
    id: 'parallel-chart',
    height: 320,
    draw: (options) => parallelChart(input, { scored, names }, options),
  });
  const most = linesMaxOf(widths.wide);
  const thinned =
    scored.length > most
      ? ` ${fixed(most, 0)} of ${count(scored.length)} are drawn, the best of them all (on a phone ${fixed(linesMaxOf(widths.narrow), 0)}).`
      : '';
  const note = `Each line is a trial, the thick one the best; the objective stands last, its best end on top, and the parameter that decides most beside it.${thinned}`;
  return section('parallel', 'Parameters to objective', picture, note);
}

async function objectiveSections(input: SweepReportInput, scored: readonly ScoredTrial[]): Promise<string> {
  const { objective } = input;
  const chance = chanceOf(input, scored);
  const sharpeAt = metricNames.indexOf('sharpeRatio');
  const sharpes = scored.map(({ trial }) => trial.metrics[sharpeAt]).filter(Number.isFinite);
  const byChance =
    chance === null
      ? ''
      : `The dashed curve: where ${count(scored.length)} trials without any edge would lie. ${input.shorter.length === 0 ? 'They' : 'With those played on parts of the window they'} are worth ${fixed(chance.trialCountEffective, 1)} independent ones, of which the best is expected to show ${fixed(chance.expectedBest, 2)} by luck.`;
  const own = {
    ...{ metric: objective, values: scored.map(({ value }) => value), best: scored[0].value },
    chance: objective === 'sharpeRatio' ? chance : null,
  };
  const isSharpe = objective === 'sharpeRatio';
  const form = isSharpe || sharpes.length === 0 ? undefined : halfWidths;
  const first = section(
    'objective',
    `${metricLabel(objective)} of all trials`,
    await figureHtml({ id: 'objective-chart', height: 240, draw: (options) => objectiveChart(own, options) }, form),
    isSharpe ? byChance : 'How often the objective lay where; the line is the best.',
  );
  if (form === undefined) return first;
  const sharpe = { metric: 'sharpeRatio', values: sharpes, best: scored[0].trial.metrics[sharpeAt], chance } as const;
  const picture = await figureHtml({ id: 'sharpe-chart', height: 240, draw: (options) => objectiveChart(sharpe, options) }, form);
  return `<div class="pair">${first}${section('sharpe', 'Sharpe ratio of all trials', picture, byChance)}</div>`;
}

function curvesOf(input: SweepReportInput, scored: readonly ScoredTrial[]): TrialCurves | null {
  const { dayMs, initialCapitalQuote, quoteCurrency } = input;
  if (scored.length === 0 || dayMs.length < 2) return null;
  // Sets that came out alike would be drawn over each other.
  const best: Float64Array[] = [];
  for (const { trial } of scored) {
    if (best.length === curvesMax) break;
    if (!best.some((one) => one.every((quote, day) => quote === trial.dailyQuote[day]))) best.push(trial.dailyQuote);
  }
  return { dayMs, initialCapitalQuote, quoteCurrency, best, middle: scored[Math.floor((scored.length - 1) / 2)].trial.dailyQuote };
}

async function equitySection(curves: TrialCurves | null): Promise<string> {
  if (curves === null) return section('equity', 'Equity', '<p class="soft">The window holds fewer than two days.</p>');
  const picture = await figureHtml({ id: 'curves-chart', height: 280, draw: (options) => trialEquityChart(curves, options) });
  const note = `At the end of each UTC day: the best ${curves.best.length === 1 ? 'trial' : `${curves.best.length} that differ`}, and the trial in the middle of the ranking, which is what the strategy does without luck in its parameters.`;
  return section('equity', `Equity of the best in ${curves.quoteCurrency}`, picture, note);
}

function hoverOf({ dayMs, best, middle, quoteCurrency }: TrialCurves): object {
  const series = [
    { name: bestLabel, column: best[0] },
    { name: middleLabel, column: middle },
  ];
  return hoverData(shownTimes(dayMs), series, currencyOf(quoteCurrency).decimals);
}

async function ledgerSection({ ledger }: SweepReportInput): Promise<string> {
  const note = 'Whatever was ever tried on these bars in this home folder counts when luck is judged, this sweep included.';
  if (ledger.length === 0) return section('ledger', 'Trial ledger', '<p class="soft">It holds nothing on these bars.</p>', note);
  // One search is a point, no growth.
  const picture =
    ledger.length === 1 ? '' : await figureHtml({ id: 'ledger-chart', height: 170, draw: (options) => ledgerGrowthChart(ledger, options) });
  const last = ledger[ledger.length - 1];
  const words = `${counted(last.distinctCount, 'distinct trial')} of ${count(ledger.reduce((sum, one) => sum + one.trialCount, 0))} in ${counted(ledger.length, 'search', 'searches')} on these bars.`;
  return section('ledger', 'Trial ledger', `<p class="soft">${escapeHtml(words)}</p>${picture}`, note);
}

/** One row for each way to fail. */
function failedSection({ trials, dimensions }: SweepReportInput): string {
  const rows = failureKinds(trials).map(({ code, count: times, message, first }) => {
    const set = dimensions.map((name) => `${name} ${valueText(first.parameters[name])}`).join(', ');
    return [code, fixed(times, 0), message, `trial ${first.index}: ${set}`];
  });
  const columns = [{ title: 'Code' }, { title: 'Trials', isNumber: true }, { title: 'What happened' }, { title: 'First' }];
  const rest = rows.length > 20 ? `<p class="soft">${fixed(rows.length - 20, 0)} more ways to fail are not shown.</p>` : '';
  return section(
    'failed',
    'Failed trials',
    table(columns, rows.slice(0, 20), { isStacked: true }) + rest,
    'They rank behind all others and returned nothing.',
  );
}

function certificateSection({ id, sweepHash, trials, order }: SweepReportInput): string {
  const best = trials[order[0]];
  const rows = [
    ['sweep', 'the search and every trial', sweepHash],
    ...(best === undefined || best.failure !== null
      ? []
      : [['best trial', 'fills, figures and daily equity: equal in a single run', best.trialHash]]),
  ];
  const cells = rows.map(
    ([name, covers, hash]) => `<tr><td>${name}</td><td class="soft">${covers}</td><td class="hash">${escapeHtml(hash)}</td></tr>`,
  );
  const set =
    best === undefined
      ? ''
      : Object.entries(best.parameters)
          .map(([name, value]) => ` --set strategy.parameters.${name}=${String(value)}`)
          .join('');
  const play =
    set === ''
      ? ''
      : `<p class="soft">Play the best by itself, from its scenario:</p><pre class="wrapped" tabindex="0">npx playhead run scenario.yaml${escapeHtml(set)}</pre>`;
  const how = `<p class="soft">The same scenario gives the same hash on every machine; judge it with <code>npx playhead overfit ${escapeHtml(id)}</code>.</p>`;
  const head = '<thead><tr><th scope="col">Of</th><th scope="col">covers</th><th scope="col">SHA-256</th></tr></thead>';
  return section(
    'certificate',
    'Certificate',
    `${how}${play}<div class="scroll"><table class="stack">${head}<tbody>${cells.join('\n')}</tbody></table></div>`,
  );
}
