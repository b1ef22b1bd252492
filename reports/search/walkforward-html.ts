/** Owns the report of a walk-forward: one file that opens offline. Never reads a store, never plays or chooses. */
import {
  driftChart,
  heldLabel,
  pairsChart,
  testsChart,
  testsLabel,
  windowRowsMax,
  windowsChart,
  windowsHeight,
} from '../charts/search/walkforward-charts.ts';
import { currencyOf } from '../currency.ts';
import { count, counted, fixed, money, percentSigned, periodUtc, shownTimes } from '../format.ts';
import { searchClientCode } from '../html/client.ts';
import { escapeHtml } from '../html/escape.ts';
import { figureHtml, halfWidths } from '../html/figure.ts';
import { pageHtml } from '../html/page.ts';
import { hoverData } from '../html/page-data.ts';
import { scenarioText } from '../html/scenario-text.ts';
import { headHtml, navigationHtml, section, syntheticAlarm, tilesHtml, warningBox } from '../html/sections.ts';
import { metricGroupsTable, table } from '../html/tables.ts';
import { metricLabel, metricText } from '../metric-view.ts';
import { valueText } from '../value-text.ts';
import { foldsText } from '../walkforward-words.ts';
import type { WalkForwardReportInput } from './walkforward-input.ts';

/** Parameters whose drift is drawn. */
const driftsMax = 6;

/** The same input gives the same bytes. */
export async function walkForwardReportHtml(input: WalkForwardReportInput): Promise<string> {
  const { id, name, strategyName, playhead, settings, metrics } = input;
  const currency = currencyOf(input.quoteCurrency);
  const body = [
    warningBox(input.isSynthetic ? syntheticAlarm : '', warningsOf(input)),
    tiles(input),
    await testsSection(input),
    await pairSections(input),
    await driftSection(input),
    section('folds', 'Folds', foldTable(input), 'What did best in training, and what it did in the test after: in and out of sample.'),
    section('figures', 'Figures of the one account', metricGroupsTable(metrics, currency), 'Point at a name for its convention.'),
    section(
      'settings',
      'Settings',
      `<pre tabindex="0">${escapeHtml(scenarioText(settings))}</pre>`,
      'As resolved: with everything that was left to defaults.',
    ),
    certificateSection(input),
  ];
  return pageHtml({
    title: `${name === '' ? strategyName : name} · walk-forward${id === '' ? '' : ` ${id}`}`,
    header: head(input),
    navigation: navigationHtml([
      ['tests', 'Tests'],
      ['pairs', 'In and out'],
      ['drift', 'Parameters'],
      ['folds', 'Folds'],
      ['figures', 'Figures'],
      ['settings', 'Settings'],
      ['certificate', 'Certificate'],
    ]),
    body,
    footer: `playhead ${playhead} · walk-forward ${id === '' ? input.walkForwardHash.slice(0, 16) : id}`,
    data: { hover: hoverOf(input) },
    scripts: [searchClientCode],
  });
}

function head({ name, strategyName, dimensions, objective, isSmallestBest, scheme, folds, series }: WalkForwardReportInput): string {
  const soft = (text: string) => `<p class="soft">${escapeHtml(text)}</p>`;
  const [first, last] = [folds[0], folds[folds.length - 1]];
  const best = `best by ${isSmallestBest ? 'the smallest ' : ''}${metricLabel(objective)}`;
  const tested = periodUtc(first.test.fromMs, last.test.toMs).join(' to ');
  return headHtml(name === '' ? strategyName : name, [
    soft(`Walk-forward of ${strategyName} over ${dimensions.join(', ')} · ${scheme}, ${counted(folds.length, 'fold')} · ${best}`),
    soft(`${series.join(', ')} · tests ${tested} UTC`),
  ]);
}

function warningsOf({ tStatistic, folds }: WalkForwardReportInput): string[] {
  const words: string[] = [];
  if (!(tStatistic >= 2)) words.push(`The t-statistic of the tests is ${fixed(tStatistic, 2)}: below 2 they may well be luck.`);
  const broken = foldsText(folds.map(({ keepsConstraints }) => !keepsConstraints));
  if (broken !== '') words.push(`No trial of ${broken} kept the constraints: the best of those that break them was traded.`);
  const never = foldsText(folds.map(({ hasDecided }) => !hasDecided));
  if (never !== '') words.push(`The parameters of ${never} never decided: a position of earlier ones lasted longer than the test.`);
  const failed = folds.reduce((sum, fold) => sum + fold.failedCount, 0);
  if (failed > 0) words.push(`${counted(failed, 'trial')} failed.`);
  return words;
}

function tiles({ metrics, tStatistic, sharpeInterval, efficiency, folds, daily }: WalkForwardReportInput): string {
  const text = (name: string): string => metricText(name, metrics);
  const earned = folds.filter(({ testMetrics }) => testMetrics.returnFraction > 0).length;
  const trials = folds.reduce((sum, { trialCount }) => sum + trialCount, 0);
  return tilesHtml([
    ['Return of the tests', text('returnFraction'), `buy and hold ${text('buyAndHoldReturnFraction')}`],
    ['Sharpe ratio', fixed(metrics.sharpeRatio, 2), `95%: ${fixed(sharpeInterval.low, 2)} to ${fixed(sharpeInterval.high, 2)}`],
    ['t-statistic', fixed(tStatistic, 2), `over ${counted(daily.timeMs.length, 'day')}`],
    ['Deepest drawdown', text('drawdownFractionMax'), `${text('tradeCount')} trades`],
    ['Tests that earned', `${earned} of ${folds.length}`, `after ${counted(trials, 'trial')} in training`],
    [
      'Efficiency',
      efficiency.foldCount === 0 ? '–' : fixed(efficiency.median, 2),
      efficiency.foldCount === 0
        ? 'no training earned anything'
        : `median of ${counted(efficiency.foldCount, 'fold')}: return a year, test over training`,
    ],
  ]);
}

async function testsSection(input: WalkForwardReportInput): Promise<string> {
  const { folds, daily, quoteCurrency, initialCapitalQuote } = input;
  const currency = currencyOf(quoteCurrency);
  const title = `The tests as one account in ${quoteCurrency}`;
  if (daily.timeMs.length < 2) return section('tests', title, '<p class="soft">The tests hold fewer than two days.</p>');
  const equity = await figureHtml({ id: 'tests-chart', height: 300, draw: (options) => testsChart(input, options) });
  const windows = await figureHtml({ id: 'windows-chart', height: windowsHeight(folds), draw: (options) => windowsChart(folds, options) });
  const end = money(daily.equityQuote[daily.equityQuote.length - 1], currency);
  const cut = folds.length > windowRowsMax ? ` The windows of the first ${windowRowsMax} folds are drawn.` : '';
  const note = `From ${money(initialCapitalQuote, currency)} to ${end}, out of sample throughout: each band is a test, played with what did best in the training before it.${cut}`;
  return section('tests', title, equity + windows, note);
}

async function pairSections({ folds, objective }: WalkForwardReportInput): Promise<string> {
  const pairs = folds.map(({ trainMetrics, testMetrics }) => ({ inside: trainMetrics[objective], outside: testMetrics[objective] }));
  const picture = await figureHtml({
    ...{ id: 'pairs-chart', height: 260 },
    draw: (options) => pairsChart(pairs, { objective, noun: 'fold' }, options),
  });
  const note =
    'What was chosen did its best in training: the fall to the test is what choosing takes. Tests are short, so single folds scatter; one in which nothing moved may have no point.';
  return section('pairs', `${metricLabel(objective)} in training and in the test`, picture, note);
}

async function driftSection({ folds, dimensions }: WalkForwardReportInput): Promise<string> {
  const pictures: string[] = [];
  const shown = dimensions.slice(0, driftsMax);
  for (const [i, name] of shown.entries()) {
    const draw = figureHtml({ id: `drift-${i + 1}-chart`, height: 130, draw: (options) => driftChart(folds, name, options) }, halfWidths);
    const values = new Set(folds.map(({ parameters }) => parameters[name])).size;
    pictures.push(
      `<div class="drift"><h3>${escapeHtml(`${name}: ${counted(values, 'value')} in ${counted(folds.length, 'fold')}`)}</h3>${await draw}</div>`,
    );
  }
  const left = dimensions.length > shown.length ? ` The first ${shown.length} of ${dimensions.length} are drawn; the table holds all.` : '';
  const note = `What training chose, fold after fold. Parameters that jump about were chosen by noise.${left}`;
  return section('drift', 'Chosen parameters', `<div class="pair">${pictures.join('\n')}</div>`, note);
}

function foldTable({ folds, dimensions, objective }: WalkForwardReportInput): string {
  const number = (title: string) => ({ title, isNumber: true });
  const label = metricLabel(objective);
  const columns = [
    ...[number('#'), { title: 'Training', isWhole: true }, { title: 'Test', isWhole: true }, ...dimensions.map(number)],
    ...[number(`${label} in`), number(`${label} out`), number('Return in'), number('Return out'), number('Trades')],
  ];
  const days = ({ fromMs, toMs }: { fromMs: number; toMs: number }): string => periodUtc(fromMs, toMs).join(' – ');
  const rows = folds.map(({ train, test, parameters, trainMetrics, testMetrics }, k) => [
    ...[String(k + 1), days(train), days(test), ...dimensions.map((name) => valueText(parameters[name]))],
    ...[metricText(objective, trainMetrics), metricText(objective, testMetrics)],
    ...[percentSigned(trainMetrics.returnFraction), percentSigned(testMetrics.returnFraction), count(testMetrics.tradeCount)],
  ]);
  return table(columns, rows, { isStacked: true });
}

function certificateSection({ walkForwardHash }: WalkForwardReportInput): string {
  const how = '<p class="soft">The same scenario gives the same hash on every machine, whatever threads and stops.</p>';
  const row = `<tr><td>walk-forward</td><td class="soft">its schedule, every choice and every test</td><td class="hash">${escapeHtml(walkForwardHash)}</td></tr>`;
  const columns = '<thead><tr><th scope="col">Of</th><th scope="col">covers</th><th scope="col">SHA-256</th></tr></thead>';
  return section(
    'certificate',
    'Certificate',
    `${how}<div class="scroll"><table class="stack">${columns}<tbody>${row}</tbody></table></div>`,
  );
}

function hoverOf({ daily, quoteCurrency }: WalkForwardReportInput): Record<string, object> {
  if (daily.timeMs.length < 2) return {};
  const series = [
    { name: testsLabel, column: daily.equityQuote },
    { name: heldLabel, column: daily.heldQuote },
  ];
  return { 'tests-chart': hoverData(shownTimes(daily.timeMs), series, currencyOf(quoteCurrency).decimals) };
}
