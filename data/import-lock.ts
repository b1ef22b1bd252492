/**
 * Owns the workshop of one import: a folder .import inside the series' folder that only one process can hold. What a killed import left there
 * is never read: the next import throws it away.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError } from '../engine/errors.ts';
import { type SeriesKey, seriesName } from '../engine/model/bar.ts';
import type { Catalogue } from './catalogue.ts';
import { manifestFile, readManifest } from './manifest.ts';
import { isAlive } from './process-alive.ts';

const workshop = '.import';
const ownerFile = 'owner';

/**
 * Runs a task with the series' workshop as its folder; DATA_BUSY where another living process holds it, DATA_CONFLICT where the folder belongs
 * to another symbol ("BTC/USDT" and "BTC-USDT" would share one). The workshop is gone afterwards.
 */
export async function withWorkshop<T>(catalogue: Catalogue, key: SeriesKey, task: (workshopPath: string) => Promise<T>): Promise<T> {
  const seriesPath = catalogue.seriesPath(key);
  const folder = catalogue.symbolPath(key.venue, key.symbol);
  const other = catalogue
    .list()
    .find((manifest) => manifest.key.symbol !== key.symbol && catalogue.symbolPath(manifest.key.venue, manifest.key.symbol) === folder);
  if (other !== undefined) {
    throw new DataError(
      'DATA_CONFLICT',
      `${seriesName(key)} would lie in the folder of ${seriesName(other.key)}; use that symbol, or another venue name`,
      { ...key },
    );
  }
  mkdirSync(seriesPath, { recursive: true });
  const path = acquire(seriesPath);
  try {
    sweep(seriesPath);
    sweepRemoved(folder);
    return await task(path);
  } finally {
    // A task that took the series away has taken the workshop with it: one that is there now is another's.
    if (ownerOf(path) === process.pid) rmSync(path, { recursive: true, force: true });
    // Neither a refused first import nor a removal leaves empty folders: series, symbol, venue.
    removeEmpty([seriesPath, folder, dirname(folder)]);
  }
}

function removeEmpty(folders: readonly string[]): void {
  for (const empty of folders) {
    try {
      rmdirSync(empty);
    } catch (error) {
      // One that is gone already may have left an empty one around it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
    }
  }
}

function acquire(seriesPath: string): string {
  const path = join(seriesPath, workshop);
  // Made under a name of its own and renamed: the folder never exists without its owner's id in it.
  const own = join(seriesPath, `${workshop}-${process.pid}`);
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  writeFileSync(join(own, ownerFile), String(process.pid));
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      renameSync(own, path);
      return path;
    } catch (cause) {
      const owner = ownerOf(path);
      if (owner !== undefined && isAlive(owner)) {
        rmSync(own, { recursive: true, force: true });
        throw new DataError('DATA_BUSY', `process ${owner} is importing into ${seriesPath}; wait for it to end`, { process: owner }, cause);
      }
      rmSync(path, { recursive: true, force: true });
    }
  }
  throw new DataError('DATA_BUSY', `another import took ${seriesPath} at the same moment; try again`);
}

/** Throws away what killed imports left: their folders, temporary files, and segments that no manifest names. */
function sweep(seriesPath: string): void {
  const manifest = readManifest(join(seriesPath, manifestFile));
  const known = new Set(manifest?.segments.map((segment) => segment.file));
  for (const name of readdirSync(seriesPath)) {
    const path = join(seriesPath, name);
    const owner = name.startsWith(`${workshop}-`) ? Number(name.slice(workshop.length + 1)) : undefined;
    const isLeftOver = name.endsWith('.tmp') || (name.endsWith('.parquet') && !known.has(name)) || (owner !== undefined && !isAlive(owner));
    if (isLeftOver) rmSync(path, { recursive: true, force: true });
  }
}

/** What removals that were killed left beside the series. */
function sweepRemoved(symbolPath: string): void {
  for (const name of readdirSync(symbolPath)) {
    const owner = /^\.removed-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) rmSync(join(symbolPath, name), { recursive: true, force: true });
  }
}

function ownerOf(path: string): number | undefined {
  const file = join(path, ownerFile);
  if (!existsSync(file)) return undefined;
  const owner = Number(readFileSync(file, 'utf8'));
  return Number.isInteger(owner) && owner > 0 ? owner : undefined;
}
