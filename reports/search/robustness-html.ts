/** Owns the report of "playhead robustness": the verdict, shocks as bars, other paths and orders. Never judges, never plays. */

import { shocksChart, shocksHeight } from '../charts/search/shocks.ts';
import { fixed, percent, percentSigned } from '../format.ts';
import { searchClientCode } from '../html/client.ts';
import { escapeHtml } from '../html/escape.ts';
import { figureHtml, halfWidths } from '../html/figure.ts';
import { pageHtml } from '../html/page.ts';
import { headHtml, navigationHtml, section, syntheticAlarm, tilesHtml, warningBox } from '../html/sections.ts';
import { table } from '../html/tables.ts';
import { fateNotes, fateRows, robustnessRows, robustnessVerdict } from '../robustness-words.ts';
import { valueText } from '../value-text.ts';
import type { RobustnessReportInput } from './robustness-input.ts';

/** The same input gives the same bytes. */
export async function robustnessReportHtml(input: RobustnessReportInput): Promise<string> {
  const { name, sweep, report, playhead, seed } = input;
  const body = [
    warningBox(input.isSynthetic ? syntheticAlarm : '', []),
    verdictHtml(input),
    tiles(input),
    await shockSections(input),
    shockTable(input),
    fateSection(input),
    section('limits', 'Limits', listHtml(report.limits)),
  ];
  return pageHtml({
    title: `${name} · robustness${sweep === null ? '' : ` of sweep ${sweep.id}`}`,
    header: head(input),
    navigation: navigationHtml([
      ['verdict', 'Verdict'],
      ['shocks', 'Shocks'],
      ['runs', 'Runs'],
      ['fates', 'Other paths'],
      ['limits', 'Limits'],
    ]),
    body,
    footer: `playhead ${playhead} · ${sweep === null ? 'scenario' : `sweep ${sweep.id} · trial ${sweep.index}`} · seed ${seed}`,
    data: { hover: {} },
    scripts: [searchClientCode],
  });
}

function listHtml(sentences: readonly string[]): string {
  return `<ul class="limits">${sentences.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`;
}

function head({ name, sweep, parameters }: RobustnessReportInput): string {
  const set = Object.entries(parameters).map(([parameter, value]) => `${parameter} ${valueText(value)}`);
  const from = sweep === null ? 'As the scenario has it' : `Sweep ${sweep.id}, trial ${sweep.index}`;
  return headHtml(`What shocks leave of it: ${name}`, [`<p class="soft">${escapeHtml(`${from}: ${set.join(' · ')}`)}</p>`]);
}

function verdictHtml({ report }: RobustnessReportInput): string {
  const look = { robust: 'holds', fragile: 'luck', nothing: 'luck' }[report.verdict];
  const reasons = report.reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('');
  return `<section id="verdict" class="verdict ${look}"><h2>${escapeHtml(robustnessVerdict(report))}</h2><ul>${reasons}</ul></section>`;
}

function tiles({ report }: RobustnessReportInput): string {
  const { base, shocks } = report;
  const judged = shocks.filter(({ isPassed }) => isPassed !== null);
  const worst = shocks.reduce((least, { figures }) => Math.min(least, figures.returnFraction.low), Number.POSITIVE_INFINITY);
  return tilesHtml([
    ['Return as it is', percentSigned(base.returnFraction), `Sharpe ratio ${fixed(base.sharpeRatio, 3)}`],
    ['Deepest drawdown', percent(base.drawdownFractionMax), `${fixed(base.tradeCount, 0)} trades`],
    [
      'Judged shocks passed',
      `${judged.filter(({ isPassed }) => isPassed).length} of ${judged.length}`,
      `of ${shocks.length} that were played`,
    ],
    ['Lowest return', percentSigned(Number.isFinite(worst) ? worst : Number.NaN), 'of one shock, or of 5% of its runs'],
  ]);
}

async function shockSections({ report }: RobustnessReportInput): Promise<string> {
  const { base, shocks } = report;
  const draw = (metric: 'returnFraction' | 'drawdownFractionMax') => {
    const figure = {
      id: `${metric === 'returnFraction' ? 'return' : 'drawdown'}-chart`,
      height: (width: number) => shocksHeight(shocks, width),
    };
    return figureHtml({ ...figure, draw: (options) => shocksChart({ shocks, own: base[metric] }, metric, options) }, halfWidths);
  };
  const note = 'The mark is the middle of the runs, the bar 5 to 95% of them; the dashed line is the run as it is.';
  return `<div class="pair">${section('shocks', 'Return under shocks', await draw('returnFraction'), note)}${section('drawdowns', 'Deepest drawdown under shocks', await draw('drawdownFractionMax'), 'Each shock is played by itself. Circles (blue) passed, triangles (orange) are broken, squares are not judged.')}</div>`;
}

function shockTable({ report }: RobustnessReportInput): string {
  const [titles, ...rows] = robustnessRows(report);
  const columns = titles.map((title, i) => ({
    title: i === 0 ? 'Shock' : i === titles.length - 1 ? 'outcome' : title,
    isNumber: i > 0 && i < titles.length - 1,
  }));
  return section(
    'runs',
    'Every shock',
    table(columns, rows, { isStacked: true }),
    'A shock that is judged is passed where 95% of its runs earn and half of the return is left in the middle of them.',
  );
}

function fateSection({ paths, trades, report, ruinFraction }: RobustnessReportInput): string {
  const [titles, ...rows] = fateRows({ paths, trades });
  if (titles === undefined) return section('fates', 'Other paths and orders', '<p class="soft">None were played.</p>');
  const columns = titles.map((title, i) => ({ title: i === 0 ? 'Figure' : title, isNumber: i > 0 }));
  const notes = listHtml(fateNotes({ paths, trades }, { base: report.base, ruinFraction }));
  return section(
    'fates',
    'Other paths and orders',
    table(columns, rows, { isStacked: true }) + notes,
    'Prices drawn anew in blocks, and the same trades in another order or drawn anew.',
  );
}
