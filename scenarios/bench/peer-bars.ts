/** Owns the bars of a bench of several engines: raw little-endian columns of time, open, high, low, close, volume under PEERBENCH_HOME. Never times anything. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCatalogue } from '../../data/catalogue.ts';
import { allocateColumns } from '../../data/columns.ts';
import { importColumns } from '../../data/import-columns.ts';
import { assert } from '../../engine/errors.ts';
import type { BarColumns } from '../../engine/model/bar.ts';

const minuteMs = 60_000;

function peerHome(): string {
  const home = process.env.PEERBENCH_HOME;
  assert(home !== undefined, 'PEERBENCH_HOME names the folder with data/');
  return home as string;
}

export function readPeerBars(file: string): BarColumns {
  const bytes = readFileSync(join(peerHome(), 'data', `${file}.f64`));
  const all = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  const length = all.length / 6;
  const { columns } = allocateColumns(length);
  (['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const).forEach((name, k) => {
    columns[name].set(all.subarray(k * length, (k + 1) * length));
  });
  for (let i = 0; i < length; i++) columns.closeTimeMs[i] = columns.openTimeMs[i] + minuteMs;
  return columns;
}

/** A home of ours whose catalogue holds these bars as the benchmark's symbol; they are imported where they are not there yet. */
export async function homeWithPeerBars(file: string): Promise<string> {
  const home = join(peerHome(), 'playhead', file);
  if (existsSync(home)) return home;
  const key = { venue: 'synthetic', symbol: 'BENCH/USD', timeframe: '1m' as const };
  const instrument = { tickSize: 0.01 };
  await importColumns(openCatalogue(home), {
    key,
    columns: readPeerBars(file),
    source: `peer bench ${file}`,
    isSynthetic: true,
    instrument,
  });
  return home;
}
