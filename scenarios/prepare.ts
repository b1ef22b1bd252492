/** Owns bringing together what a run needs: bars, rules, strategy, settings. Never plays. */
import { relative, resolve } from 'node:path';
import { type Catalogue, openCatalogue } from '../data/catalogue.ts';
import { fillFlat } from '../data/fill-flat.ts';
import { instrumentOf } from '../data/instruments.ts';
import { loadTape } from '../data/load-tape.ts';
import { assertQuality, checkQuality, type QualityReport } from '../data/quality.ts';
import { DataError } from '../engine/errors.ts';
import { type BarColumnName, barColumnNames, seriesName, type Tape } from '../engine/model/bar.ts';
import type { Instrument } from '../engine/model/instrument.ts';
import { closeTimeOf } from '../engine/model/timeframe.ts';
import { bundleStrategy, type StrategyBundle } from '../strategies/loader.ts';
import { locateShipped, type StrategyFile } from '../strategies/locate.ts';
import type { ReadScenario } from './read.ts';
import { instrumentsOf, type ResolvedScenario, resolveScenario, windowOf } from './resolve.ts';

/** Where the strategy lies, told from the home folder so that a project may be moved with its runs. */
export type StrategyPlace =
  | { readonly kind: 'shipped'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string; readonly root: string };

export interface PreparedRun {
  readonly resolved: ResolvedScenario;
  readonly tapes: readonly Tape[];
  readonly instruments: readonly Instrument[];
  readonly quality: readonly QualityReport[];
  readonly bundle: StrategyBundle;
  readonly strategyPlace: StrategyPlace;
}

/** Everything of a scenario that was just read. */
export async function prepareScenario(read: ReadScenario, home: string): Promise<PreparedRun> {
  const { scenario } = read;
  const catalogue = openCatalogue(home);
  const facts = scenario.data.series.map((key) => {
    const { firstOpenMs, lastOpenMs } = catalogue.manifest(key);
    return { key, firstOpenMs, lastCloseMs: closeTimeOf(key.timeframe, lastOpenMs) };
  });
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
  const provisional = resolveScenario({ scenario, facts, window, instruments, hasWeekends: true });
  const loaded = await loadTapes(catalogue, provisional);
  const resolved = resolveScenario({ scenario, facts, window, instruments, hasWeekends: !loaded.quality[0].isSessionMarket });
  return { resolved, ...loaded, bundle, strategyPlace };
}

/** The bars of a resolved scenario, cut to what it pins, checked by its policy. DATA_QUALITY where that says reject. */
export async function loadTapes(
  catalogue: Catalogue,
  resolved: ResolvedScenario,
): Promise<Pick<PreparedRun, 'tapes' | 'instruments' | 'quality'>> {
  const instruments = instrumentsOf(resolved);
  const tapes: Tape[] = [];
  const quality: QualityReport[] = [];
  for (const series of resolved.series) {
    const key = { venue: series.venue, symbol: series.symbol, timeframe: series.timeframe };
    const instrument = instruments.find((one) => one.venue === key.venue && one.symbol === key.symbol);
    const tape = cutBefore(await loadTape(catalogue, key, { throughMs: resolved.window.toMs }), series.columnsFromMs);
    const report = checkQuality(tape.columns, { key, instrument, policy: resolved.quality });
    assertQuality(report, key);
    quality.push(report);
    tapes.push(resolved.quality.gap === 'fill-flat' ? fillFlat(tape).tape : tape);
  }
  return { tapes, instruments, quality };
}

/** Bundles the strategy of a run. */
export function bundleAt(place: StrategyPlace, home: string): Promise<StrategyBundle> {
  const file: StrategyFile =
    place.kind === 'shipped' ? locateShipped(place.name) : { path: resolve(home, place.root, place.path), root: resolve(home, place.root) };
  return bundleStrategy(file.path, { root: file.root });
}

/** Rules of each distinct instrument in order of first appearance. DATA_INSTRUMENT where they change inside the window. */
function rulesOf(
  catalogue: Catalogue,
  series: readonly { venue: string; symbol: string }[],
  window: { fromMs: number; toMs: number },
): Instrument[] {
  const rules = new Map<string, Instrument>();
  for (const { venue, symbol } of series) {
    const name = `${venue} ${symbol}`;
    if (rules.has(name)) continue;
    const instrument = instrumentOf(catalogue, venue, symbol, window.fromMs);
    if (instrument.validToMs < window.toMs) {
      const changes = new Date(instrument.validToMs).toISOString();
      throw new DataError(
        'DATA_INSTRUMENT',
        `the rules of ${name} change at ${changes}, inside the window; end the scenario there with data.to, or start it there`,
        { venue, symbol },
      );
    }
    rules.set(name, instrument);
  }
  return [...rules.values()];
}

/** Views that start at the pinned first bar; DATA_NOT_FOUND where the catalogue no longer has it. */
function cutBefore(tape: Tape, fromMs: number): Tape {
  const { columns } = tape;
  let first = 0;
  while (first < columns.length && columns.openTimeMs[first] < fromMs) first++;
  if (columns.openTimeMs[first] !== fromMs) {
    throw new DataError(
      'DATA_NOT_FOUND',
      `${seriesName(tape.key)} has no bar at ${new Date(fromMs).toISOString()}, where the columns of this run start`,
      { ...tape.key },
    );
  }
  if (first === 0) return tape;
  const views = Object.fromEntries(barColumnNames.map((name) => [name, columns[name].subarray(first)])) as Record<
    BarColumnName,
    Float64Array
  >;
  return { ...tape, columns: { length: columns.length - first, ...views } };
}
