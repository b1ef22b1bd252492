/** Owns what happens to a series before every run: loaded, looked at, refused or filled by policy. Never changes the catalogue. */

import { DataError } from '../engine/errors.ts';
import { type BarColumns, type SeriesKey, seriesName, type Tape } from '../engine/model/bar.ts';
import type { Instrument } from '../engine/model/instrument.ts';
import type { Catalogue } from './catalogue.ts';
import { cutBefore } from './columns.ts';
import { fillFlat } from './fill-flat.ts';
import { instrumentOf } from './instruments.ts';
import { type LoadOptions, loadTape } from './load-tape.ts';
import { assertQuality, checkQuality, type QualityPolicy, type QualityReport, resolvePolicy } from './quality.ts';

/** What was found in the bars as recorded, and how many fill-flat then added. */
export interface CheckedQuality extends QualityReport {
  readonly filledBarCount: number;
}

export interface CheckedTape {
  readonly tape: Tape;
  readonly quality: CheckedQuality;
  readonly instrument: Instrument;
}

export interface CheckOptions extends LoadOptions {
  readonly policy?: Partial<QualityPolicy> | undefined;
  /** Open of the first bar to use, so that bars imported before it later change nothing; default: the catalogue's first. */
  readonly columnsFromMs?: number | undefined;
  /** Default: the instrument in force at the last bar loaded. */
  readonly instrument?: Instrument | undefined;
}

/** Loads a series and checks it; DATA_QUALITY where a finding's policy is "reject", DATA_NOT_FOUND where no bar is left. */
export async function loadCheckedTape(catalogue: Catalogue, key: SeriesKey, options: CheckOptions = {}): Promise<CheckedTape> {
  const policy = resolvePolicy(options.policy);
  const loaded = await loadTape(catalogue, key, options);
  const tape = options.columnsFromMs === undefined ? loaded : { ...loaded, columns: columnsFrom(loaded, options.columnsFromMs) };
  if (tape.columns.length === 0) {
    throw new DataError(
      'DATA_NOT_FOUND',
      `${seriesName(key)} has no bar that closes in time; its first opens at ${new Date(catalogue.manifest(key).firstOpenMs).toISOString()}`,
      { ...key },
    );
  }
  const lastOpenMs = tape.columns.openTimeMs[tape.columns.length - 1];
  const instrument = options.instrument ?? instrumentOf(catalogue, key.venue, key.symbol, lastOpenMs);
  const quality = checkQuality(tape.columns, { key, instrument, policy });
  assertQuality(quality, key);
  const filled = policy.gap === 'fill-flat' ? fillFlat(tape) : { tape, filledBarCount: 0 };
  return { tape: filled.tape, quality: { ...quality, filledBarCount: filled.filledBarCount }, instrument };
}

/** Views that start at the pinned first bar; DATA_NOT_FOUND where the catalogue no longer has it. */
function columnsFrom({ key, columns }: Tape, fromMs: number): BarColumns {
  const cut = cutBefore(columns, fromMs);
  if (cut.openTimeMs[0] === fromMs) return cut;
  throw new DataError(
    'DATA_NOT_FOUND',
    `${seriesName(key)} has no bar at ${new Date(fromMs).toISOString()}, where the columns of this run start`,
    { ...key },
  );
}
