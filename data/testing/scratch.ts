/** Owns what the tests of data/ share: an empty home folder, files in it, and the outside recordings. Never used outside tests. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BarColumns, SeriesKey } from '../../engine/model/bar.ts';
import { type Timeframe, timeframeMs } from '../../engine/model/timeframe.ts';
import { type Catalogue, openCatalogue } from '../catalogue.ts';
import { allocateColumns } from '../columns.ts';
import { fillCloseTimes } from '../load-tape.ts';

export interface Scratch {
  readonly path: string;
  readonly catalogue: Catalogue;
  /** Writes a file beside the home and returns its path. */
  file(name: string, content: string | Uint8Array): string;
  /** Every file in the home folder, relative to it. */
  files(): string[];
  remove(): void;
}

export function createScratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'playhead-data-'));
  const home = join(path, 'home');
  return {
    path,
    catalogue: openCatalogue(home),
    file: (name, content) => {
      const target = join(path, name);
      writeFileSync(target, content);
      return target;
    },
    files: () =>
      existsSync(home)
        ? (readdirSync(home, { recursive: true, withFileTypes: true }) as { isFile(): boolean; parentPath: string; name: string }[])
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1))
            .sort()
        : [],
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Rows of [openTimeMs, open, high, low, close, volume] as columns. */
export function columnsOf(rows: readonly (readonly number[])[], timeframe: Timeframe = '1m'): BarColumns {
  const { columns } = allocateColumns(rows.length);
  rows.forEach(([timeMs, open, high, low, close, volume], i) => {
    columns.openTimeMs[i] = timeMs;
    columns.open[i] = open;
    columns.high[i] = high;
    columns.low[i] = low;
    columns.close[i] = close;
    columns.volume[i] = volume;
  });
  fillCloseTimes(columns, { timeframe });
  return columns;
}

/** Rows of columns, the inverse of columnsOf. */
export function rowsOf(columns: BarColumns): number[][] {
  return Array.from(columns.openTimeMs, (timeMs, i) => [
    timeMs,
    columns.open[i],
    columns.high[i],
    columns.low[i],
    columns.close[i],
    columns.volume[i],
  ]);
}

/** Plain good bars from a start on, one after the other. */
export function plainRows(count: number, startMs = Date.UTC(2024, 0, 1), timeframe: Timeframe = '1m'): number[][] {
  return Array.from({ length: count }, (_, i) => [startMs + i * timeframeMs(timeframe), 100 + i, 101.5 + i, 99.25 + i, 100.75 + i, 10 + i]);
}

/** Rows as CSV with times in epoch ms. */
export function csvOf(rows: readonly (readonly number[])[]): string {
  return `time,open,high,low,close,volume\n${rows.map((row) => row.join(',')).join('\n')}\n`;
}

export const key = (symbol = 'BTC/USDT', timeframe: Timeframe = '1m', venue = 'test'): SeriesKey => ({ venue, symbol, timeframe });

/** Folder of outside recordings beside the repository; absent on a plain clone. */
export const oraclesPath = resolve(import.meta.dirname, '../../../shared/oracles');
export const hasOracles = existsSync(oraclesPath);
/** For test titles. */
export const oracleNote = hasOracles ? '' : ' (skipped: no folder ../shared/oracles beside the repository)';
