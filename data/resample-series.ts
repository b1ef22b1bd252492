/** Owns longer bars made from stored ones: for a run in memory, or stored as a series of their own. Never changes the source. */
import { DataError } from '../engine/errors.ts';
import { type SeriesKey, seriesName, type Tape } from '../engine/model/bar.ts';
import { closeTimeOf, type Timeframe } from '../engine/model/timeframe.ts';
import { assertResamples, resample } from '../engine/resample.ts';
import type { Catalogue } from './catalogue.ts';
import type { ImportReport } from './import-bars.ts';
import { importColumns } from './import-columns.ts';
import { loadCheckedTape } from './load-checked-tape.ts';
import type { Manifest } from './manifest.ts';

export interface ResampleTapeOptions {
  readonly to: Timeframe;
  /** The source is known to hold every bar that closes by then. */
  readonly knownThroughMs: number;
}

/** The tape in longer bars. DATA_NOT_FOUND where no period of it is whole, DATA_QUALITY where a bar lies off the UTC grid. */
export function resampleTape(source: Tape, { to, knownThroughMs }: ResampleTapeOptions): Tape {
  const key: SeriesKey = { venue: source.key.venue, symbol: source.key.symbol, timeframe: to };
  const columns = told(source, () => resample(source.columns, { from: source.key.timeframe, to, knownThroughMs }));
  if (columns.length > 0) return { key, columns, isSynthetic: source.isSynthetic };
  throw new DataError(
    'DATA_NOT_FOUND',
    `${seriesName(source.key)} holds no whole bar of ${to}: a bar is made only where its period lies on the tape from start to end; take a longer tape or a shorter timeframe`,
    { ...key },
  );
}

/** The engine knows columns alone: its refusals are told with the series they are of. */
function told<Result>({ key }: Tape, make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(error.code, `${seriesName(key)}: ${error.message}`, { ...error.fields, ...key }, error);
  }
}

export interface ResampleSeriesOptions {
  /** Left out where one venue alone has the symbol. */
  readonly venue?: string | undefined;
  readonly symbol: string;
  readonly from: Timeframe;
  readonly to: Timeframe;
}

/**
 * Makes a stored series into longer bars and stores them as (venue, symbol, to), "resampled" in the manifest. Again: adds what is new.
 * DATA_CONFLICT where a bar stored before differs, as when minutes missing then have come since.
 */
export async function resampleSeries(catalogue: Catalogue, options: ResampleSeriesOptions): Promise<ImportReport> {
  const { from, to } = options;
  assertResamples(from, to);
  const manifest = sourceOf(catalogue, options);
  const { tape } = await loadCheckedTape(catalogue, manifest.key);
  const made = resampleTape(tape, { to, knownThroughMs: closeTimeOf(from, manifest.lastOpenMs) });
  return importColumns(catalogue, {
    key: made.key,
    columns: made.columns,
    source: `resampled from ${from}, ${tape.columns.length} bars, ${segmentsText(manifest)}`,
    isSynthetic: made.isSynthetic,
  });
}

/** Which bytes the bars were made from. */
function segmentsText({ segments }: Manifest): string {
  const shown = segments.slice(0, 3).map((segment) => segment.sha256.slice(0, 8));
  return `sha256 ${shown.join(' ')}${segments.length > shown.length ? ` and ${segments.length - shown.length} more` : ''}`;
}

function sourceOf(catalogue: Catalogue, { venue, symbol, from }: ResampleSeriesOptions): Manifest {
  if (venue !== undefined) return catalogue.manifest({ venue, symbol, timeframe: from });
  const found = catalogue.list().filter(({ key }) => key.symbol === symbol && key.timeframe === from);
  if (found.length === 1) return found[0];
  if (found.length === 0) {
    const known = catalogue.list().filter(({ key }) => key.symbol === symbol);
    const has = known.length === 0 ? 'no series of that symbol' : known.map(({ key }) => seriesName(key)).join(', ');
    throw new DataError(
      'DATA_NOT_FOUND',
      `the catalogue has no ${symbol} ${from}; it has ${has}: import it with "npx playhead data import"`,
      {
        symbol,
        timeframe: from,
      },
    );
  }
  const venues = found.map(({ key }) => key.venue).join(', ');
  throw new DataError('DATA_NOT_FOUND', `${symbol} ${from} is stored for several venues: ${venues}; say which with --venue`, {
    symbol,
    venues,
  });
}
