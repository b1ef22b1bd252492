import { describe, expect, test } from 'vitest';
import { exp, log } from '../math.ts';
import type { Tape } from '../model/bar.ts';
import { Grid } from '../model/grid.ts';
import { PlacedRandom } from '../random.ts';
import { resample } from '../resample.ts';
import { tapeOf } from '../testing/tapes.ts';
import { faultOf, wanderingTape } from './altered-bars.test.helper.ts';
import { drawPermutation } from './statistics/permutation.ts';
import { TapeMoves } from './tape-moves.ts';

/** So fine that rounding does not show. */
const fine = 1e-10;
const minuteMs = 60_000;

const movesOf = (tape: Tape, options: { tick?: number; fromMs?: number; seed?: number } = {}): TapeMoves =>
  new TapeMoves([tape], { ticks: [options.tick ?? 0.01], fromMs: options.fromMs ?? 0, seed: options.seed ?? 1 });

const gapsOf = ({ columns: { open, close } }: Tape): number[] => [...open.subarray(1)].map((value, i) => log(value / close[i]));
const bodiesOf = ({ columns: { open, high, low, close, volume } }: Tape): number[][] =>
  [...open].map((value, i) => [log(close[i] / value), log(high[i] / value), log(low[i] / value), volume[i]]).slice(1);
const rising = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

function expectNear(values: readonly number[], expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i], 9);
}

describe('bars in another order', () => {
  const tape = wanderingTape(400, 1);

  test('by hand: gaps and bodies of three bars change places behind the first', () => {
    const small = tapeOf([
      [100, 100, 100, 100, 1],
      [110, 121, 110, 121, 2],
      [121, 121, 60.5, 60.5, 3],
    ]);
    // Gaps × 1.1 and × 1; bodies × 1.1 with a high of × 1.1, and × 0.5 with a low of × 0.5.
    const found = new Set<string>();
    for (let replicate = 0; replicate < 40; replicate++) {
      const [{ columns }] = movesOf(small).permuted(replicate);
      found.add([...columns.open.subarray(1), ...columns.close.subarray(1), ...columns.volume.subarray(1)].join(' '));
    }
    expect([...found].sort()).toEqual(['100 121 110 60.5 2 3', '100 55 50 60.5 3 2', '110 121 121 60.5 2 3', '110 55 55 60.5 3 2']);
  });

  test('have the same gaps and the same bodies, and end where they ended', () => {
    const [permuted] = movesOf(tape, { tick: fine }).permuted(3);
    expectNear(rising(gapsOf(permuted)), rising(gapsOf(tape)));
    for (const part of [0, 1, 2, 3]) {
      const [was, is] = [tape, permuted].map((one) => rising(bodiesOf(one).map((body) => body[part])));
      expectNear(is, was);
    }
    expect(permuted.columns.close.at(-1)).toBeCloseTo(tape.columns.close.at(-1) as number, 6);
    expect(bodiesOf(permuted)).not.toEqual(bodiesOf(tape));
  });

  test('are valid bars on the tick at the same times, the last close to the cent', () => {
    for (let replicate = 0; replicate < 20; replicate++) {
      const [permuted] = movesOf(tape).permuted(replicate);
      expect(faultOf(permuted, tape, 0.01)).toBe('');
      expect(permuted.columns.close.at(-1)).toBe(tape.columns.close.at(-1));
    }
    const cheap = wanderingTape(200, 2, { tick: 25 });
    expect(faultOf(movesOf(cheap, { tick: 25 }).permuted(0)[0], cheap, 25)).toBe('');
  });

  test('equal a walk that is taken move by move', () => {
    const { columns } = tape;
    const base = 50;
    const count = columns.length - base - 1;
    const random = new PlacedRandom(7);
    const [gaps, bodies] = [new Int32Array(count), new Int32Array(count)];
    drawPermutation(gaps, random, 8);
    drawPermutation(bodies, random, 9);
    const tick = new Grid(0.01);
    // Factors instead of logarithms, multiplied on and on.
    let price = columns.close[base];
    const closes = Array.from({ length: count }, (_, k) => {
      const gap = base + 1 + gaps[k];
      const body = base + 1 + bodies[k];
      price *= (columns.open[gap] / columns.close[gap - 1]) * (columns.close[body] / columns.open[body]);
      return tick.round(price);
    });
    const [permuted] = movesOf(tape, { fromMs: base * minuteMs, seed: 7 }).permuted(4);
    expect([...permuted.columns.close.subarray(base + 1)]).toEqual(closes);
    expect([...permuted.columns.close.subarray(0, base + 1)]).toEqual([...columns.close.subarray(0, base + 1)]);
  });

  test('lose what one bar says of the next', () => {
    // A trend that turns each fifty bars.
    let price = 100;
    const rows = Array.from({ length: 2_000 }, (_, i): [number, number, number, number] => {
      const open = price;
      price *= exp((Math.floor(i / 50) % 2 === 0 ? 1 : -1) * 0.001);
      return [open, Math.max(open, price), Math.min(open, price), price];
    });
    const persistence = (one: Tape): number => {
      const signs = bodiesOf(one).map(([move]) => Math.sign(move));
      return signs.slice(1).reduce((sum, sign, i) => sum + sign * signs[i], 0) / signs.length;
    };
    const trending = tapeOf(rows);
    expect(persistence(trending)).toBeGreaterThan(0.9);
    // Four standard errors.
    expect(Math.abs(persistence(movesOf(trending, { tick: fine }).permuted(0)[0]))).toBeLessThan(4 / Math.sqrt(2_000));
  });

  test('differ from replicate to replicate and by seed, and hang on nothing that was drawn before', () => {
    const moves = movesOf(tape);
    const third = moves.permuted(3)[0].columns.close;
    expect(movesOf(tape).permuted(3)[0].columns.close).toEqual(third);
    moves.permuted(2);
    expect(moves.permuted(3)[0].columns.close).toEqual(third);
    expect(moves.permuted(2)[0].columns.close).not.toEqual(third);
    expect(movesOf(tape, { seed: 2 }).permuted(3)[0].columns.close).not.toEqual(third);
  });
});

describe('bars of several series', () => {
  const options = { ticks: [fine, fine], fromMs: 0, seed: 1 };

  test('of several symbols change places together', () => {
    const tapes = [wanderingTape(300, 1), wanderingTape(300, 2, { symbol: 'ETH/USDT' })];
    const pairs = ([one, other]: readonly Tape[]): string[] =>
      bodiesOf(one)
        .map(([move], i) => `${move.toFixed(7)} ${bodiesOf(other)[i][0].toFixed(7)}`)
        .sort();
    expect(pairs(new TapeMoves(tapes, options).permuted(0))).toEqual(pairs(tapes));
  });

  test('at times that not all of them have stay as they were', () => {
    const long = wanderingTape(100, 1);
    const late = wanderingTape(80, 2, { symbol: 'ETH/USDT', startMs: 40 * minuteMs });
    const moves = new TapeMoves([long, late], options);
    expect(moves.moveCount).toBe(59);
    const [permuted, permutedLate] = moves.permuted(0);
    expect(permuted.columns.close.subarray(0, 41)).toEqual(long.columns.close.subarray(0, 41));
    expect(permutedLate.columns.close[0]).toBe(late.columns.close[0]);
    expect(
      bodiesOf(permutedLate)
        .slice(59)
        .map(([move]) => move.toFixed(7)),
    ).toEqual(
      bodiesOf(late)
        .slice(59)
        .map(([move]) => move.toFixed(7)),
    );
    expect(permuted.columns.close.at(-1)).toBeCloseTo(long.columns.close.at(-1) as number, 6);
  });

  test('of one symbol: the coarser is made of the finest, whatever their order', () => {
    const minutes = wanderingTape(300, 1);
    const hours: Tape = {
      key: { ...minutes.key, timeframe: '1h' },
      isSynthetic: false,
      columns: resample(minutes.columns, { from: '1m', to: '1h' }),
    };
    const [coarse, permuted] = new TapeMoves([hours, minutes], { ...options, ticks: [0.01, 0.01] }).permuted(0);
    expect(permuted.columns.close).not.toEqual(minutes.columns.close);
    const remade = resample(permuted.columns, { from: '1m', to: '1h' });
    for (const name of ['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const)
      expect([...coarse.columns[name]]).toEqual([...remade[name]]);
  });

  test('of which a coarser one began before the finest keeps what came before', () => {
    const minutes = wanderingTape(120, 1, { startMs: 60 * minuteMs });
    const hours = wanderingTape(3, 5, { timeframe: '1h' });
    const [coarse] = new TapeMoves([hours, minutes], options).permuted(0);
    expect(coarse.columns.close[0]).toBe(hours.columns.close[0]);
    expect(coarse.columns.close[1]).not.toBe(hours.columns.close[1]);
  });
});

describe('bars drawn again in blocks', () => {
  const tape = wanderingTape(500, 3);

  test('are bars of the tape with their gaps, neighbours kept as often as the length of blocks says', () => {
    const [drawn] = movesOf(tape, { tick: fine }).bootstrapped(0, 10);
    const own = new Map(bodiesOf(tape).map(([move], i) => [`${move.toFixed(8)} ${gapsOf(tape)[i].toFixed(8)}`, i]));
    const places = bodiesOf(drawn).map(([move], i) => own.get(`${move.toFixed(8)} ${gapsOf(drawn)[i].toFixed(8)}`) ?? Number.NaN);
    expect(places).not.toContain(Number.NaN);
    const kept = places.slice(1).filter((place, i) => place === (places[i] + 1) % places.length).length;
    // Nine of ten, within four standard errors.
    expect(Math.abs(kept / 498 - 0.9)).toBeLessThan(4 * Math.sqrt(0.09 / 498));
    expect(faultOf(movesOf(tape).bootstrapped(1, 10)[0], tape, 0.01)).toBe('');
  });

  test('keep as many together as their sizes hang on one another', () => {
    expect(movesOf(tape).blockLength()).toBeLessThan(6);
    // Calm and wild by turns, without a sign that lasts.
    let price = 100;
    const rows = Array.from({ length: 2_000 }, (_, i): [number, number, number, number] => {
      const open = price;
      price = open * exp((Math.floor(i / 100) % 2 === 0 ? 0.001 : 0.01) * (i % 2 === 0 ? 1 : -1));
      return [open, Math.max(open, price), Math.min(open, price), price];
    });
    expect(movesOf(tapeOf(rows)).blockLength()).toBeGreaterThan(20);
  });
});

test('prices at or below 0 have no moves', () => {
  const tape = tapeOf([
    [1, 1, 1, 1],
    [1, 1, -1, 1],
  ]);
  expect(() => movesOf(tape)).toThrow(
    'test BTC/USDT 1m: bar 1 goes to -1, and moves of prices at or below 0 cannot be put in another order',
  );
});
