/** Owns what happens to a series before every run: loaded, looked at, refused or filled by policy. Never changes the catalogue. */

import { DataError } from '../engine/errors.ts';
import { type SeriesKey, seriesName, type Tape } from '../engine/model/bar.ts';
import type { Instrument } from '../engine/model/instrument.ts';
import type { Catalogue } from './catalogue.ts';
import { fillFlat } from './fill-flat.ts';
import { instrumentOf } from './instruments.ts';
import { type LoadOptions, loadTape } from './load-tape.ts';
import { assertQuality, checkQuality, type QualityPolicy, type QualityReport, resolvePolicy } from './quality.ts';

export interface CheckedTape {
  readonly tape: Tape;
  /** Of the bars as recorded, before any were filled. */
  readonly quality: QualityReport;
  readonly instrument: Instrument;
  readonly filledBarCount: number;
}

/** Loads a series and checks it; DATA_QUALITY where a finding's policy is "reject". The instrument is that of the last bar loaded. */
export async function loadCheckedTape(
  catalogue: Catalogue,
  key: SeriesKey,
  options: LoadOptions & { readonly policy?: Partial<QualityPolicy> | undefined } = {},
): Promise<CheckedTape> {
  const policy = resolvePolicy(options.policy);
  const tape = await loadTape(catalogue, key, options);
  if (tape.columns.length === 0) {
    throw new DataError(
      'DATA_NOT_FOUND',
      `${seriesName(key)} has no bar that closes in time; its first opens at ${new Date(catalogue.manifest(key).firstOpenMs).toISOString()}`,
      { ...key },
    );
  }
  const instrument = instrumentOf(catalogue, key.venue, key.symbol, tape.columns.openTimeMs[tape.columns.length - 1]);
  const quality = checkQuality(tape.columns, { key, instrument, policy });
  assertQuality(quality, key);
  const filled = policy.gap === 'fill-flat' ? fillFlat(tape) : { tape, filledBarCount: 0 };
  return { ...filled, quality, instrument };
}
