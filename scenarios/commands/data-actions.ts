/** Owns what the data commands do and print: results to stdout, progress to stderr. Never parses the command line. */
import { openCatalogue } from '../../data/catalogue.ts';
import { countText as count, counted } from '../../data/count-text.ts';
import { type ExportOptions, exportBars } from '../../data/export-bars.ts';
import { type ImportOptions, type ImportReport, importBars } from '../../data/import-bars.ts';
import { importSynthetic } from '../../data/import-columns.ts';
import { type InstrumentRecord, type InstrumentRules, instrumentOf, readInstruments, setInstrument } from '../../data/instruments.ts';
import { loadTape, verifySegments } from '../../data/load-tape.ts';
import type { Manifest } from '../../data/manifest.ts';
import { checkQuality, findingText, type QualityReport, rejections } from '../../data/quality.ts';
import { timeText } from '../../data/quality-scan.ts';
import { removeSeries } from '../../data/remove-series.ts';
import { type ResampleSeriesOptions, resampleSeries } from '../../data/resample-series.ts';
import type { RegimeName } from '../../data/synthesise.ts';
import { ConfigError, DataError, type ErrorCode } from '../../engine/errors.ts';
import { type BarColumns, seriesName } from '../../engine/model/bar.ts';
import { type ConfirmOptions, confirmed } from '../confirm.ts';
import { outputFile } from '../output-path.ts';
import { startPhases } from '../progress.ts';
import { type GlobalOptions, printText as print, printJson, table } from '../terminal.ts';
import { instrumentOf as instrumentWordsOf, seriesOf } from './series-words.ts';

export async function runImport(
  home: string,
  { json, quiet, color }: Pick<GlobalOptions, 'json' | 'quiet' | 'color'>,
  options: ImportOptions,
): Promise<void> {
  const progress = await startPhases({ quiet: quiet === true, color });
  let report: ImportReport;
  try {
    report = await importBars(openCatalogue(home), { ...options, onProgress: ({ phase, fraction }) => progress.show(phase, fraction) });
  } finally {
    progress.stop();
  }
  printImport(report, json === true);
}

export interface SynthesiseCommand {
  readonly seed: number;
  readonly symbol: string;
  readonly venue: string;
  readonly bars: number;
  readonly startMs: number;
  readonly startPrice: number;
  readonly tick: number;
  readonly gaps: number;
  readonly regimeNames: readonly string[] | undefined;
}

export async function runSynthesise(home: string, isJson: boolean, command: SynthesiseCommand): Promise<void> {
  const { regimeNames, ...options } = command;
  // The names are checked where they are used.
  printImport(
    await importSynthetic(openCatalogue(home), { ...options, regimes: regimeNames as readonly RegimeName[] | undefined }),
    isJson,
  );
}

export async function runResample(home: string, isJson: boolean, options: ResampleSeriesOptions): Promise<void> {
  printImport(await resampleSeries(openCatalogue(home), options), isJson);
}

function printImport(report: ImportReport, isJson: boolean): void {
  if (isJson) {
    printJson(report);
    return;
  }
  const { manifest, instrument, quality } = report;
  const label = manifest.isSynthetic ? ' (synthetic)' : '';
  if (report.status === 'unchanged')
    print(`${seriesName(report.key)}${label}: unchanged, all ${count(report.knownRowCount)} bars were known`);
  else {
    const known = report.knownRowCount > 0 ? `, ${count(report.knownRowCount)} known before` : '';
    print(`${seriesName(report.key)}${label}: ${count(report.newRowCount)} bars imported${known}`);
  }
  print(`  series      ${rangeText(manifest)}`);
  print(
    `  instrument  tick ${instrument.tickSize}, lot ${instrument.lotSize}, quote ${instrument.quoteCurrency}, fees ${instrument.feeRateMaker} / ${instrument.feeRateTaker}`,
  );
  for (const line of originLines(instrument)) print(`              ${line}`);
  for (const note of report.notes) print(`  note        ${note}`);
  for (const line of qualityLines(quality)) print(`  quality     ${line}`);
}

export function runList(home: string, isJson: boolean): void {
  const catalogue = openCatalogue(home);
  const all = catalogue.list();
  if (isJson) {
    printJson(all);
    return;
  }
  if (all.length === 0) {
    print(`no series in ${catalogue.path}; import bars with "npx playhead data import"`);
    return;
  }
  const rows = all.map((manifest) => [
    manifest.key.venue,
    manifest.key.symbol,
    manifest.key.timeframe,
    count(manifest.rowCount),
    timeText(manifest.firstOpenMs),
    timeText(manifest.lastOpenMs),
    count(manifest.gapCount),
    manifest.isSynthetic ? 'synthetic' : (manifest.segments.at(-1)?.source ?? ''),
  ]);
  print(table([['venue', 'symbol', 'bar', 'bars', 'first open', 'last open', 'gaps', 'source'], ...rows], [3, 6]));
}

export async function runShow(home: string, isJson: boolean, words: readonly string[]): Promise<void> {
  const catalogue = openCatalogue(home);
  const key = seriesOf(catalogue, words, 'data show <venue> <symbol> <timeframe>');
  const manifest = catalogue.manifest(key);
  const { columns } = await loadTape(catalogue, key);
  const instrument = readInstruments(catalogue, key.venue, key.symbol).at(-1);
  const quality = checkQuality(columns, { key, instrument });
  const bars = [...pickBars(columns)];
  if (isJson) {
    printJson({ manifest, instrument: instrument ?? null, quality, bars });
    return;
  }
  print(`${seriesName(key)}${manifest.isSynthetic ? ' (synthetic)' : ''}`);
  print(`  ${rangeText(manifest)}`);
  print(`  ${sparkline(columns.close, 60)}  ${columns.close[0]} to ${columns.close[columns.length - 1]}`);
  for (const segment of manifest.segments) {
    print(`  segment ${segment.file}  ${count(segment.rowCount)} bars, from ${segment.source}, fetched ${segment.fetchedAt}`);
    print(`          sha256 ${segment.sha256}`);
  }
  if (instrument !== undefined) {
    print(
      `  instrument tick ${instrument.tickSize}, lot ${instrument.lotSize}, ${instrument.baseCurrency} in ${instrument.quoteCurrency}, minimum ${instrument.minimumNotionalQuote}, maximum ${instrument.maximumQuantityBase ?? 'none'}, fees ${instrument.feeRateMaker} / ${instrument.feeRateTaker}`,
    );
    for (const line of originLines(instrument)) print(`             ${line}`);
  }
  for (const note of manifest.notes) print(`  note ${note}`);
  for (const line of qualityLines(quality)) print(`  quality ${line}`);
  const rows = bars.map((bar) =>
    bar === undefined
      ? ['…', '', '', '', '', '']
      : [timeText(bar.openTimeMs), bar.open, bar.high, bar.low, bar.close, bar.volume].map(String),
  );
  const lines = table([['open time', 'open', 'high', 'low', 'close', 'volume'], ...rows], [1, 2, 3, 4, 5]);
  for (const line of lines.split('\n')) print(`  ${line}`);
}

export interface InstrumentCommand {
  readonly words: readonly string[];
  readonly rules: InstrumentRules;
  readonly sinceMs: number | undefined;
}

/** Shows an instrument's rules by date; states some first where any are given. */
export function runInstrument(home: string, isJson: boolean, { words, rules, sinceMs }: InstrumentCommand): void {
  const catalogue = openCatalogue(home);
  const { venue, symbol } = instrumentWordsOf(catalogue, words, 'data instrument <venue> <symbol>');
  const isStated = Object.keys(rules).length > 0;
  if (sinceMs !== undefined && !isStated)
    throw new ConfigError('USAGE', '--since was given and no rule to state; see "data instrument --help"');
  if (isStated) setInstrument(catalogue, venue, symbol, rules, sinceMs);
  const records = readInstruments(catalogue, venue, symbol);
  if (records.length === 0)
    throw new DataError('DATA_INSTRUMENT', `no rules for ${venue} ${symbol}; import its bars with "npx playhead data import"`, {
      venue,
      symbol,
    });
  if (isJson) {
    printJson(records);
    return;
  }
  const isFirst = (record: InstrumentRecord) => record.validFromMs <= -8.64e15;
  const rows = records.map((record) => [
    isFirst(record) ? 'always' : timeText(record.validFromMs),
    record.tickSize,
    record.lotSize,
    record.minimumNotionalQuote,
    record.maximumQuantityBase ?? 'none',
    `${record.baseCurrency} (${record.baseDecimals})`,
    `${record.quoteCurrency} (${record.quoteDecimals})`,
    record.multiplier,
    `${record.feeRateMaker} / ${record.feeRateTaker}`,
  ]);
  const header = ['since', 'tick', 'lot', 'minimum', 'maximum', 'base (digits)', 'quote (digits)', 'multiplier', 'fees'];
  print(table([header, ...rows.map((row) => row.map(String))], [1, 2, 3, 4, 7]));
  for (const line of originLines(records[records.length - 1])) print(line);
}

/**
 * Checks one series or all; DATA_CORRUPT or DATA_QUALITY at the end where one is not sound, after every one was looked at. With --json the
 * document says so itself, and the exit code follows.
 */
export async function runCheck(home: string, isJson: boolean, words: readonly string[]): Promise<void> {
  const catalogue = openCatalogue(home);
  const keys =
    words.length === 0
      ? catalogue.list().map((manifest) => manifest.key)
      : [catalogue.manifest(seriesOf(catalogue, words, 'data check <venue> <symbol> <timeframe>')).key];
  const results: { series: string; segmentCount: number; quality: QualityReport | null; code: ErrorCode | ''; problem: string }[] = [];
  let first: DataError | undefined;
  for (const one of keys) {
    const series = seriesName(one);
    try {
      const segmentCount = verifySegments(catalogue, one);
      const { columns } = await loadTape(catalogue, one);
      const instrument = instrumentOf(catalogue, one.venue, one.symbol, columns.openTimeMs[columns.length - 1]);
      const quality = checkQuality(columns, { key: one, instrument });
      const problem = rejections(quality);
      if (problem !== '') first ??= new DataError('DATA_QUALITY', `${series}: ${problem}`);
      results.push({ series, segmentCount, quality, code: problem === '' ? '' : 'DATA_QUALITY', problem });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      first ??= error;
      results.push({ series, segmentCount: 0, quality: null, code: error.code, problem: error.message });
    }
  }
  if (isJson) {
    printJson(results);
    if (first !== undefined) process.exitCode = first.exitCode;
    return;
  }
  for (const { series, segmentCount, quality, problem } of results) {
    print(
      `${problem === '' ? 'ok  ' : 'BAD '} ${series}: ${problem === '' ? `${segmentCount} ${segmentCount === 1 ? 'segment matches its hash' : 'segments match their hashes'}, ${count(quality?.rowCount ?? 0)} bars` : problem}`,
    );
    for (const line of quality === null ? [] : qualityLines(quality)) print(`       ${line}`);
  }
  if (results.length === 0) print(`no series in ${catalogue.path}`);
  if (first !== undefined) throw first;
}

export async function runExport(home: string, isJson: boolean, words: readonly string[], options: ExportOptions): Promise<void> {
  const catalogue = openCatalogue(home);
  const key = seriesOf(catalogue, words, 'data export <venue> <symbol> <timeframe> <file>');
  const path = outputFile(options.path, 'file');
  const report = await exportBars(catalogue, key, { ...options, path });
  if (isJson) {
    printJson(report);
    return;
  }
  print(`${seriesName(key)}: ${count(report.rowCount)} bars to ${report.path} (${count(report.byteCount)} bytes)`);
}

/** Asks first, unless told yes. */
export async function runRemove(home: string, options: ConfirmOptions, words: readonly string[]): Promise<void> {
  const catalogue = openCatalogue(home);
  const key = seriesOf(catalogue, words, 'data remove <venue> <symbol> <timeframe>');
  const manifest = catalogue.manifest(key);
  const what = `${seriesName(key)}, ${rangeText(manifest)}`;
  await confirmed(`remove ${what}? Runs played on these bars will not verify any more.`, 'nothing was removed', options);
  await removeSeries(catalogue, key);
  if (options.json === true) printJson({ removed: manifest.key, rowCount: manifest.rowCount });
  else print(`removed ${what}`);
}

function qualityLines(quality: QualityReport): string[] {
  if (quality.issues.length === 0) return ['nothing found'];
  return quality.issues.map((issue) => {
    const missing =
      issue.kind === 'gap'
        ? `, ${counted(quality.missingBarCount, 'bar')} missing`
        : issue.kind === 'irregularCalendar'
          ? `, ${counted(quality.calendarMissingBarCount, 'bar')} missing`
          : '';
    return `${issue.policy === 'reject' ? 'REJECT ' : ''}${issue.kind}: ${findingText(issue.kind, issue.count)}${missing}; ${issue.kind === 'staleOpen' ? '' : 'first: '}${issue.first.text}`;
  });
}

/** Which rules nobody stated: what the symbol and the prices tell, and what was merely taken. */
function originLines({ isInferred, isAssumed, tickBarCount }: InstrumentRecord): string[] {
  const bars = tickBarCount === 1 ? '1 bar' : `${count(tickBarCount)} bars`;
  const inferred = isInferred.map((name) => (name === 'tickSize' && tickBarCount > 0 ? `tickSize (from the prices of ${bars})` : name));
  const lines: string[] = [];
  if (inferred.length > 0) lines.push(`inferred from symbol and prices: ${inferred.join(', ')}`);
  if (isAssumed.length > 0) lines.push(`assumed, nothing tells them: ${isAssumed.join(', ')}; state what you know with "data instrument"`);
  return lines;
}

function rangeText(manifest: Manifest): string {
  const segments = manifest.segments.length === 1 ? '1 segment' : `${manifest.segments.length} segments`;
  return `${counted(manifest.rowCount, 'bar')} in ${segments}, opens from ${timeText(manifest.firstOpenMs)} to ${timeText(manifest.lastOpenMs)}, ${counted(manifest.gapCount, 'gap')} (${counted(manifest.missingBarCount, 'bar')} missing)`;
}

function* pickBars(
  columns: BarColumns,
): Generator<Record<'openTimeMs' | 'open' | 'high' | 'low' | 'close' | 'volume', number> | undefined> {
  for (let i = 0; i < columns.length; i++) {
    if (i === 3 && columns.length > 6) {
      yield undefined;
      i = columns.length - 3;
    }
    const { openTimeMs, open, high, low, close, volume } = columns;
    yield { openTimeMs: openTimeMs[i], open: open[i], high: high[i], low: low[i], close: close[i], volume: volume[i] };
  }
}

/** The last value of each of `width` equal stretches, in eight steps of height. */
export function sparkline(values: Float64Array, width: number): string {
  const columns = Math.min(width, values.length);
  const points = Array.from({ length: columns }, (_, i) => values[Math.floor(((i + 1) * values.length) / columns) - 1]);
  const low = Math.min(...points);
  const span = Math.max(...points) - low;
  return points.map((value) => '▁▂▃▄▅▆▇█'[span === 0 ? 3 : Math.min(7, Math.floor(((value - low) / span) * 8))]).join('');
}
