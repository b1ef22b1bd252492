/**
 * Owns where series lie in the home folder: catalogue/<venue>/<symbol, "/" as "-">/<timeframe>/. Never reads bars.
 * The folder of '1M' is '1month': on a file system that ignores case it would be the folder of '1m'.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError, DataError } from '../engine/errors.ts';
import { type SeriesKey, seriesName } from '../engine/model/bar.ts';
import { isTimeframe, timeframes } from '../engine/model/timeframe.ts';
import { nearest } from '../engine/nearest.ts';
import { canResample } from '../engine/resample.ts';
import { type Manifest, manifestFile, readManifest } from './manifest.ts';

export interface Catalogue {
  readonly homePath: string;
  /** Folder of all series. */
  readonly path: string;
  /** Folder of the raw column caches, which may be deleted at any time. */
  readonly cachePath: string;
  /** Every series, ordered by venue, symbol and length of a bar. */
  list(): Manifest[];
  /** The series' manifest, or undefined. */
  find(key: SeriesKey): Manifest | undefined;
  /** The series' manifest; DATA_NOT_FOUND with the nearest name where there is none. */
  manifest(key: SeriesKey): Manifest;
  symbolPath(venue: string, symbol: string): string;
  seriesPath(key: SeriesKey): string;
}

const venuePattern = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const symbolPattern = /^[A-Za-z0-9^][A-Za-z0-9._:/^=-]*$/;

/** Opens the catalogue of a home folder; nothing is created until something is imported. */
export function openCatalogue(homePath: string): Catalogue {
  const home = resolve(homePath);
  const path = join(home, 'catalogue');
  const symbolPath = (venue: string, symbol: string): string => join(path, venueFolder(venue), symbolFolder(symbol));
  const seriesPath = (key: SeriesKey): string => join(symbolPath(key.venue, key.symbol), timeframeFolder(key));
  const find = (key: SeriesKey): Manifest | undefined => {
    const manifest = readManifest(join(seriesPath(key), manifestFile));
    // "BTC/USDT" and "BTC-USDT" share a folder: only the symbol that was imported is found.
    return manifest?.key.symbol === key.symbol ? manifest : undefined;
  };
  const list = (): Manifest[] => listManifests(path);
  return Object.freeze({
    homePath: home,
    path,
    cachePath: join(home, 'cache'),
    list,
    find,
    manifest: (key: SeriesKey) => find(key) ?? notFound(key, list(), home),
    symbolPath,
    seriesPath,
  });
}

function venueFolder(venue: string): string {
  if (venuePattern.test(venue)) return venue;
  throw new ConfigError('USAGE', `venue "${venue}" cannot be used: expected letters, digits, "_" and "-", such as "binance"`, { venue });
}

function symbolFolder(symbol: string): string {
  if (symbolPattern.test(symbol) && !symbol.includes('..') && !symbol.includes('//'))
    return symbol.replaceAll('/', '-').replaceAll(':', '_');
  throw new ConfigError('USAGE', `symbol "${symbol}" cannot be used: expected a name such as "BTC/USDT" or "GOOG"`, { symbol });
}

function timeframeFolder(key: SeriesKey): string {
  if (isTimeframe(key.timeframe)) return key.timeframe === '1M' ? '1month' : key.timeframe;
  throw new ConfigError('USAGE', `timeframe "${String(key.timeframe)}" is unknown; expected one of ${timeframes.join(', ')}`);
}

function listManifests(path: string): Manifest[] {
  const found: Manifest[] = [];
  for (const venue of folders(path)) {
    for (const symbol of folders(join(path, venue))) {
      for (const timeframe of folders(join(path, venue, symbol))) {
        const manifest = readManifest(join(path, venue, symbol, timeframe, manifestFile));
        if (manifest !== undefined) found.push(manifest);
      }
    }
  }
  const rank = ({ key }: Manifest): string => `${key.venue}\0${key.symbol}\0${String(timeframes.indexOf(key.timeframe)).padStart(3, '0')}`;
  return found.sort((left, right) => (rank(left) < rank(right) ? -1 : 1));
}

function folders(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
}

function notFound(key: SeriesKey, all: readonly Manifest[], home: string): never {
  const others = all.filter((manifest) => manifest.key.venue === key.venue && manifest.key.symbol === key.symbol);
  if (others.length > 0) {
    const found = others.map((manifest) => manifest.key.timeframe).join(', ');
    const source = others.findLast((manifest) => canResample(manifest.key.timeframe, key.timeframe))?.key.timeframe;
    const made = source === undefined ? '' : `, say "from: ${source}" beside the timeframe in the scenario to have it made`;
    throw new DataError(
      'DATA_NOT_FOUND',
      `the catalogue has no series ${seriesName(key)}; of ${key.venue} ${key.symbol} it has ${found}: use that${made}, or import bars of ${key.timeframe} with "npx playhead data import" (looked in ${home})`,
      { ...key, home },
    );
  }
  const names = all.map((manifest) => seriesName(manifest.key));
  const near = nearest(seriesName(key), names);
  const hint =
    near !== undefined
      ? `did you mean "${near}"?`
      : names.length > 0
        ? `it has ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
        : existsSync(home)
          ? 'it is empty; import bars with "npx playhead data import"'
          : 'the home folder does not exist; name another with --home, or import bars with "npx playhead data import"';
  throw new DataError('DATA_NOT_FOUND', `the catalogue has no series ${seriesName(key)}; ${hint} (looked in ${home})`, { ...key, home });
}
