/** Owns the import of a file of bars: opened, staged, looked at, stored. Nothing of a refused file reaches the catalogue. */
import { basename, join } from 'node:path';
import { DataError } from '../engine/errors.ts';
import { type SeriesKey, seriesName } from '../engine/model/bar.ts';
import { type Timeframe, timeframeMs, timeframes } from '../engine/model/timeframe.ts';
import { openBarSource } from './bar-source.ts';
import type { Catalogue } from './catalogue.ts';
import { commitStaged, stagedRejections } from './commit.ts';
import { type Duckdb, withDuckdb } from './duckdb.ts';
import { withWorkshop } from './import-lock.ts';
import { stampRemark, tickRemark } from './import-remarks.ts';
import { ensureInstrument, type InstrumentRecord, type InstrumentRules, readInstruments } from './instruments.ts';
import type { Manifest } from './manifest.ts';
import type { QualityReport } from './quality.ts';
import type { QualityScan } from './quality-scan.ts';
import { type StagedRows, scanStaged, stageSource, withoutEmptyVolume } from './staging.ts';
import type { StampRules } from './time-format.ts';

export interface ImportOptions {
  /** .csv, .tsv or .txt (each also .gz), or .parquet. */
  readonly path: string;
  readonly key: SeriesKey;
  /** Whether the file stamps a bar with its open (default) or its close. */
  readonly stamp?: 'open' | 'close' | undefined;
  /** strptime format, where the stamps are none of those that are known. */
  readonly timeFormat?: string | undefined;
  /** IANA zone of stamps without one; default UTC. */
  readonly timeZone?: string | undefined;
  /** Column names of a file without a header line; "-" leaves one out. */
  readonly columns?: readonly string[] | undefined;
  readonly delimiter?: string | undefined;
  /** Bars that open earlier are left out. */
  readonly fromMs?: number | undefined;
  readonly instrument?: InstrumentRules | undefined;
  /** What the manifest names as source; default the file's name. */
  readonly source?: string | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

export interface ImportProgress {
  readonly phase: 'read' | 'check' | 'store';
  readonly fraction: number;
}

export interface ImportReport {
  readonly status: 'imported' | 'unchanged';
  readonly key: SeriesKey;
  readonly newRowCount: number;
  /** Rows of the file that the catalogue already had, with the same values. */
  readonly knownRowCount: number;
  readonly manifest: Manifest;
  readonly instrument: InstrumentRecord;
  /** The whole series after the import, without the tick check. */
  readonly quality: QualityReport;
  readonly notes: readonly string[];
}

/** Imports a file into the catalogue; see ImportOptions. Fails with DATA_FORMAT, DATA_QUALITY, DATA_CONFLICT or DATA_BUSY and leaves the catalogue as it was. */
export async function importBars(catalogue: Catalogue, options: ImportOptions): Promise<ImportReport> {
  return importFile(catalogue, options).catch((error: unknown) => {
    if (!(error instanceof DataError) || error.code !== 'DATA_FORMAT') throw error;
    throw new DataError(error.code, `${error.message}. Nothing was stored`, { ...error.fields }, error.cause);
  });
}

async function importFile(catalogue: Catalogue, options: ImportOptions): Promise<ImportReport> {
  const { key, onProgress } = options;
  const rules = { timeframe: key.timeframe, stamp: options.stamp ?? 'open', timeZone: options.timeZone ?? 'UTC' } as const;
  return withWorkshop(catalogue, key, (workshopPath) =>
    withDuckdb(join(workshopPath, 'spill'), async (duckdb) => {
      const { path, columns, delimiter, timeFormat } = options;
      const opened = await openBarSource(duckdb, { path, columns, delimiter, timeFormat, ...rules }, workshopPath);
      const source = await withoutEmptyVolume(duckdb, opened);
      const stagedPath = join(workshopPath, 'staged.parquet');
      await stageSource(duckdb, source, stagedPath, (fraction) => onProgress?.({ phase: 'read', fraction }));
      onProgress?.({ phase: 'check', fraction: 0 });
      const staged = await scanStaged(duckdb, stagedPath, source, key);
      refuseStaged(source.file, staged.scan, key);
      onProgress?.({ phase: 'check', fraction: 1 });
      const name = basename(source.file);
      const notes = source.raw.volume === undefined ? [`${name} has no volume: it is 0`] : [];
      const report = await storeStaged(catalogue, duckdb, {
        ...options,
        stagedPath,
        workshopPath,
        notes,
        source: options.source ?? name,
        isSynthetic: false,
        tickSize: staged.decimals.tickSize,
        barCount: staged.scan.rowCount,
      });
      return { ...report, notes: [...report.notes, ...remarksOn(staged, report, rules)] };
    }),
  );
}

/** Told once, with the bars: nothing of it is kept. */
function remarksOn({ scan, decimals }: StagedRows, { status, instrument }: ImportReport, { timeframe, stamp }: StampRules): string[] {
  if (status === 'unchanged') return [];
  const remarks = [
    stamp === 'open' ? stampRemark(timeframe, scan.firstMs, scan.lastMs) : '',
    instrument.isInferred.includes('tickSize') && instrument.tickSize === decimals.tickSize ? tickRemark(decimals) : '',
  ];
  return remarks.filter((remark) => remark !== '');
}

export interface StoreOptions {
  readonly key: SeriesKey;
  readonly stagedPath: string;
  readonly workshopPath: string;
  readonly notes: readonly string[];
  readonly source: string;
  readonly isSynthetic: boolean;
  /** The tick that the prices show, taken where none is stated. */
  readonly tickSize: number;
  /** How many bars showed it. */
  readonly barCount: number;
  readonly fromMs?: number | undefined;
  readonly instrument?: InstrumentRules | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

/** The last part of every import: instrument, comparison, commit. */
export async function storeStaged(catalogue: Catalogue, duckdb: Duckdb, options: StoreOptions): Promise<ImportReport> {
  const { key, notes } = options;
  options.onProgress?.({ phase: 'store', fraction: 0 });
  const record = (): InstrumentRecord =>
    ensureInstrument(catalogue, { ...key, tickSize: options.tickSize, barCount: options.barCount }, options.instrument);
  const committed = await commitStaged(catalogue, duckdb, { ...options, fetchedAt: new Date().toISOString(), onAccepted: record });
  options.onProgress?.({ phase: 'store', fraction: 1 });
  const status = committed.newRowCount > 0 ? 'imported' : 'unchanged';
  const instrument = readInstruments(catalogue, key.venue, key.symbol).at(-1) as InstrumentRecord;
  return {
    status,
    key,
    notes,
    instrument,
    newRowCount: committed.newRowCount,
    knownRowCount: committed.knownRowCount,
    manifest: committed.manifest,
    quality: committed.quality,
  };
}

function refuseStaged(file: string, scan: QualityScan, key: SeriesKey): void {
  const smallest = scan.smallestStepMs;
  const named = timeframes.find((timeframe) => timeframeMs(timeframe) === smallest);
  const shown = named === undefined ? `${smallest / 1000} s` : named;
  // Of a few bars only a step that has a name of its own tells: three minutes may lie apart, three that are an hour apart are hours.
  const isTelling = scan.rowCount >= (named === undefined ? 10 : 3);
  if (key.timeframe !== '1M' && isTelling && smallest > timeframeMs(key.timeframe)) {
    throw new DataError(
      'DATA_QUALITY',
      `${file}: no two bars are ${key.timeframe} apart, the smallest step is ${shown}; is it --timeframe ${named ?? 'something else'}? Nothing was stored`,
      { ...key },
    );
  }
  const text = stagedRejections(scan);
  if (text === '') return;
  throw new DataError('DATA_QUALITY', `${file} as ${seriesName(key)}: ${text}${adviceOn(text, key, named)}`, { ...key });
}

function adviceOn(text: string, key: SeriesKey, named: Timeframe | undefined): string {
  if (text.includes('overlap:') && named !== undefined && named !== key.timeframe)
    return `; the smallest step is ${named}: is it --timeframe ${named}? Nothing was stored`;
  const todo = text.startsWith('disorder') ? 'sort the file by time' : 'correct the file';
  return `. Nothing was stored: ${todo} and import it again`;
}
