/** Owns the summary of a run for a terminal. Never asks the terminal anything: colour and width are given. */
import { seriesName } from '../engine/model/bar.ts';
import { decimalsOf, tickStepOf } from '../engine/model/instrument.ts';
import type { RunResult } from '../engine/result.ts';
import { warningsOf } from './cautions.ts';
import { chargeLines } from './charge-lines.ts';
import { costsByRole } from './charts/costs.ts';
import { accountCurrency, quoteOf } from './currency.ts';
import { counted, dateUtc, fixed, money, percent, periodUtc, price, quantity, shownTimes, signed, timeUtc } from './format.ts';
import { intervalLines } from './interval-words.ts';
import { ambiguousBarsText, metricLine, metricText } from './metric-view.ts';
import { qualityText } from './quality-words.ts';
import { isSyntheticRun, type ReportInput } from './report-input.ts';
import { accountEvents, eventText, pausesText } from './risk-words.ts';
import { braillePicture, type PictureCell } from './sparkline.ts';

export interface SummaryOptions {
  /** ANSI colours. */
  readonly color: boolean;
  /** Characters a line; between 40 and 120 are used. */
  readonly width: number;
  /** Home folder that a command must name; left out where it finds the run without. */
  readonly home?: string | undefined;
}

/** Events of risk that are told one by one. */
const riskEventsMax = 6;

/** Room for a line, and the home folder that a command names. */
type Place = Pick<SummaryOptions, 'width' | 'home'>;

type Paint = (text: string) => string;
interface Paints {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly accent: Paint;
  readonly warn: Paint;
  readonly alarm: Paint;
}

/** Figures of the two columns, in reading order, row by row. */
const leftNames = [
  'returnFraction',
  'buyAndHoldReturnFraction',
  'cagrFraction',
  'sharpeRatio',
  'sortinoRatio',
  'drawdownFractionMax',
  'drawdownMsMax',
  'exposureFraction',
  'feeQuoteTotal',
  'slippageQuoteTotal',
];
const rightNames = [
  'equityQuoteFinal',
  'tradeCount',
  'winRateFraction',
  'profitFactor',
  'expectancyQuote',
  'tradeReturnFractionBest',
  'tradeReturnFractionWorst',
  'tradeMsAverage',
  'sqn',
];

/** What a reader of a terminal needs to believe or doubt the run, and where to read on. Ends with a line feed. */
export function summaryText(input: ReportInput, options: SummaryOptions): string {
  const paints = paintsFor(options.color);
  const width = Math.min(120, Math.max(40, Math.floor(options.width)));
  const lines = [
    ...titleLines(input, paints, width),
    '',
    ...pictureLines(input, paints, width),
    '',
    ...figureLines(input.result, paints, width),
    ...costLines(input, paints, width),
    ...chargeLinesOf(input.result, paints, width),
    ...positionLines(input.result, paints),
    ...riskLines(input, paints, { width, home: options.home }),
    ...warningLines(input, paints, width),
    '',
    ...intervalLinesOf(input, paints, width),
    ...qualityLines(input, paints, width),
    ...certificateLines(input, paints, { width, home: options.home }),
  ];
  return `${lines.join('\n')}\n`;
}

function titleLines(input: ReportInput, paints: Paints, width: number): string[] {
  const { result } = input;
  const parameters = Object.entries(result.parameters).map(([name, value]) => `${name} ${value}`);
  const lines = wrap(plain([result.strategyName, ...parameters].join(' · ')), width).map((line, i) => (i === 0 ? paints.bold(line) : line));
  for (const series of result.series) {
    const period = series.rowCount === 0 ? 'no bars in the window' : `${periodUtc(series.firstOpenMs, series.lastCloseMs).join(' → ')} UTC`;
    lines.push(
      `${plain(seriesName(series.key))}  ${paints.dim(`${period}  ${counted(series.rowCount, 'bar')}`)}${series.isSynthetic ? `  ${paints.alarm('SYNTHETIC')}` : ''}`,
    );
  }
  if (isSyntheticRun(result))
    lines.push(paints.alarm('SYNTHETIC DATA: no market ever made these prices; the result says nothing about any.'));
  return lines;
}

function pictureLines(input: ReportInput, paints: Paints, width: number): string[] {
  const { equity, buyAndHold, quoteCurrency } = input.result;
  if (equity.timeMs.length === 0) return [paints.dim('No equity: the window holds no bar.')];
  const labelWidth = 12;
  const height = 5;
  const picture = braillePicture({ front: equity.equityQuote, back: buyAndHold }, { width: width - labelWidth - 2, height });
  const lines = picture.rows.map((row, y) => {
    const label = y === 0 ? fixed(picture.highest, 0) : y === height - 1 ? fixed(picture.lowest, 0) : '';
    return `${paints.dim(`${label.padStart(labelWidth)} │`)}${painted(row, paints)}`;
  });
  const times = shownTimes(equity.timeMs);
  const moment = times === equity.timeMs ? timeUtc : dateUtc;
  const first = moment(times[0]);
  const last = moment(times[times.length - 1]);
  const gap = Math.max(1, width - labelWidth - 2 - first.length - last.length);
  lines.push(paints.dim(`${' '.repeat(labelWidth + 2)}${first}${' '.repeat(gap)}${last}`));
  lines.push(
    `${' '.repeat(labelWidth + 2)}${paints.accent('⣿ equity')}  ${paints.dim('⠒ buy and hold')}  ${paints.dim(`in ${plain(quoteCurrency)}`)}`,
  );
  return lines;
}

/** A row of the picture with one colour change a stretch, without the blanks at its end. */
function painted(row: readonly PictureCell[], paints: Paints): string {
  let text = '';
  let stretch = '';
  let layer: PictureCell['layer'] = 'none';
  const flush = () => {
    text += layer === 'front' ? paints.accent(stretch) : layer === 'back' ? paints.dim(stretch) : stretch;
    stretch = '';
  };
  let end = row.length;
  while (end > 0 && row[end - 1].layer === 'none') end--;
  for (let i = 0; i < end; i++) {
    if (row[i].layer !== layer) {
      flush();
      layer = row[i].layer;
    }
    stretch += row[i].character;
  }
  flush();
  return text;
}

function figureLines(result: RunResult, paints: Paints, width: number): string[] {
  const pairs = (names: readonly string[]) =>
    names.map((name) => [metricLine(name, result.metrics).label, metricText(name, result.metrics, accountCurrency(result))] as const);
  const left = pairs(leftNames);
  const right = [...pairs(rightNames), ['Ambiguous bars', ambiguousBarsText(result)] as const];
  const gutter = 4;
  const isOneColumn = width < 64;
  const columnWidth = isOneColumn ? width : Math.floor((width - gutter) / 2);
  const cell = ([label, text]: readonly [string, string]) =>
    `${paints.dim(label)}${' '.repeat(Math.max(1, columnWidth - label.length - text.length))}${text}`;
  if (isOneColumn) return [...left, ...right].map(cell);
  const lines: string[] = [];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const leftCell = left[i] ? cell(left[i]) : ' '.repeat(columnWidth);
    lines.push(right[i] ? `${leftCell}${' '.repeat(gutter)}${cell(right[i])}` : leftCell);
  }
  return lines;
}

/** Where fees and slippage come from, if from more than one purpose of orders. */
function costLines(input: ReportInput, paints: Paints, width: number): string[] {
  const roles = costsByRole(input).filter(({ feeQuote, slippageQuote }) => feeQuote + slippageQuote > 0);
  if (roles.length < 2) return [];
  const currency = accountCurrency(input.result);
  const columns = Math.min(width, 64);
  const line = (cells: readonly string[]) =>
    cells[0] +
    cells
      .slice(1)
      .map((cell) => cell.padStart(Math.floor((columns - 16) / 3)))
      .join('');
  const rows = roles.map(({ label, feeQuote, slippageQuote, notionalQuote }) =>
    line([
      label.padEnd(16),
      money(feeQuote, currency),
      money(slippageQuote, currency),
      percent((feeQuote + slippageQuote) / notionalQuote, 3),
    ]),
  );
  return ['', paints.bold(line(['Costs by purpose', 'fees', 'slippage', 'of notional'])), ...rows];
}

/** What the account was charged beside fees; nothing for most. */
function chargeLinesOf(result: RunResult, paints: Paints, width: number): string[] {
  const charges = chargeLines(result);
  if (charges.length === 0) return [];
  const columns = Math.min(width, 64);
  const rows = charges.map(({ label, text }) => {
    const amounts = plain(text);
    return `${label}${' '.repeat(Math.max(1, columns - label.length - amounts.length))}${amounts}`;
  });
  return ['', paints.bold('Charged beside fees'), ...rows];
}

function positionLines(result: RunResult, paints: Paints): string[] {
  if (result.openPositions.length === 0) return [];
  const lines = ['', paints.bold('Open at the end, outside trade statistics')];
  for (const position of result.openPositions) {
    const instrument = result.instruments[position.instrumentIndex];
    const side = position.sizeBase < 0 ? 'short' : 'long';
    const decimals = decimalsOf(tickStepOf(instrument));
    const quote = quoteOf(instrument);
    lines.push(
      `${plain(instrument.symbol)}  ${side} ${quantity(Math.abs(position.sizeBase))} at ${price(position.averagePriceQuote, decimals)}, marked ${price(position.markPriceQuote, decimals)}: ${signed(position.unrealisedPnlQuote, quote.decimals)} ${plain(quote.name)}`,
    );
  }
  return lines;
}

/** Changes of the account's state, the first few, since a rule may trip daily; pauses of single instruments by their number. */
function riskLines({ result, runId }: ReportInput, paints: Paints, { width, home }: Place): string[] {
  const events = accountEvents(result);
  const pauses = pausesText(result);
  if (events.length === 0 && pauses === '') return [];
  const lines = ['', paints.bold('Risk')];
  for (const event of events.slice(0, riskEventsMax)) {
    for (const [i, line] of wrap(plain(eventText(event, result)), width - 2).entries()) lines.push(i === 0 ? line : `  ${line}`);
  }
  if (events.length > riskEventsMax) {
    const how = `"npx playhead runs export ${plain(runId || 'last')}${homeOption(home)}" gives all`;
    lines.push(...wrap(`… and ${fixed(events.length - riskEventsMax, 0)} more; ${how}`, width).map(paints.dim));
  }
  if (pauses !== '') lines.push(...wrap(`entries into single instruments were paused: ${pauses}`, width));
  return lines;
}

function warningLines(input: ReportInput, paints: Paints, width: number): string[] {
  const warnings = warningsOf(input);
  if (warnings.length === 0) return [];
  const lines = [''];
  for (const warning of warnings) {
    for (const [i, line] of wrap(plain(warning), width - 2).entries()) lines.push(`${i === 0 ? paints.warn('! ') : '  '}${line}`);
  }
  return lines;
}

function intervalLinesOf({ interval, result }: ReportInput, paints: Paints, width: number): string[] {
  if (interval === null) return [];
  const name = 'Interval     ';
  const lines = intervalLines(interval, accountCurrency(result)).flatMap((line) => wrap(line, width - name.length));
  return lines.map((line, i) => (i === 0 ? paints.dim(name) : ' '.repeat(name.length)) + line);
}

function qualityLines(input: ReportInput, paints: Paints, width: number): string[] {
  const { quality } = input;
  const name = 'Data quality ';
  const label = paints.dim(name);
  if (quality === null) return [`${label}not checked`];
  const found = quality.issues.map((issue) => plain(qualityText(issue)));
  if (quality.missingBarCount > 0) {
    const share = percent(quality.missingBarCount / (quality.missingBarCount + quality.rowCount));
    found.push(`${counted(quality.missingBarCount, 'bar')} missing in ${counted(quality.gapCount, 'gap')} (${share})`);
  }
  if (found.length === 0) found.push(`no defect in ${counted(quality.rowCount, 'bar')}`);
  const lines = found.flatMap((text) => wrap(text, width - name.length));
  return lines.map((line, i) => (i === 0 ? label : ' '.repeat(name.length)) + line);
}

/** The command stands whole on one line, the last, so that it can be copied. */
function certificateLines(input: ReportInput, paints: Paints, { width, home }: Place): string[] {
  const hash = input.result.certificate.runHash.slice(0, 16);
  const command = `npx playhead verify ${plain(input.runId)}${homeOption(home)}`;
  const [label, how] = ['Certificate', 'check it with'];
  if (`${label}  ${hash}   ${how} ${command}`.length <= width) return [`${paints.dim(label)}  ${hash}   ${paints.dim(how)} ${command}`];
  return [`${paints.dim(label)}  ${hash}   ${paints.dim(how)}`, `  ${command}`];
}

function homeOption(home: string | undefined): string {
  return home === undefined ? '' : ` --home ${plain(home)}`;
}

/** Without control characters: a symbol or a message must not steer the terminal. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ');
}

/** Lines of at most width characters, broken at spaces; a longer word stands alone. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

function paintsFor(color: boolean): Paints {
  const paint = (code: string): Paint => (color ? (text) => (text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`) : (text) => text);
  return { bold: paint('1'), dim: paint('2'), accent: paint('36'), warn: paint('33;1'), alarm: paint('7;33;1') };
}
