/** Owns taking a series out of the catalogue. Never leaves a part of one: it is renamed as a whole before anything of it is deleted. */
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SeriesKey } from '../engine/model/bar.ts';
import type { Catalogue } from './catalogue.ts';
import { cacheFileOf, removeCache } from './column-cache.ts';
import { flush } from './files.ts';
import { withWorkshop } from './import-lock.ts';
import { rulesPath } from './instruments.ts';

/**
 * Removes the series and its column cache; with the last series of a symbol its rules go too, since an import would not heed them.
 * DATA_NOT_FOUND where there is none, DATA_BUSY while it is being imported into. What a kill leaves is no series, and goes with the next import.
 */
export async function removeSeries(catalogue: Catalogue, key: SeriesKey): Promise<void> {
  const manifest = catalogue.manifest(key);
  const symbolPath = catalogue.symbolPath(key.venue, key.symbol);
  await withWorkshop(catalogue, key, async () => {
    removeCache(catalogue.cachePath, cacheFileOf(manifest));
    const removed = join(symbolPath, `.removed-${process.pid}-${key.timeframe}`);
    renameSync(catalogue.seriesPath(key), removed);
    flush(symbolPath);
    rmSync(removed, { recursive: true, force: true });
    // The folder of a series that is being imported is there before its rules are.
    const isLast = readdirSync(symbolPath, { withFileTypes: true }).every((entry) => !entry.isDirectory());
    if (isLast) rmSync(rulesPath(catalogue, key.venue, key.symbol), { force: true });
  });
}
