/** Owns the report of a combinatorial cross-validation: its paths, its splits. Never reads a store, never joins a path. */
import { mean, standardDeviation } from '../../engine/metrics/moments.ts';
import { dotsChart, dotsMax } from '../charts/search/dots.ts';
import { objectiveChart } from '../charts/search/objective.ts';
import { pathLinesMax, pathsChart } from '../charts/search/paths.ts';
import { pairsChart } from '../charts/search/walkforward-charts.ts';
import { count, counted, fixed, percent, percentSigned, periodUtc } from '../format.ts';
import { searchClientCode } from '../html/client.ts';
import { escapeHtml } from '../html/escape.ts';
import { figureHtml } from '../html/figure.ts';
import { pageHtml } from '../html/page.ts';
import { scenarioText } from '../html/scenario-text.ts';
import { headHtml, navigationHtml, section, syntheticAlarm, tilesHtml, warningBox } from '../html/sections.ts';
import { table } from '../html/tables.ts';
import { metricLabel, metricText } from '../metric-view.ts';
import { valueText } from '../value-text.ts';
import type { CombinatorialReportInput } from './combinatorial-input.ts';

/** The same input gives the same bytes. */
export async function combinatorialReportHtml(input: CombinatorialReportInput): Promise<string> {
  const { id, name, strategyName, playhead, settings, walkForwardHash } = input;
  const hash = `<p class="hash">${escapeHtml(walkForwardHash)}</p>`;
  const body = [
    warningBox(input.isSynthetic ? syntheticAlarm : '', warningsOf(input)),
    tiles(input),
    await pathSections(input),
    await splitSection(input),
    section(
      'settings',
      'Settings',
      `<pre tabindex="0">${escapeHtml(scenarioText(settings))}</pre>`,
      'As resolved: with everything that was left to defaults.',
    ),
    section('certificate', 'Certificate', hash, 'SHA-256 over what was asked and every trial: the same on every machine.'),
  ];
  return pageHtml({
    title: `${name === '' ? strategyName : name} · combinatorial ${id}`,
    header: head(input),
    navigation: navigationHtml([
      ['paths', 'Paths'],
      ['sharpes', 'Sharpe ratios'],
      ['splits', 'Splits'],
      ['settings', 'Settings'],
      ['certificate', 'Certificate'],
    ]),
    body,
    footer: `playhead ${playhead} · walk-forward ${id}`,
    data: { hover: {} },
    scripts: [searchClientCode],
  });
}

function head({ name, strategyName, dimensions, objective, groups, splits, paths, series, dayMs }: CombinatorialReportInput): string {
  const soft = (text: string) => `<p class="soft">${escapeHtml(text)}</p>`;
  const shape = `${counted(groups.length, 'group')}, ${counted(splits.length, 'split')}, ${counted(paths.length, 'path')}`;
  const period = periodUtc(dayMs[0] - 86_400_000, dayMs[dayMs.length - 1]).join(' to ');
  return headHtml(name === '' ? strategyName : name, [
    soft(`Combinatorial cross-validation of ${strategyName} over ${dimensions.join(', ')} · ${shape} · best by ${metricLabel(objective)}`),
    soft(`${series.join(', ')} · ${period} UTC`),
  ]);
}

function warningsOf({ splits, failedCount }: CombinatorialReportInput): string[] {
  const broken = splits.filter(({ keepsConstraints }) => !keepsConstraints).length;
  return [
    ...(broken === 0 ? [] : [`No trial of ${counted(broken, 'split')} kept the constraints: the best of those that break them was taken.`]),
    ...(failedCount === 0 ? [] : [`${counted(failedCount, 'trial')} failed.`]),
  ];
}

function tiles({ paths, splits, trialCount, dayMs }: CombinatorialReportInput): string {
  const sharpes = sharpesOf(paths);
  const lost = paths.filter(({ returnFraction }) => returnFraction < 0).length;
  const returns = paths.map(({ returnFraction }) => returnFraction);
  const deepest = Math.max(...paths.map(({ drawdownFractionMax }) => drawdownFractionMax));
  return tilesHtml([
    [
      'Sharpe ratio, mean',
      fixed(mean(Float64Array.from(sharpes)), 2),
      `deviation ${fixed(standardDeviation(Float64Array.from(sharpes), 1), 2)} over paths`,
    ],
    [
      'Paths that lost',
      `${lost} of ${paths.length}`,
      `return ${percentSigned(Math.min(...returns))} to ${percentSigned(Math.max(...returns))}`,
    ],
    ['Deepest drawdown', percent(deepest), 'of any path, at the ends of days'],
    ['Trials', count(trialCount), `${counted(splits.length, 'choice')} over ${counted(dayMs.length, 'day')}`],
  ]);
}

function sharpesOf(paths: CombinatorialReportInput['paths']): number[] {
  return paths.map(({ sharpeRatio }) => sharpeRatio).filter(Number.isFinite);
}

async function pathSections(input: CombinatorialReportInput): Promise<string> {
  const { paths, groups } = input;
  const sharpes = sharpesOf(paths);
  const picture = await figureHtml({ id: 'paths-chart', height: 300, draw: (options) => pathsChart(input, options) });
  const thinned = paths.length > pathLinesMax ? ` Every so manyth of ${count(paths.length)} is drawn.` : '';
  const note = `Each line goes through all ${groups.length} groups of days, in each with what did best on other days; the thick one is in the middle by its Sharpe ratio. Paths share days and are not independent.${thinned}`;
  const shown = { metric: 'sharpeRatio', values: sharpes, noun: 'path' } as const;
  const best = Math.max(...sharpes);
  const distribution =
    sharpes.length < 2
      ? '<p class="soft">There are fewer than two.</p>'
      : await figureHtml({
          ...{ id: 'sharpes-chart', height: sharpes.length <= dotsMax ? 110 : 180 },
          draw: (options) =>
            sharpes.length <= dotsMax ? dotsChart(shown, options) : objectiveChart({ ...shown, best, chance: null }, options),
        });
  return (
    section('paths', 'Growth of the paths', picture, note) +
    section(
      'sharpes',
      'Sharpe ratios of the paths',
      distribution,
      'How far apart the same procedure comes out, for no other reason than which days it learned from.',
    )
  );
}

async function splitSection({ splits, objective, dimensions }: CombinatorialReportInput): Promise<string> {
  const pairs = splits.map(({ trained, testedObjective }) => ({ inside: trained, outside: testedObjective }));
  const picture = await figureHtml({
    id: 'pairs-chart',
    height: 260,
    draw: (options) => pairsChart(pairs, { objective, noun: 'split' }, options),
  });
  const number = (title: string) => ({ title, isNumber: true });
  const label = metricLabel(objective);
  const columns = [number('#'), { title: 'Groups tested' }, ...dimensions.map(number), number(`${label} in`), number(`${label} out`)];
  const rows = splits.map(({ tested, parameters, trained, testedObjective }, k) => [
    ...[String(k + 1), tested.map((group) => group + 1).join(' '), ...dimensions.map((name) => valueText(parameters[name]))],
    ...[trained, testedObjective].map((value) => metricText(objective, { [objective]: value })),
  ]);
  const open = table(columns, rows.slice(0, 12), { isStacked: true });
  const more = rows.slice(12, 300);
  const rest =
    more.length === 0
      ? ''
      : `<details><summary>${counted(more.length, 'more row')}</summary>${table(columns, more, { isStacked: true })}</details>`;
  const note = 'What did best on the days outside of the tested groups, and what it did in them.';
  return section('splits', `${label} in training and in the test of each split`, picture + open + rest, note);
}
