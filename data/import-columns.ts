/** Owns the import of bars that are in memory, above all synthetic ones. Never skips a check that a file would meet. */
import { join } from 'node:path';
import { DataError } from '../engine/errors.ts';
import { type BarColumns, type SeriesKey, seriesName } from '../engine/model/bar.ts';
import type { Catalogue } from './catalogue.ts';
import { stagedRejections } from './commit.ts';
import { sqlText, withDuckdb } from './duckdb.ts';
import { type ImportReport, storeStaged } from './import-bars.ts';
import { withWorkshop } from './import-lock.ts';
import type { InstrumentRules } from './instruments.ts';
import { parquetOptions, scanStaged } from './staging.ts';
import { type SynthesiseOptions, synthesise } from './synthesise.ts';

export interface ImportColumnsOptions {
  readonly key: SeriesKey;
  readonly columns: BarColumns;
  /** What the manifest names as source. */
  readonly source: string;
  readonly isSynthetic: boolean;
  readonly instrument?: InstrumentRules | undefined;
}

/** Stores bars from memory; the same rules as for a file. */
export async function importColumns(catalogue: Catalogue, options: ImportColumnsOptions): Promise<ImportReport> {
  const { key, columns } = options;
  return withWorkshop(catalogue, key, (workshopPath) =>
    withDuckdb(join(workshopPath, 'spill'), async (duckdb) => {
      const stagedPath = join(workshopPath, 'staged.parquet');
      const { openTimeMs, open, high, low, close, volume } = columns;
      await duckdb.run('CREATE TABLE staged (openTimeMs BIGINT, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE)');
      await duckdb.append('staged', [openTimeMs, open, high, low, close, volume]);
      await duckdb.run(`COPY staged TO ${sqlText(stagedPath)} (${parquetOptions}); DROP TABLE staged`);
      const staged = await scanStaged(duckdb, stagedPath, undefined, key);
      const text = stagedRejections(staged.scan);
      if (text !== '')
        throw new DataError('DATA_QUALITY', `${options.source} as ${seriesName(key)}: ${text}. Nothing was stored`, { ...key });
      const { source, isSynthetic, instrument } = options;
      return storeStaged(catalogue, duckdb, {
        key,
        source,
        isSynthetic,
        instrument,
        stagedPath,
        workshopPath,
        notes: [],
        tickSize: staged.decimals.tickSize,
        barCount: staged.scan.rowCount,
      });
    }),
  );
}

export type ImportSyntheticOptions = SynthesiseOptions & {
  readonly venue?: string | undefined;
  readonly instrument?: InstrumentRules | undefined;
};

/** Makes synthetic minutes and stores them as (venue, symbol, 1m), labelled; venue "synthetic" unless another is given. */
export async function importSynthetic(catalogue: Catalogue, options: ImportSyntheticOptions): Promise<ImportReport> {
  const key: SeriesKey = { venue: options.venue ?? 'synthetic', symbol: options.symbol, timeframe: '1m' };
  return importColumns(catalogue, {
    key,
    columns: synthesise(options),
    source: `synthetic seed ${options.seed}`,
    isSynthetic: true,
    instrument: { tickSize: options.tick, ...options.instrument },
  });
}
