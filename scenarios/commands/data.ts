/** Owns the words of "playhead data …": what is asked, checked and shown. Never does the work: that is data/, loaded when a command runs. */
import { type Command, Option } from 'commander';
import { ConfigError } from '../../engine/errors.ts';
import type { SeriesKey } from '../../engine/model/bar.ts';
import { timeframeMs, timeframes } from '../../engine/model/timeframe.ts';
import { homeFolder } from '../home.ts';
import { utcMsOf } from '../utc-time.ts';
import { timeframeOf } from './series-words.ts';

/** Options of the program itself, declared by the command line. */
interface GlobalOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

interface InstrumentOptions {
  readonly tick?: number;
  readonly lot?: number;
  readonly minimumNotional?: number;
  readonly maximumQuantity?: number;
  readonly base?: string;
  readonly quote?: string;
  readonly baseDecimals?: number;
  readonly quoteDecimals?: number;
  readonly multiplier?: number;
  readonly feeMaker?: number;
  readonly feeTaker?: number;
}

interface ImportCommandOptions extends GlobalOptions, InstrumentOptions {
  readonly symbol: string;
  readonly venue: string;
  readonly timeframe: string;
  readonly stamp: string;
  readonly timeFormat?: string;
  readonly timeZone?: string;
  readonly columns?: string;
  readonly delimiter?: string;
  readonly from?: number;
}

interface ExportCommandOptions extends GlobalOptions {
  readonly format?: string;
  readonly from?: number;
  readonly to?: number;
  readonly overwrite?: boolean;
}

interface ResampleCommandOptions extends GlobalOptions {
  readonly from: string;
  readonly to: string;
  readonly venue?: string;
}

interface SynthesiseCommandOptions extends GlobalOptions {
  readonly symbol: string;
  readonly venue: string;
  readonly seed: number;
  readonly bars: number;
  readonly start: number;
  readonly price: number;
  readonly tick: number;
  readonly gaps: number;
  readonly regimes?: string;
}

/** Adds the command group; heavy modules are imported inside the actions only. */
export function registerData(program: Command): void {
  const data = program.command('data').description('import, look at and export bars; the catalogue lies in the home folder');
  registerImport(data);
  registerLooks(data);
  registerInstrument(data);
  registerExport(data);
  registerResample(data);
  registerSynthesise(data);
}

function registerImport(data: Command): void {
  const command = data
    .command('import <file>')
    .description('import bars from .csv, .tsv, .txt (also .gz) or .parquet; importing again adds only what is new')
    .requiredOption('--symbol <symbol>', 'such as BTC/USDT or GOOG')
    .requiredOption('--venue <venue>', 'where it trades, such as binance')
    .requiredOption('--timeframe <timeframe>', `length of a bar: ${timeframes.join(', ')}`)
    .option('--stamp <open|close>', 'whether the file stamps a bar with its open or its close', 'open')
    .option('--time-format <format>', 'strptime format of the stamps, such as "%m/%d/%Y %H:%M"')
    .option('--time-zone <zone>', 'IANA zone of stamps that name none, such as America/New_York (default UTC)')
    .option(
      '--columns <names>',
      'names of the columns, instead of the header if there is one; "-" for those to leave out: time,open,high,low,close,volume',
    )
    .option('--delimiter <character>', 'default: found in the first line; "tab" for a tab')
    .option('--from <time>', 'leave out bars that open earlier', timeOf('--from'));
  for (const [flags, description, parse] of instrumentFlags) command.option(flags, description, parse);
  command.action(async (file: string, _options, self: Command) => {
    const { runImport } = await import('./data-actions.ts');
    const options = self.optsWithGlobals<ImportCommandOptions>();
    const { stamp } = options;
    if (stamp !== 'open' && stamp !== 'close') throw new ConfigError('USAGE', `--stamp is "${stamp}", expected open or close`);
    await runImport(
      homeOf(options),
      { ...options, color: options.color !== false },
      {
        path: file,
        key: keyOf(options.venue, options.symbol, options.timeframe),
        stamp,
        timeFormat: options.timeFormat,
        timeZone: options.timeZone,
        columns: options.columns?.split(',').map((name) => name.trim()),
        delimiter: options.delimiter === undefined ? undefined : delimiterOf(options.delimiter),
        fromMs: options.from,
        instrument: rulesOf(options),
      },
    );
  });
}

function registerLooks(data: Command): void {
  data
    .command('list')
    .description('list the series in the catalogue')
    .action(async (_options, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions>();
      (await import('./data-actions.ts')).runList(homeOf(options), options.json === true);
    });
  ofSeries(data.command('show'))
    .description('show one series: range, segments, instrument, quality, first and last bars')
    .action(async (words: string[], _options, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions>();
      await (await import('./data-actions.ts')).runShow(homeOf(options), options.json === true, words);
    });
  ofSeries(data.command('check'))
    .description('hash every segment and look at every bar, of one series or of all')
    .action(async (words: string[], _options, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions>();
      await (await import('./data-actions.ts')).runCheck(homeOf(options), options.json === true, words);
    });
  ofSeries(data.command('remove'))
    .description('remove one series from the catalogue; what was imported from stays where it is')
    .option('--yes', 'do not ask')
    .action(async (words: string[], _options, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions & { readonly yes?: boolean }>();
      await (await import('./data-actions.ts')).runRemove(homeOf(options), { json: options.json, yes: options.yes }, words);
    });
}

/** Fewer words than three are taken where they fit one stored series alone. */
function ofSeries(command: Command, more = ''): Command {
  return command.argument('[words...]').usage(`<venue> <symbol> <timeframe>${more} [options]`);
}

function registerInstrument(data: Command): void {
  const command = data
    .command('instrument [words...]')
    .usage('<venue> <symbol> [options]')
    .description('show the rules of an instrument by date, or state them: tick, lot, fees …')
    .option('--since <time>', 'state the rules from this time on; default: as far back as those in force first', timeOf('--since'));
  for (const [flags, description, parse] of instrumentFlags) command.option(flags, description.replace(/ \(default.*/, ''), parse);
  command.action(async (words: string[], _options, self: Command) => {
    const options = self.optsWithGlobals<GlobalOptions & InstrumentOptions & { readonly since?: number }>();
    (await import('./data-actions.ts')).runInstrument(homeOf(options), options.json === true, {
      words,
      rules: rulesOf(options),
      sinceMs: options.since,
    });
  });
}

function registerExport(data: Command): void {
  ofSeries(data.command('export'), ' <file>')
    .description('write bars to a .csv or .parquet file that imports again bit for bit')
    .option('--format <csv|parquet>', 'default: by the ending of the file')
    .option('--from <time>', 'bars that open from this time on', timeOf('--from'))
    .option('--to <time>', 'bars that open before this time', timeOf('--to'))
    .option('--overwrite', 'replace the file if it exists')
    .action(async (given: string[], _options, self: Command) => {
      const options = self.optsWithGlobals<ExportCommandOptions>();
      const words = given.slice(0, -1);
      const file = given.at(-1) ?? '';
      const format = options.format ?? (/\.(parquet|pq)$/i.test(file) ? 'parquet' : 'csv');
      if (format !== 'csv' && format !== 'parquet') throw new ConfigError('USAGE', `--format is "${format}", expected csv or parquet`);
      const { runExport } = await import('./data-actions.ts');
      await runExport(homeOf(options), options.json === true, words, {
        format,
        path: file,
        fromMs: options.from,
        toMs: options.to,
        overwrite: options.overwrite,
      });
    });
}

function registerResample(data: Command): void {
  data
    .command('resample <symbol>')
    .description('make longer bars from stored ones and store them as a series; a scenario can also do it at load, with "from"')
    .requiredOption('--from <timeframe>', 'bars to make them from, such as 1m')
    .requiredOption('--to <timeframe>', 'length of the new bars, such as 1h; periods lie on the UTC grid')
    .option('--venue <venue>', 'default: the one venue that has the symbol')
    .action(async (symbol: string, _options, self: Command) => {
      const options = self.optsWithGlobals<ResampleCommandOptions>();
      const { runResample } = await import('./data-actions.ts');
      const { venue } = options;
      const [from, to] = [timeframeOf(options.from), timeframeOf(options.to)];
      if (timeframeMs(to) <= timeframeMs(from))
        throw new ConfigError('USAGE', `--to: was ${to}, expected a timeframe longer than that of --from, ${from}`, { from, to });
      await runResample(homeOf(options), options.json === true, { venue, symbol, from, to });
    });
}

function registerSynthesise(data: Command): void {
  data
    .command('synthesise')
    .description('make seeded synthetic minutes, labelled synthetic wherever their results are shown')
    .option('--symbol <symbol>', 'name of the instrument', 'SYN/USD')
    .option('--venue <venue>', 'venue to file it under', 'synthetic')
    .option('--seed <number>', 'whole number; the same seed gives the same bars everywhere', numberOf('--seed'), 1)
    .addOption(optionOf('--bars <number>', 'how many minutes', numberOf('--bars')).default(129_600, '129,600: 90 days'))
    .addOption(optionOf('--start <time>', 'open of the first bar', timeOf('--start')).default(Date.UTC(2024, 0, 1), '2024-01-01'))
    .addOption(optionOf('--price <number>', 'first price', numberOf('--price')).default(30_000, '30,000'))
    .option('--tick <number>', 'tick of the prices', numberOf('--tick'), 0.01)
    .option('--gaps <number>', 'expected gaps per 10,000 bars', numberOf('--gaps'), 0)
    .option('--regimes <names>', 'some of calm,trendUp,trendDown,volatile (default all)')
    .action(async (_options, self: Command) => {
      const options = self.optsWithGlobals<SynthesiseCommandOptions>();
      const { runSynthesise } = await import('./data-actions.ts');
      await runSynthesise(homeOf(options), options.json === true, {
        seed: options.seed,
        symbol: options.symbol,
        venue: options.venue,
        bars: options.bars,
        startMs: options.start,
        startPrice: options.price,
        tick: options.tick,
        gaps: options.gaps,
        regimeNames: options.regimes?.split(',').map((name) => name.trim()),
      });
    });
}

const instrumentFlags: readonly (readonly [string, string, (text: string) => string | number])[] = [
  ['--tick <number>', 'smallest step of the price (default: from the prices)', numberOf('--tick')],
  ['--lot <number>', 'smallest step of the size', numberOf('--lot')],
  ['--minimum-notional <number>', 'least value of an order, in quote', numberOf('--minimum-notional')],
  ['--maximum-quantity <number>', 'largest size of one order, or none', maximumOf],
  ['--base <currency>', 'what is traded (default: in front of the "/")', String],
  ['--quote <currency>', 'what it is paid in (default: after the "/", or USD)', String],
  ['--base-decimals <number>', 'precision of the base currency', numberOf('--base-decimals')],
  ['--quote-decimals <number>', 'precision of the quote currency', numberOf('--quote-decimals')],
  ['--multiplier <number>', 'quote per price unit and base unit', numberOf('--multiplier')],
  ['--fee-maker <fraction>', 'such as 0.001 for 0.1 %', numberOf('--fee-maker')],
  ['--fee-taker <fraction>', 'such as 0.001 for 0.1 %', numberOf('--fee-taker')],
];

/** "none" takes back one that was stated. */
function maximumOf(text: string): number {
  return text === 'none' ? Number.POSITIVE_INFINITY : numberOf('--maximum-quantity')(text);
}

function rulesOf(options: InstrumentOptions): Record<string, string | number> {
  const rules = {
    tickSize: options.tick,
    lotSize: options.lot,
    minimumNotionalQuote: options.minimumNotional,
    maximumQuantityBase: options.maximumQuantity,
    baseCurrency: options.base,
    quoteCurrency: options.quote,
    baseDecimals: options.baseDecimals,
    quoteDecimals: options.quoteDecimals,
    multiplier: options.multiplier,
    feeRateMaker: options.feeMaker,
    feeRateTaker: options.feeTaker,
  };
  return Object.fromEntries(Object.entries(rules).filter((entry): entry is [string, string | number] => entry[1] !== undefined));
}

/** An option whose default is told in words. */
function optionOf(flags: string, description: string, parse: (text: string) => number): Option {
  return new Option(flags, description).argParser(parse);
}

function homeOf(options: GlobalOptions): string {
  return homeFolder(options.home);
}

function keyOf(venue: string, symbol: string, timeframe: string): SeriesKey {
  return { venue, symbol, timeframe: timeframeOf(timeframe) };
}

function delimiterOf(text: string): string {
  if (text === 'tab' || text === '\\t') return '\t';
  if (text.length === 1) return text;
  throw new ConfigError('USAGE', `--delimiter is "${text}", expected one character or "tab"`);
}

/** A parser that names its option in what it refuses. */
function numberOf(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) return value;
    throw new ConfigError('USAGE', `${option}: was "${text}", expected a number`, { option });
  };
}

/** A UTC time: milliseconds, or a date or time as in a scenario. */
function timeOf(option: string): (text: string) => number {
  return (text) => {
    const ms = /^-?\d{9,}$/.test(text) ? Number(text) : utcMsOf(text);
    if (Number.isFinite(ms)) return ms;
    throw new ConfigError('USAGE', `${option}: was "${text}", expected a UTC time such as 2024-01-31 or 2024-01-31T16:00`, { option });
  };
}
