/** Owns what the price panel draws, packed: candles and orders of each series. Never grows with the run: see candlesMax and seriesMax. */
import { seriesName } from '../../engine/model/bar.ts';
import { decimalsOf } from '../../engine/model/instrument.ts';
import { counted, duration } from '../format.ts';
import { type Candles, candlesOf, instrumentsOf, type Marker, markersOf, purposes } from '../price-panel.ts';
import type { ReportInput } from '../report-input.ts';

/** Candles of one series, and of all together: more than a reader can tell apart would only make the file larger. */
export const candlesMax = 4_000;
const candlesMaxOfAll = 12_000;
/** Series that the panel offers; each then still has two hundred candles. */
export const seriesMax = 60;
const dayMs = 86_400_000;

/** The series that can be chosen, the first drawn first. */
export function priceSeries(input: ReportInput): object[] {
  const { result, bars } = input;
  const shown = result.series.slice(0, seriesMax);
  const most = Math.min(candlesMax, Math.floor(candlesMaxOfAll / Math.max(1, shown.length)));
  return shown.map(({ key }, i) => {
    const candles = candlesOf(bars[i], most);
    const instruments = instrumentsOf(result, key);
    return {
      name: seriesName(key),
      instruments,
      decimals: decimalsOf(result.instruments[instruments[0]]?.tickSize ?? 0.01),
      note: candleNote(candles),
      isIntraday: candles.openTimeMs.some((time) => time % dayMs !== 0),
      ...packedCandles(candles),
      markers: packedMarkers(markersOf(result, instruments, candles)),
    };
  });
}

function candleNote({ candleMs, openTimeMs }: Candles): string {
  const count = counted(openTimeMs.length, 'candle');
  return candleMs > 0 ? `${count} of ${duration(candleMs)} each` : count;
}

/**
 * Whole numbers, five a candle: steps of time since the candle before, open less the close before, close less open, high over both, low under
 * both, in units of the last decimal that any price has; the volumes apart.
 */
function packedCandles(candles: Candles): object {
  const { open, high, low, close, volume } = candles;
  const seconds = candles.openTimeMs.map((time) => Math.floor(time / 1_000));
  const step = seconds.reduce((common, second, i) => (i === 0 ? common : divisor(common, second - seconds[i - 1])), 0) || 1;
  const scale = Number(`1e${unitDecimals(candles)}`);
  const units = (price: number) => Math.round(price * scale);
  const rows: number[] = [];
  let before = 0;
  for (let i = 0; i < seconds.length; i++) {
    const [first, last] = [units(open[i]), units(close[i])];
    rows.push(i === 0 ? 0 : (seconds[i] - seconds[i - 1]) / step, first - before, last - first);
    rows.push(units(high[i]) - Math.max(first, last), Math.min(first, last) - units(low[i]));
    before = last;
  }
  return { from: seconds[0] ?? 0, step, scale, rows, volume: volume.some((amount) => amount > 0) ? volume : [] };
}

/** Decimals that write every price exactly, as far as whole numbers reach. */
function unitDecimals({ open, high, low, close }: Candles): number {
  let decimals = 0;
  let highest = 1;
  for (const column of [open, high, low, close]) {
    for (const price of column) {
      decimals = Math.max(decimals, decimalsOf(price));
      highest = Math.max(highest, Math.abs(price));
    }
  }
  const wholeDigits = 1 + Number(highest.toExponential().split('e')[1]);
  return Math.min(decimals, 15 - wholeDigits);
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** One whole number a marker: ((candles since the one before × 8 + side and purpose) × 100 + how many orders, at most 99). */
function packedMarkers(markers: readonly Marker[]): number[] {
  let before = 0;
  return markers.map((marker) => {
    const kind = (marker.side === 1 ? 4 : 0) + purposes.indexOf(marker.purpose);
    const code = ((marker.candle - before) * 8 + kind) * 100 + Math.min(99, marker.count);
    before = marker.candle;
    return code;
  });
}
