/** Owns bringing together what a run needs: bars, rules, strategy, settings. Never plays. */
import { relative, resolve } from 'node:path';
import { type Catalogue, openCatalogue } from '../data/catalogue.ts';
import { countText } from '../data/count-text.ts';
import { instrumentThrough } from '../data/instruments.ts';
import { type CheckedQuality, type CheckedTape, loadCheckedTape } from '../data/load-checked-tape.ts';
import { checkQuality } from '../data/quality.ts';
import { resampleTape } from '../data/resample-series.ts';
import { type SeriesKey, seriesName, type Tape } from '../engine/model/bar.ts';
import type { Instrument } from '../engine/model/instrument.ts';
import { closeTimeOf, type Timeframe } from '../engine/model/timeframe.ts';
import type { ConversionTape } from '../engine/portfolio/conversion.ts';
import { bundleStrategy, type StrategyBundle } from '../strategies/loader.ts';
import { locateShipped, type StrategyFile } from '../strategies/locate.ts';
import type { ReadScenario } from './read.ts';
import {
  instrumentsOf,
  periodsPerYearOf,
  type ResolvedScenario,
  type ResolvedSeries,
  resolveScenario,
  type SeriesFacts,
  sourceKeyOf,
  windowOf,
} from './resolve.ts';

/** Where the strategy lies, told from the home folder so that a project may be moved with its runs. */
export type StrategyPlace =
  | { readonly kind: 'shipped'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string; readonly root: string };

/** The bars as they will be played. */
export interface LoadedTapes {
  readonly tapes: readonly Tape[];
  readonly instruments: readonly Instrument[];
  readonly conversions: readonly ConversionTape[];
  /** One for each tape. */
  readonly quality: readonly CheckedQuality[];
  /** What a reader of the result must know of the bars, beside what the engine sees. */
  readonly warnings: readonly string[];
}

export interface PreparedRun extends LoadedTapes {
  readonly resolved: ResolvedScenario;
  readonly bundle: StrategyBundle;
  readonly strategyPlace: StrategyPlace;
}

/** Everything of a scenario that was just read. */
export async function prepareScenario(read: ReadScenario, home: string): Promise<PreparedRun> {
  const { scenario } = read;
  const catalogue = openCatalogue(home);
  const facts = scenario.data.series.map((series) => factsOf(catalogue, series));
  const { refineWith } = scenario.fills;
  // A finer series that is not there is told before anything is played.
  if (refineWith !== undefined) for (const { key } of facts) catalogue.manifest({ ...key, timeframe: refineWith });
  const window = windowOf(scenario, facts);
  const strategyPlace: StrategyPlace =
    read.strategyPath === undefined
      ? { kind: 'shipped', name: scenario.strategy.use ?? '' }
      : {
          kind: 'file',
          path: relative(read.root, read.strategyPath).replaceAll('\\', '/'),
          root: relative(resolve(home), read.root).replaceAll('\\', '/'),
        };
  const bundle = await bundleAt(strategyPlace, home);
  const instruments = rulesOf(catalogue, scenario.data.series, window);
  const rates = scenario.account.conversions;
  const rateRules = rulesOf(catalogue, rates, window);
  const conversions = rates.map((series) => ({
    facts: factsOf(catalogue, series),
    instrument: rateRules.find((one) => one.venue === series.venue && one.symbol === series.symbol) as Instrument,
  }));
  const given = { scenario, facts, window, instruments, conversions };
  // How many returns a year holds shows in the bars, and which bars are played is part of what is resolved.
  const provisional = resolveScenario({ ...given, periodsPerYear: Number.NaN });
  const loaded = await loadTapes(catalogue, provisional);
  const resolved = resolveScenario({ ...given, periodsPerYear: periodsPerYearOf(calendarsOf(loaded)) });
  return { resolved, ...loaded, bundle, strategyPlace };
}

/** What the catalogue knows of a series as a scenario names it. */
function factsOf(
  catalogue: Catalogue,
  { venue, symbol, timeframe, from }: SeriesKey & { readonly from?: Timeframe | undefined },
): SeriesFacts {
  const source = sourceKeyOf({ venue, symbol, timeframe, from });
  const { firstOpenMs, lastOpenMs } = catalogue.manifest(source);
  return { key: { venue, symbol, timeframe }, from, firstOpenMs, lastCloseMs: closeTimeOf(source.timeframe, lastOpenMs) };
}

/**
 * The bars of a resolved scenario, cut to what it pins, checked by its policy. DATA_QUALITY where that says reject. Recorded bars are loaded,
 * checked and filled once, whatever is made from them, and what was found in them is reported once.
 */
export async function loadTapes(catalogue: Catalogue, resolved: ResolvedScenario): Promise<LoadedTapes> {
  const instruments = instrumentsOf(resolved);
  const { window, quality: policy } = resolved;
  const tapes: Tape[] = [];
  const quality: CheckedQuality[] = [];
  const warnings: string[] = [];
  const recorded = new Map<string, CheckedTape>();
  const loaded = async (series: ResolvedSeries): Promise<CheckedTape> => {
    const key = sourceKeyOf(series);
    const name = seriesName(key);
    const instrument = instruments.find((one) => one.venue === key.venue && one.symbol === key.symbol);
    const { columnsFromMs } = series;
    const options = { throughMs: window.toMs, columnsFromMs, instrument, policy };
    const checked = recorded.get(name) ?? (await loadCheckedTape(catalogue, key, options));
    recorded.set(name, checked);
    return checked;
  };
  for (const [i, series] of resolved.series.entries()) {
    const name = seriesName(sourceKeyOf(series));
    const instrument = instruments.find((one) => one.venue === series.venue && one.symbol === series.symbol);
    const checked = await loaded(series);
    const tape = tapeOf(series, checked.tape);
    tapes.push(tape);
    if (!reportsSource(resolved.series, i)) {
      quality.push({ ...checkQuality(tape.columns, { key: tape.key, instrument, policy }), filledBarCount: 0 });
      continue;
    }
    quality.push(checked.quality);
    const { filledBarCount } = checked.quality;
    if (filledBarCount > 0) {
      const share = `${countText(filledBarCount)} of ${countText(checked.tape.columns.length)} bars`;
      warnings.push(
        `${name}: ${share} are not recorded but flat bars of no volume that fill-flat added where bars are missing, nights, weekends and holidays included`,
      );
    }
  }
  const conversions: ConversionTape[] = [];
  for (const series of resolved.conversions) {
    const { baseCurrency, quoteCurrency, baseDecimals, quoteDecimals } = series;
    const tape = tapeOf(series, (await loaded(series)).tape);
    conversions.push({ tape, baseCurrency, quoteCurrency, baseDecimals, quoteDecimals });
  }
  return { tapes, instruments, conversions, quality, warnings };
}

/** Whether what was found in recorded bars is told with this series: the one that is those bars, or else the first made from them. The others tell what shows in their own. */
function reportsSource(all: readonly ResolvedSeries[], i: number): boolean {
  const name = seriesName(sourceKeyOf(all[i]));
  const owner = all.findIndex((series) => seriesName(series) === name && series.from === undefined);
  return i === (owner >= 0 ? owner : all.findIndex((series) => seriesName(sourceKeyOf(series)) === name));
}

/** The recorded bars, or the longer ones made from them. */
function tapeOf({ timeframe, from, knownThroughMs }: ResolvedSeries, recorded: Tape): Tape {
  return from === undefined || knownThroughMs === undefined ? recorded : resampleTape(recorded, { to: timeframe, knownThroughMs });
}

/** A tape of sessions keeps them unless they were filled. */
function calendarsOf({ tapes, quality }: LoadedTapes): { timeframe: Timeframe; keepsSessions: boolean }[] {
  return tapes.map(({ key }, i) => ({
    timeframe: key.timeframe,
    keepsSessions: quality[i].isSessionMarket && quality[i].filledBarCount === 0,
  }));
}

/** Bundles the strategy of a run. */
export function bundleAt(place: StrategyPlace, home: string): Promise<StrategyBundle> {
  const file: StrategyFile =
    place.kind === 'shipped' ? locateShipped(place.name) : { path: resolve(home, place.root, place.path), root: resolve(home, place.root) };
  return bundleStrategy(file.path, { root: file.root });
}

/** Rules of each distinct instrument in order of first appearance, with what changes of them inside the window. */
function rulesOf(
  catalogue: Catalogue,
  series: readonly { venue: string; symbol: string }[],
  window: { fromMs: number; toMs: number },
): Instrument[] {
  const rules = new Map<string, Instrument>();
  for (const { venue, symbol } of series) {
    const name = `${venue} ${symbol}`;
    if (!rules.has(name)) rules.set(name, instrumentThrough(catalogue, { venue, symbol }, window));
  }
  return [...rules.values()];
}
