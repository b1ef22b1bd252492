import { describe, expect, test } from 'vitest';
import { playScript } from './testing/play-script.ts';
import { type BarRow, tapeOf } from './testing/tapes.ts';

const minuteMs = 60_000;
const before: BarRow = [100, 100, 100, 100];

describe('exposure is the share of equity rows at which a position is held', () => {
  test.each<[string, BarRow[], number]>([
    // In at the open of the second bar, out at 98 wherever it is reached.
    ['out inside the bar of the entry: at no close', [before, [100, 101, 97, 98], before, before], 0],
    ['out inside the next bar: at one close', [before, before, [100, 101, 97, 98], before], 1],
    ['out at the open of the bar after that: at two', [before, before, before, [97, 97, 97, 97]], 2],
    ['never out: to the end', [before, before, before, before], 3],
  ])('%s', (_, rows, held) => {
    const { metrics } = playScript({ rows, at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: 98 }) } });
    expect(metrics.exposureFraction).toBe(held / 4);
  });

  test('an entry inside a bar counts from its close', () => {
    const { metrics } = playScript({
      rows: [before, [100, 101, 97, 98], before, before],
      at: { 0: ({ order }) => void order.limit({ side: 1, sizeBase: 1, limitPrice: 98 }), 2: ({ order }) => void order.close() },
    });
    expect(metrics.exposureFraction).toBe(2 / 4);
  });

  test('rows of another instrument count, and so does a position that only changes hands', () => {
    const tapes = [
      tapeOf([before, before, before, before, before, before], { symbol: 'A' }),
      tapeOf([before, before], { symbol: 'B', timeframe: '3m' }),
    ];
    const { metrics, equity } = playScript({
      tapes,
      at: {
        2: ({ series: [, b] }) => void b.order.market({ side: 1, sizeBase: 1, stopLoss: 50 }),
        3: ({ series: [a, b] }) => {
          a.order.market({ side: 1, sizeBase: 1 });
          b.order.close();
        },
        4: ({ series: [a] }) => void a.order.close(),
      },
    });
    expect([...equity.timeMs].map((timeMs) => timeMs / minuteMs)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(metrics.exposureFraction).toBe(3 / 6);
  });
});
