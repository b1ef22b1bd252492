import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fill } from '../model/fill.ts';
import { Grid } from '../model/grid.ts';
import { play as playInput } from '../play.ts';
import type { RunSettings } from '../settings.ts';
import { playScript, type ScriptInput, scriptInput } from '../testing/play-script.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';

const seed = 20_260_104;
const minuteMs = 60_000;
const flat = (volume: number): BarRow => [100, 100, 100, 100, volume];
const margin = { account: { kind: 'frictionless', leverage: 1000 } } as const;

function play(input: ScriptInput, liquidity: Partial<RunSettings['liquidity']>) {
  return playScript({ instrument: { lotSize: 1 }, ...input, settings: { ...margin, liquidity, ...input.settings } });
}
/** "size@price open|in minute" */
const told = (fills: readonly Fill[]) =>
  fills.map((fill) => {
    const isOpen = fill.timeMs === fill.openTimeMs;
    return `${fill.side * fill.sizeBase}@${fill.priceQuote} ${isOpen ? 'open' : 'in'}${fill.openTimeMs / minuteMs}`;
  });

describe('a share of the volume (7.1)', () => {
  test('an open draws on the bar that closed before it, the inside on its own, and both on what the other left', () => {
    const rows: BarRow[] = [flat(100), [100, 103, 100, 103, 60], [103, 103, 103, 103, 80], flat(1)];
    const { fills, orders } = play(
      {
        rows,
        at: {
          0: ({ order }) => {
            order.market({ side: 1, sizeBase: 12 });
            order.stop({ side: 1, sizeBase: 4, stopPrice: 102 });
          },
        },
      },
      { volumeShare: 0.1 },
    );
    // 10 of the first bar at the open; of the second 4 inside, which leaves the next open 2 of its 6.
    expect(told(fills)).toEqual(['10@100 open1', '4@102 in1', '2@103 open2']);
    expect(orders.map(({ status, filledBase }) => [status, filledBase])).toEqual([
      ['filled', 12],
      ['filled', 4],
    ]);
  });

  test('nothing fills where there is nothing, and an order that may only fill at once ends', () => {
    const { orders, fills } = play(
      {
        rows: [flat(0), flat(5), flat(5)],
        at: {
          0: ({ order }) => {
            order.market({ side: 1, sizeBase: 2 });
            order.market({ side: 1, sizeBase: 1, timeInForce: 'IOC' });
            order.market({ side: 1, sizeBase: 1, timeInForce: 'FOK' });
          },
        },
      },
      { volumeShare: 1 },
    );
    expect(told(fills)).toEqual(['2@100 open2']);
    expect(orders.map(({ status, reason }) => `${status} ${reason}`.trim())).toEqual([
      'filled',
      'cancelled immediate or cancel',
      'cancelled fill or kill',
    ]);
  });

  test('each instrument has its own, and two orders of one share it in their sequence', () => {
    const tapes = ['A', 'B'].map((symbol) => tapeOf([flat(10), flat(10), flat(10)], { symbol }));
    const { fills } = play(
      {
        tapes,
        at: {
          0: ({ series: [a, b] }) => {
            a.order.market({ side: 1, sizeBase: 3 });
            a.order.market({ side: -1, sizeBase: 9 });
            b.order.market({ side: 1, sizeBase: 5 });
          },
        },
      },
      { volumeShare: 0.5 },
    );
    expect(told(fills)).toEqual(['3@100 open1', '-2@100 open1', '5@100 open1', '-5@100 open2']);
  });

  test('under refine each finer bar has its share, and what it gives is drawn from the bar it lies in', () => {
    const input = scriptInput({
      tapes: [tapeOf([flat(1000), [100, 103, 97, 100, 50], flat(1)], { timeframe: '5m' })],
      instrument: { lotSize: 1 },
      settings: { ...margin, ambiguity: 'refine', liquidity: { volumeShare: 0.5 } },
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 10, stopLoss: 98, takeProfit: 102 }),
        1: ({ order }) => void order.market({ side: 1, sizeBase: 20 }),
      },
    });
    const minutes: BarRow[] = [
      [100, 101, 100, 101, 10],
      [101, 103, 101, 102, 10],
      [102, 102, 97, 97, 10],
      [97, 100, 97, 100, 20],
    ];
    const { fills } = playInput({ ...input, finer: [tapeOf(minutes, { startMs: 5 * minuteMs })] });
    // 5 of each minute's 10; of the bar's 25 that leaves the next open 15.
    expect(told(fills)).toEqual(['10@100 open5', '-5@102 in5', '-5@98 in5', '15@100 open10']);
  });

  test('the open of a finer bar draws on the finer bar before it', () => {
    const input = scriptInput({
      tapes: [tapeOf([flat(1000), [100, 103, 97, 100, 110], flat(1)], { timeframe: '5m' })],
      instrument: { lotSize: 1 },
      settings: { ...margin, ambiguity: 'refine', liquidity: { volumeShare: 0.5 } },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 10, stopLoss: 98, takeProfit: 102 }) },
    });
    const minutes: BarRow[] = [
      [100, 101, 99, 99, 10],
      [97, 103, 97, 100, 100],
    ];
    const { fills } = playInput({ ...input, finer: [tapeOf(minutes, { startMs: 5 * minuteMs })] });
    // The open at 97 that passes the stop draws on the 10 of the minute before; the target takes the rest.
    expect(told(fills)).toEqual(['10@100 open5', '-5@97 in5', '-5@102 in5']);
  });

  test('what closes the run fills whole', () => {
    const { fills } = play(
      {
        rows: [flat(10), flat(3)],
        settings: { ...margin, semantics: { endOfRun: 'closeAtLastClose' } },
        at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 10 }) },
      },
      { volumeShare: 1 },
    );
    expect(told(fills)).toEqual(['10@100 open1', '-10@100 in1']);
  });
});

describe('random orders of every kind', () => {
  const bar = fc
    .tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 40 }))
    .map(([up, down, volume]): BarRow => [100, 100 + up, 100 - down, 100, volume]);
  const wish = fc.record({
    at: fc.integer({ min: 0, max: 10 }),
    kind: fc.constantFrom('market' as const, 'limit' as const, 'stop' as const, 'marketIfTouched' as const),
    side: fc.constantFrom(1 as const, -1 as const),
    sizeBase: fc.integer({ min: 1, max: 30 }),
    away: fc.integer({ min: -5, max: 5 }),
    stopLoss: fc.boolean(),
  });
  const liquidity = fc.record({ volumeShare: fc.constantFrom(0.05, 0.3, 1), queue: fc.constantFrom(null, 0, 0.7) });

  test('together they never draw more of a bar than its share, and fill on the lot', () => {
    let fillCount = 0;
    fc.assert(
      fc.property(
        fc.array(bar, { minLength: 4, maxLength: 14 }),
        fc.array(wish, { maxLength: 14 }),
        liquidity,
        fc.constantFrom('pessimistic' as const, 'optimistic' as const, 'path' as const),
        (rows, wishes, given, ambiguity) => {
          const { fills } = play(
            {
              rows,
              settings: { ...margin, ambiguity },
              always: ({ order, call }) => {
                for (const { at, kind, side, sizeBase, away, stopLoss } of wishes) {
                  if (at !== call) continue;
                  const price = 100 + away;
                  const plain = { side, sizeBase, ...(stopLoss ? { stopLoss: { distance: 2 } } : {}) };
                  if (kind === 'market') order.market(plain);
                  else if (kind === 'limit') order.limit({ ...plain, limitPrice: price });
                  else if (kind === 'stop') order.stop({ ...plain, stopPrice: price });
                  else order.marketIfTouched({ ...plain, touchPrice: price });
                }
              },
            },
            given,
          );
          const drawn = new Array<number>(rows.length).fill(0);
          for (const fill of fills) {
            const isOpen = fill.timeMs === fill.openTimeMs;
            drawn[fill.openTimeMs / minuteMs - (isOpen ? 1 : 0)] += fill.sizeBase;
            expect(Number.isInteger(fill.sizeBase)).toBe(true);
          }
          const lot = new Grid(1);
          drawn.forEach((sum, i) => {
            expect(sum).toBeLessThanOrEqual(lot.floor(given.volumeShare * (rows[i][4] ?? 0)));
          });
          fillCount += fills.length;
        },
      ),
      { seed, numRuns: 600 },
    );
    expect(fillCount).toBeGreaterThan(1_000);
  });
});

describe('a queue before limits (7.3)', () => {
  const buyAt99 = (sizeBase: number): NonNullable<ScriptInput['at']> => ({
    0: ({ order }) => void order.limit({ side: 1, sizeBase, limitPrice: 99 }),
  });
  const rest = (rows: readonly BarRow[], queue: number, more: Partial<ScriptInput> = {}) =>
    told(play({ rows, at: buyAt99(9), ...more }, { queue }).fills);

  test.each<[string, BarRow[], number, string[]]>([
    ['a touch that trades less than stands before it fills nothing', [flat(6), [100, 100, 99, 100, 5]], 1, []],
    ['touches add up, and what is beyond fills', [flat(6), [100, 100, 99, 100, 4], [100, 100, 99, 100, 5]], 1, ['3@99 in2']],
    [
      'from then on every touch fills as much as it trades',
      [flat(6), [100, 100, 99, 100, 8], [100, 100, 99, 100, 5], [100, 100, 99, 100, 50]],
      1,
      ['2@99 in1', '5@99 in2', '2@99 in3'],
    ],
    ['a bar that penetrates fills it whole', [flat(6), [100, 100, 98, 100, 1]], 1, ['9@99 in1']],
    ['an open beyond it fills it there', [flat(6), [98, 98, 98, 98, 1]], 1, ['9@98 open1']],
    ['an open at its price fills nobody', [flat(6), [99, 99, 99, 99, 1]], 1, []],
    ['without anyone before it a touch is enough', [flat(6), [100, 100, 99, 100, 9]], 0, ['9@99 in1']],
    ['a touch without a trade fills nothing', [flat(6), [100, 100, 99, 100, 0]], 0, []],
  ])('%s', (_, rows, queue, fills) => {
    expect(rest(rows, queue)).toEqual(fills);
    expect(rest(rows, queue, { settings: { ...margin, ambiguity: 'path' } })).toEqual(fills);
  });

  test('a new price stands behind the others again, a smaller size keeps its place', () => {
    const rows: BarRow[] = [flat(6), [100, 100, 99, 100, 5], [100, 100, 99, 100, 5], [100, 100, 99, 100, 5]];
    const amended = (change: { limitPrice?: number; sizeBase?: number }) =>
      rest(rows, 1, { at: { ...buyAt99(9), 1: ({ order }) => order.amend(0, change) } });
    expect(amended({ sizeBase: 8 })).toEqual(['4@99 in2', '4@99 in3']);
    // 5 lie before it anew: what the bar that closed last traded.
    expect(amended({ limitPrice: 99 })).toEqual(['5@99 in3']);
  });

  test('what becomes a limit order joins when it does', () => {
    const rows: BarRow[] = [flat(6), [100, 103, 100, 102, 4], [102, 102, 101, 102, 5], [102, 102, 101, 102, 5]];
    const { fills } = play(
      { rows, at: { 0: ({ order }) => void order.stopLimit({ side: 1, sizeBase: 9, stopPrice: 103, limitPrice: 101 }) } },
      { queue: 1 },
    );
    expect(told(fills)).toEqual(['1@101 in2', '5@101 in3']);
  });

  test('a bar is in doubt only where the queue lets both fill', () => {
    const both = (volume: number) =>
      play(
        {
          rows: [flat(6), [100, 103, 99, 100, volume], flat(1)],
          at: {
            0: ({ order }) => {
              order.limit({ side: 1, sizeBase: 1, limitPrice: 99 });
              order.stop({ side: 1, sizeBase: 1, stopPrice: 102 });
            },
          },
        },
        { queue: 1 },
      ).ambiguousBarCount;
    expect(both(6)).toBe(0);
    expect(both(7)).toBe(1);
  });
});
