/** As naive-broker.test.ts: orders sent as fills are told, fills at the close that decided, late news, what costs of every model come to. */
import { describe, expect, test } from 'vitest';
import { at, buy, cancel, endOf, fillsOf, flat, hourMs, late, limit, play, type Row, stop, type World } from './naive-worlds.ts';
import type { ProgramAction, ProgramOrder } from './program.ts';

const whenFilled = (fillOf: string, order: Partial<ProgramOrder> & Pick<ProgramOrder, 'name' | 'kind'>, instrument = 0): ProgramAction => ({
  instrument,
  fillOf,
  kind: 'place',
  order: { side: 1, sizeLots: 1, ...order },
});
const atClose = { marketFill: 'close' } as const;
const whole = { liquidity: { volumeShare: '1' } } as const;
const level = (price: number, volume = 10): Row => [price, price, price, price, volume];

type Fact = readonly [fact: string, world: World, ...fills: string[]];
// biome-ignore format: one fact a line
const facts: readonly Fact[] = [
  // As fills are told
  ['1.2 sent as a fill at an open is told, a limit takes part inside that bar', { rows: [flat, [100, 100, 94, 100]], do: [buy(0, 'a'), whenFilled('a', limit('b', 95))] }, 'a +1@100 open1', 'b +1@95 in1'],
  ['1.2 a market order sent then waits for the next open', { rows: [flat, flat, level(103)], do: [buy(0, 'a'), whenFilled('a', { name: 'b', kind: 'market' })] }, 'a +1@100 open1', 'b +1@103 open2'],
  ['1.2 sent as a fill inside a bar is told, it waits for the next open', { rows: [flat, [100, 105, 94, 100], level(94)], do: [at(0, stop('a', 104)), whenFilled('a', limit('b', 95))] }, 'a +1@104 in1', 'b +1@94 open2'],
  ['2.7 passed by the open that filled the other, it fills there', { rows: [flat, [100, 101, 99, 101]], do: [buy(0, 'a'), whenFilled('a', limit('b', 102))] }, 'a +1@100 open1', 'b +1@100 in1'],
  ['only the first fill of an order counts', { rows: [level(100, 1), level(100, 1), flat, flat], with: whole, do: [buy(0, 'a', { sizeLots: 2 }), whenFilled('a', { name: 'b', kind: 'market', sizeLots: 1 })] }, 'a +1@100 open1', 'a +1@100 open2', 'b +1@100 open3'],
  ['1.3 sent inside a longer bar of another instrument it waits for its next', { rows: [flat, flat, flat], hours: [3, 5, 6], others: [flat, [100, 100, 90, 100], [100, 100, 91, 100]], otherHours: [0, 4, 8], otherLengthHours: 4, do: [buy(0, 'a'), whenFilled('a', limit('b', 95), 1)] }, 'a +1@100 open5', 'b +1@95 in8'],
  // 2.8
  ['2.8 a market order fills at the close at which it was sent', { rows: [[100, 103, 99, 102], flat], with: atClose, do: [buy(0, 'a')] }, 'a +1@102 in0'],
  ['2.8 what it attaches takes part from the next open on', { rows: [[100, 103, 90, 100], [100, 100, 94, 100]], with: atClose, do: [buy(0, 'a', { stopLoss: { price: 95 } })] }, 'a +1@100 in0', 'a.stopLoss -1@95 in1'],
  ['2.8 sent as its own fill is told, at the next open', { rows: [flat, level(103)], with: atClose, do: [buy(0, 'a'), whenFilled('a', { name: 'b', kind: 'market' })] }, 'a +1@100 in0', 'b +1@103 open1'],
  ['2.8 where its instrument’s bar does not close then, at the next open', { rows: [flat, flat, flat], hours: [4, 5, 8], others: [flat, level(104), level(108)], otherHours: [0, 4, 8], otherLengthHours: 4, with: atClose, do: [buy(0, 'b'), { ...at(0, { name: 'a', kind: 'market' }, 1), bar: 0 }, whenFilled('b', { name: 'c', kind: 'market' }, 1)] }, 'a +1@100 in0', 'b +1@100 in4', 'c +1@108 open8'],
  ['2.8 one that is late fills at the next open', { rows: [flat, flat, level(103)], with: { ...atClose, ...late(1) }, do: [buy(0, 'a')] }, 'a +1@103 open2'],
  ['2.8 it draws on the bar that closed, the rest at the next open', { rows: [level(100, 2), level(103, 9), level(104)], with: { ...atClose, ...whole }, do: [buy(0, 'a', { sizeLots: 3 })] }, 'a +2@100 in0', 'a +1@104 open2'],
  // 9.1
  ['9.1 late news delays what is sent on it', { rows: [flat, flat, level(105)], with: late(0, 0, 1), do: [buy(0, 'a')] }, 'a +1@105 open2'],
  ['9.1 and a cancel', { rows: [flat, level(101), level(90)], with: late(0, 0, 1), do: [at(0, limit('a', 95)), cancel(1, 'a')] }, 'a +1@90 open2'],
  // 8.1
  ['8.1 volume share: price × impact × share²', { rows: [level(100, 10), flat], with: { slippage: { kind: 'volumeShare', impact: '0.1' } }, do: [buy(0, 'a', { sizeLots: 5 })] }, 'a +5@103 open1'],
  ['8.1 exactly a tick is one tick', { rows: [level(100, 10), flat], with: { slippage: { kind: 'volumeShare', impact: '0.1' } }, do: [buy(0, 'a', { sizeLots: 10 })] }, 'a +10@110 open1'],
  ['8.1 square root: price × impact × √share', { rows: [level(100, 9), flat], with: { slippage: { kind: 'squareRoot', impact: '0.1' } }, do: [buy(0, 'a', { side: -1, sizeLots: 4 })] }, 'a -4@93 open1'],
  ['8.1 inside the bar its own volume is drawn on', { rows: [level(100, 1), [100, 104, 100, 100, 100]], with: { slippage: { kind: 'squareRoot', impact: '0.1' } }, do: [at(0, stop('a', 100))] }, 'a +1@110 open1'],
  ['8.1 a volume of zero slips as a share of 1', { rows: [level(100, 0), flat], with: { slippage: { kind: 'squareRoot', impact: '0.1' } }, do: [buy(0, 'a')] }, 'a +1@110 open1'],
  ['8.1 each part slips by its own size', { rows: [level(100, 4), level(100, 16), flat], with: { ...whole, slippage: { kind: 'squareRoot', impact: '0.1' } }, do: [buy(0, 'a', { sizeLots: 8 })] }, 'a +4@110 open1', 'a +4@105 open2'],
  ['8.1 no sale falls below one tick', { rows: [level(20, 1), level(20, 1)], with: { slippage: { kind: 'squareRoot', impact: '1' } }, do: [buy(0, 'a', { side: -1, sizeLots: 4 })] }, 'a -4@1 open1'],
];

describe('the naive broker as fills are told, at closes and with impact', () => {
  for (const [fact, world, ...fills] of facts)
    test(fact, () => {
      expect(fillsOf(world)).toEqual(fills);
    });
});

describe('fees from elsewhere than the quote', () => {
  const spot = { kind: 'spot' } as const;
  const dear = { feeRateTaker: '0.25', feeRateMaker: '0' } as const;
  const purse = (balance: string, closes: readonly string[], discount = '0.25') => ({
    feeFrom: {
      kind: 'purse' as const,
      balance,
      decimals: 2,
      discount,
      rates: closes.map((close, i) => ({ openTimeMs: (i - 1) * hourMs, closeTimeMs: i * hourMs, close })),
    },
  });

  test('8.2 in base: less is received, and no cash is paid for it', () => {
    const { fills, positionsLots } = play({
      rows: [flat, flat],
      instrument: dear,
      account: spot,
      with: { feeFrom: { kind: 'base' } },
      do: [buy(0, 'a', { sizeLots: 4 })],
    });
    expect(fills[0]).toMatchObject({ sizeLots: 4, cash: '99600', fee: '100', positionLots: 3 });
    expect(positionsLots).toEqual([3]);
  });

  test('8.2 in base: a sale pays quote, and what is attached closes what was received', () => {
    const { fills, cash } = play({
      rows: [flat, flat, [90, 90, 90, 90]],
      instrument: dear,
      account: spot,
      with: { feeFrom: { kind: 'base' } },
      do: [buy(0, 'a', { sizeLots: 4, stopLoss: { price: 95 } })],
    });
    // 3 × 90 = 270, less a quarter.
    expect(fills[1]).toMatchObject({ order: 'a.stopLoss', sizeLots: 3, fee: '67.5' });
    expect(cash).toBe('99802.5');
  });

  test('8.2 in a third currency: less its discount, at the last rate, as long as the balance carries the whole', () => {
    const { fills, purse: left } = play({
      rows: [flat, flat, flat],
      instrument: { feeRateTaker: '0.1' },
      account: spot,
      with: purse('2', ['3', '4', '7']),
      do: [buy(0, 'a'), buy(1, 'b')],
    });
    // 10 less a quarter is 7.5: at the open of hour 1 the close of that hour is known, 4: 1.875 → 1.88; the next, at 7, is 1.07 and not there.
    expect(fills.map(({ fee, cash }) => [fee, cash])).toEqual([
      ['7.5', '99900'],
      ['10', '99790'],
    ]);
    expect(left).toBe('0.12');
  });

  test('12.7 what is held of that currency counts as equity', () => {
    const world = (balance: string): World => ({
      rows: [flat, flat],
      account: { cash: '100', leverage: '1' },
      with: purse(balance, ['3', '4', '7']),
      do: [buy(0, 'a', { sizeLots: 2 })],
    });
    expect(fillsOf(world('25'))).toEqual(['a +2@100 open1']);
    expect(endOf(world('24.99'), 'a')).toBe('rejected beyond the leverage');
  });
});
