/** Owns what a series' manifest says. Never touches the bars themselves. */
import { existsSync, readFileSync } from 'node:fs';
import { DataError } from '../engine/errors.ts';
import type { SeriesKey } from '../engine/model/bar.ts';

/** One immutable Parquet file of a series. Its name carries the range and the start of its hash. */
export interface Segment {
  readonly file: string;
  readonly sha256: string;
  readonly byteCount: number;
  readonly rowCount: number;
  readonly firstOpenMs: number;
  readonly lastOpenMs: number;
  /** What the bars came from: the name of the imported file, 'synthetic seed 7', 'vega-datasets sp500-2000.csv'. */
  readonly source: string;
  /** Wall clock of the import; for people, never hashed into a result. */
  readonly fetchedAt: string;
}

/** All of a series: the rename of this file is the moment at which an import has happened. */
export interface Manifest {
  readonly version: 1;
  readonly key: SeriesKey;
  readonly isSynthetic: boolean;
  readonly rowCount: number;
  readonly firstOpenMs: number;
  readonly lastOpenMs: number;
  /** Runs of missing bars that no market calendar explains, and the bars missing in them. */
  readonly gapCount: number;
  readonly missingBarCount: number;
  /** Runs of missing bars that look like weekends, nights and holidays. */
  readonly calendarBreakCount: number;
  readonly notes: readonly string[];
  readonly segments: readonly Segment[];
}

export const manifestFile = 'manifest.json';

/** The manifest at that path, or undefined where there is none; DATA_CORRUPT where it cannot be read. */
export function readManifest(path: string): Manifest | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataError(
      'DATA_CORRUPT',
      `${path} is not JSON; restore it from a backup, or delete its folder and import again`,
      { path },
      cause,
    );
  }
  if (!isManifest(value)) {
    throw new DataError('DATA_CORRUPT', `${path} is not a manifest of version 1; it was written by another version or edited`, { path });
  }
  return value;
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const manifest = value as Partial<Manifest>;
  return (
    manifest.version === 1 &&
    typeof manifest.key === 'object' &&
    typeof manifest.rowCount === 'number' &&
    Array.isArray(manifest.segments) &&
    manifest.segments.every((segment) => typeof segment.file === 'string' && typeof segment.sha256 === 'string')
  );
}

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
