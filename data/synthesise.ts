/**
 * Owns the synthetic minute market: bars that depend on the seed alone, on every machine. Never stands in for recorded bars: what is made
 * here is labelled synthetic wherever its results are shown.
 *
 * A regime lasts from hours to days (geometric, mean below) and sets drift and volatility; inside it the variance clusters as in GARCH(1,1).
 * A bar's high and low are the extremes of four steps of its own small walk, so that stops and limits inside a bar can be told apart.
 */
import { ConfigError } from '../engine/errors.ts';
import { exp } from '../engine/math.ts';
import type { BarColumns } from '../engine/model/bar.ts';
import { decimalsOf } from '../engine/model/instrument.ts';
import { createRandom, type Random } from '../engine/random.ts';
import { allocateColumns } from './columns.ts';

export type RegimeName = 'calm' | 'trendUp' | 'trendDown' | 'volatile';
export const regimeNames: readonly RegimeName[] = ['calm', 'trendUp', 'trendDown', 'volatile'];

export interface SynthesiseOptions {
  readonly seed: number;
  /** Enters the seed, so that two symbols of one seed move apart. */
  readonly symbol: string;
  /** Bars that come out; gaps make the tape longer in time, not shorter in bars. */
  readonly bars: number;
  readonly timeframe?: '1m' | undefined;
  readonly startMs: number;
  readonly startPrice: number;
  readonly tick: number;
  /** Regimes that take turns at random; default all. */
  readonly regimes?: readonly RegimeName[] | undefined;
  /** Expected gaps of 1 to 30 missing minutes per 10,000 bars; default 0. */
  readonly gaps?: number | undefined;
}

interface Regime {
  /** Per minute, of the log price. */
  readonly drift: number;
  readonly volatility: number;
  readonly minutesMean: number;
}

const minuteMs = 60_000;
const regimes: Readonly<Record<RegimeName, Regime>> = {
  calm: { drift: 0, volatility: 0.0003, minutesMean: 1_440 },
  trendUp: { drift: 0.000015, volatility: 0.0005, minutesMean: 2_880 },
  trendDown: { drift: -0.000015, volatility: 0.0006, minutesMean: 2_160 },
  volatile: { drift: 0, volatility: 0.0014, minutesMean: 480 },
};
// GARCH(1,1) with α + β < 1: the variance returns to the regime's own.
const alpha = 0.08;
const beta = 0.9;
const stepsPerBar = 4;

/** Makes the bars; the same options give the same bits everywhere. */
export function synthesise(options: SynthesiseOptions): BarColumns {
  assertOptions(options);
  const { bars, startMs, startPrice, tick } = options;
  const random = createRandom(options.seed + seedOf(options.symbol));
  const names = options.regimes ?? regimeNames;
  const gapChance = (options.gaps ?? 0) / 10_000;
  const grid = createGrid(tick);
  const { columns } = allocateColumns(bars);
  let regime = regimes[names[Math.floor(random() * names.length)]];
  let variance = regime.volatility * regime.volatility;
  let price = grid(startPrice);
  let timeMs = startMs;
  for (let i = 0; i < bars; i++) {
    if (random() * regime.minutesMean < 1) regime = regimes[names[Math.floor(random() * names.length)]];
    if (i > 0 && random() < gapChance) timeMs += minuteMs * (1 + Math.floor(random() * 30));
    const volatility = Math.sqrt(variance);
    const open = Math.max(tick, grid(price * exp(0.25 * volatility * random.normal())));
    writeBar(columns, i, { timeMs, open, drift: regime.drift, volatility }, random, grid, tick);
    const shock = columns.close[i] / open - 1 - regime.drift;
    variance = (1 - alpha - beta) * regime.volatility * regime.volatility + alpha * shock * shock + beta * variance;
    price = columns.close[i];
    timeMs += minuteMs;
  }
  return columns;
}

interface BarStart {
  readonly timeMs: number;
  readonly open: number;
  readonly drift: number;
  readonly volatility: number;
}

function writeBar(columns: BarColumns, i: number, start: BarStart, random: Random, grid: (price: number) => number, tick: number): void {
  const { open, drift, volatility, timeMs } = start;
  let last = open;
  let high = open;
  let low = open;
  for (let step = 0; step < stepsPerBar; step++) {
    const change = drift / stepsPerBar + (volatility / Math.sqrt(stepsPerBar)) * random.normal();
    last = Math.max(tick, grid(last * exp(change)));
    if (last > high) high = last;
    if (last < low) low = last;
  }
  columns.openTimeMs[i] = timeMs;
  columns.closeTimeMs[i] = timeMs + minuteMs;
  columns.open[i] = open;
  columns.high[i] = high;
  columns.low[i] = low;
  columns.close[i] = last;
  // Volume grows with the move, as in markets: a quiet minute trades about one unit of base.
  const move = Math.abs(last - open) / open / volatility;
  columns.volume[i] = Math.round(exp(0.5 * random.normal() + 0.7 * move) * 1000) / 1000;
}

/** Rounds to the tick so that the result is the double nearest to the decimal: integer ticks over a power of ten where there is one. */
function createGrid(tick: number): (price: number) => number {
  const decimals = decimalsOf(tick);
  const scale = Number(`1e${decimals}`);
  const unit = Math.round(tick * scale);
  return (price) => (Math.round((price * scale) / unit) * unit) / scale;
}

/** FNV-1a of the symbol's UTF-16 units. */
function seedOf(symbol: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < symbol.length; i++) hash = Math.imul(hash ^ symbol.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function assertOptions(options: SynthesiseOptions): void {
  const fail = (name: string, found: unknown, expected: string): never => {
    throw new ConfigError('USAGE', `--${name}: was ${String(found)}, expected ${expected}`, { option: `--${name}` });
  };
  if (!Number.isSafeInteger(options.seed)) fail('seed', options.seed, 'a whole number');
  if (!Number.isInteger(options.bars) || options.bars < 1) fail('bars', options.bars, 'a whole number from 1');
  if (!Number.isInteger(options.startMs) || options.startMs % minuteMs !== 0) fail('start', options.startMs, 'a whole minute in ms');
  if (!(options.tick > 0)) fail('tick', options.tick, 'a number above 0');
  if (!(options.startPrice >= options.tick) || !Number.isFinite(options.startPrice))
    fail('price', options.startPrice, 'a number from one tick');
  if (!((options.gaps ?? 0) >= 0 && (options.gaps ?? 0) <= 10_000))
    fail('gaps', options.gaps, 'a number from 0 to 10,000 (per 10,000 bars)');
  for (const name of options.regimes ?? [])
    if (!regimeNames.includes(name)) fail('regimes', `"${name}"`, `one of ${regimeNames.join(', ')}`);
  if (options.regimes?.length === 0) fail('regimes', 'empty', `some of ${regimeNames.join(', ')}`);
}
