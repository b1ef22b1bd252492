/** Owns the real bars that need no network: the S&P 500 in the npm package vega-datasets. Never ships them: the package is a development dependency. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DataError } from '../engine/errors.ts';
import type { SeriesKey } from '../engine/model/bar.ts';
import type { Catalogue } from './catalogue.ts';
import { type ImportReport, importBars } from './import-bars.ts';

export const vegaSp500Key: SeriesKey = Object.freeze({ venue: 'index', symbol: 'SP500/USD', timeframe: '1d' });

/** Imports the daily bars from 2008 on: before, most opens repeat the close before. DATA_NOT_FOUND where the package is not installed. */
export async function importVegaSp500(catalogue: Catalogue): Promise<ImportReport> {
  return importBars(catalogue, {
    path: vegaSp500Path(),
    key: vegaSp500Key,
    fromMs: Date.UTC(2008, 0, 1),
    source: 'vega-datasets sp500-2000.csv',
    instrument: { quoteCurrency: 'USD', tickSize: 0.000001, lotSize: 0.000001, feeRateMaker: 0, feeRateTaker: 0 },
  });
}

/** Where the package lies; DATA_NOT_FOUND where it does not. */
export function vegaSp500Path(): string {
  let path: string | undefined;
  try {
    path = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data', 'sp500-2000.csv');
  } catch {
    // Told below, in words.
  }
  if (path !== undefined && existsSync(path)) return path;
  throw new DataError(
    'DATA_NOT_FOUND',
    'the npm package vega-datasets is not installed, so there are no S&P 500 bars; run "npm install" in a clone, or make bars with "npx playhead data synthesise"',
  );
}
