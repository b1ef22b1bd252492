/** Owns a second reading of what the page is handed, for tests: candles and markers unpacked as its own code does it. */
import { type Purpose, purposes } from '../price-panel.ts';

export interface PackedSeries {
  readonly name: string;
  readonly instruments: readonly number[];
  readonly note: string;
  readonly from: number;
  readonly step: number;
  readonly scale: number;
  readonly rows: readonly number[];
  readonly volume: readonly number[];
  readonly markers: readonly number[];
}

export interface UnpackedCandle {
  readonly timeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export function unpackedCandles({ from, step, scale, rows }: PackedSeries): UnpackedCandle[] {
  const candles: UnpackedCandle[] = [];
  let seconds = from;
  let before = 0;
  for (let i = 0; i < rows.length; i += 5) {
    seconds += rows[i] * step;
    const open = before + rows[i + 1];
    const close = open + rows[i + 2];
    const high = Math.max(open, close) + rows[i + 3];
    const low = Math.min(open, close) - rows[i + 4];
    candles.push({ timeMs: seconds * 1_000, open: open / scale, high: high / scale, low: low / scale, close: close / scale });
    before = close;
  }
  return candles;
}

export function unpackedMarkers({ markers }: PackedSeries): { candle: number; side: 1 | -1; purpose: Purpose; count: number }[] {
  let candle = 0;
  return markers.map((code) => {
    const rest = Math.floor(code / 100);
    candle += Math.floor(rest / 8);
    return { candle, side: rest & 4 ? 1 : -1, purpose: purposes[rest & 3], count: code % 100 };
  });
}
