/** Owns orders drawn at random. Never sees what is put in order. */
import type { PlacedRandom } from '../../random.ts';

/** Writes the numbers from 0 on in an order of which each is as likely; the same for the same stream. Source: Fisher & Yates 1938, Durstenfeld 1964. */
export function drawPermutation(rows: Int32Array, random: PlacedRandom, stream: number): void {
  for (let i = 0; i < rows.length; i++) {
    const at = Math.floor(random.uniform(stream, i) * (i + 1));
    rows[i] = rows[at];
    rows[at] = i;
  }
}
