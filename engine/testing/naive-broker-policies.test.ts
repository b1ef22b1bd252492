/** As naive-broker.test.ts: bars in doubt that finer ones replace, and bars that are taken by choice. */
import { describe, expect, test } from 'vitest';
import { at, buy, endOf, fillsOf, flat, hourMs, limit, play, type Row, stop, type World } from './naive-worlds.ts';
import type { ProgramBar } from './program.ts';

const quarterMs = hourMs / 4;
/** Quarters of the hour from that one on. */
const quarters = (hour: number, ...rows: readonly Row[]): { readonly finerTimeframe: '15m'; readonly finer: ProgramBar[] } => ({
  finerTimeframe: '15m',
  finer: rows.map(([open, high, low, close, volume = 10], i) => {
    const openTimeMs = hour * hourMs + i * quarterMs;
    return { openTimeMs, closeTimeMs: openTimeMs + quarterMs, open, high, low, close, volume };
  }),
});
const refine = { policy: 'refine' } as const;
const bracket = { stopLoss: { price: 95 }, takeProfit: { price: 105 } } as const;
const wide: Row = [100, 106, 94, 100];
const upFirst = quarters(1, [100, 106, 100, 106], [106, 106, 103, 103], [103, 103, 94, 94], [94, 100, 94, 100]);
const downFirst = quarters(1, [100, 100, 94, 94], [94, 106, 94, 106], [106, 106, 103, 103], [103, 103, 100, 100]);

type Fact = readonly [fact: string, world: World, ...fills: string[]];
// biome-ignore format: one fact a line
const facts: readonly Fact[] = [
  ['5.6 finer bars that rise first fill the target', { rows: [flat, wide], with: refine, instrument: upFirst, do: [buy(0, 'a', bracket)] }, 'a +1@100 open1', 'a.takeProfit -1@105 in1'],
  ['5.6 finer bars that fall first fill the stop', { rows: [flat, wide], with: refine, instrument: downFirst, do: [buy(0, 'a', bracket)] }, 'a +1@100 open1', 'a.stopLoss -1@95 in1'],
  ['5.6 a gap between finer bars fills at their open, with the stamps of the whole', { rows: [flat, wide], with: refine, instrument: quarters(1, [100, 104, 100, 104], [106, 106, 103, 103], [103, 103, 94, 94], [94, 100, 94, 100]), do: [buy(0, 'a', bracket)] }, 'a +1@100 open1', 'a.takeProfit -1@106 in1'],
  ['5.6 where they do not fit, the bar is taken as it is', { rows: [flat, wide], with: refine, instrument: quarters(1, [100, 107, 100, 106], [106, 106, 103, 103], [103, 103, 94, 94], [94, 100, 94, 100]), do: [buy(0, 'a', bracket)] }, 'a +1@100 open1', 'a.stopLoss -1@95 in1'],
  ['5.6 what one of them leaves in doubt is pessimistic', { rows: [flat, wide], with: refine, instrument: quarters(1, [100, 100, 100, 100], [100, 106, 94, 94], [94, 94, 94, 94], [94, 100, 94, 100]), do: [buy(0, 'a', bracket)] }, 'a +1@100 open1', 'a.stopLoss -1@95 in1'],
  ['5.6 a market order waits for the next open of the tape', { rows: [flat, wide, [101, 101, 101, 101]], with: refine, instrument: upFirst, do: [buy(0, 'a', bracket), { instrument: 0, fillOf: 'a', kind: 'place', order: { name: 'b', kind: 'market', side: 1, sizeLots: 1 } }] }, 'a +1@100 open1', 'a.takeProfit -1@105 in1', 'b +1@101 open2'],
  ['5.6 what is attached inside one takes part in those behind it', { rows: [flat, wide], with: refine, instrument: quarters(1, [100, 100, 97, 97], [97, 106, 97, 106], [106, 106, 94, 94], [94, 100, 94, 100]), do: [at(0, limit('a', 98, bracket))] }, 'a +1@98 in1', 'a.takeProfit -1@105 in1'],
  ['4.5 what waited is sent as of the close of the whole', { rows: [flat, wide, [100, 100, 91, 100]], with: refine, instrument: downFirst, do: [buy(0, 'a', bracket), at(0, stop('c', 104)), at(0, limit('b', 96, { after: 'c' }))] }, 'a +1@100 open1', 'a.stopLoss -1@95 in1', 'c +1@104 in1', 'b +1@96 in2'],
  ['7.1 each finer bar gives its share, and the whole what it has left', { rows: [[100, 100, 100, 100, 9], [100, 106, 94, 100, 12], flat], with: { ...refine, liquidity: { volumeShare: '1' } }, instrument: quarters(1, [100, 106, 100, 106, 3], [106, 106, 103, 103, 3], [103, 103, 94, 94, 3], [94, 100, 94, 100, 3]), do: [at(0, stop('a', 105, { sizeLots: 4 })), at(0, limit('b', 95)), buy(1, 'c', { sizeLots: 8 })] }, 'a +3@105 in1', 'b +1@95 in1', 'a +1@100 open2', 'c +7@100 open2'],
  ['5.7 the n-th bar in doubt takes the n-th choice, behind the last the pessimistic sequence', { rows: [flat, wide, flat, wide, flat, wide], with: { policy: 'branching', branches: ['pessimistic', 'optimistic'] }, do: [buy(0, 'a', bracket), buy(2, 'b', bracket), buy(4, 'c', bracket)] }, 'a +1@100 open1', 'a.stopLoss -1@95 in1', 'b +1@100 open3', 'b.takeProfit -1@105 in3', 'c +1@100 open5', 'c.stopLoss -1@95 in5'],
];

describe('the naive broker with finer bars and choices', () => {
  for (const [fact, world, ...fills] of facts)
    test(fact, () => {
      expect(fillsOf(world)).toEqual(fills);
    });

  const counts = (instrument: World['instrument'], policy: World['with'] = refine) => {
    const { ambiguousBars, decidedBars, notRefinedBars } = play({
      rows: [flat, wide],
      with: policy,
      ...(instrument && { instrument }),
      do: [buy(0, 'a', bracket)],
    });
    return [ambiguousBars.length, decidedBars.length, notRefinedBars.length];
  };

  test('5.6 bars are counted as decided, left in doubt, or not refined', () => {
    expect(counts(upFirst)).toEqual([0, 1, 0]);
    expect(counts(quarters(1, [100, 100, 100, 100], [100, 106, 94, 94], [94, 94, 94, 94], [94, 100, 94, 100]))).toEqual([1, 0, 0]);
    expect(counts(undefined)).toEqual([1, 0, 1]);
    expect(counts(undefined, { policy: 'path' })).toEqual([0, 1, 0]);
    expect(counts(undefined, { policy: 'branching' })).toEqual([1, 0, 0]);
  });

  test('2.4 an open of finer bars is no first open of a post-only order that has seen one', () => {
    const world: World = {
      rows: [flat, wide],
      with: refine,
      instrument: quarters(1, [100, 106, 100, 106], [106, 106, 103, 103], [94, 103, 94, 94], [94, 100, 94, 100]),
      do: [at(0, limit('a', 95, { postOnly: true })), at(0, stop('b', 105))],
    };
    expect(endOf(world, 'a')).toBe('filled');
  });
});
