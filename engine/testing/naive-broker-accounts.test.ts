/** As naive-broker.test.ts: legs of a hedge account, and what a margin account sets aside, owes and closes. */
import { describe, expect, test } from 'vitest';
import { at, buy, endOf, fillsOf, flat, limit, play, type Row, stop, type World } from './naive-worlds.ts';
import type { ProgramAction, ProgramMargin } from './program.ts';

const level = (price: number): Row => [price, price, price, price];
const hedge = { positions: 'hedge' } as const;
const long = { leg: 'long' } as const;
const short = { leg: 'short', side: -1 } as const;
const half: ProgramMargin = {
  per: 'notional',
  initial: '0.5',
  maintenance: '0.25',
  interest: '0',
  borrow: '0',
  accrual: 'day',
  rule: 'largestLossFirst',
  liquidationFee: '0',
};
const account = (cash: string, margin: Partial<ProgramMargin> = {}) => ({ kind: 'margin', cash, margin: { ...half, ...margin } }) as const;
const protectAt = (bar: number, price: number): ProgramAction => ({
  instrument: 0,
  bar,
  kind: 'protect',
  protection: { stopLoss: { price } },
  leg: 'short',
});

type Fact = readonly [fact: string, world: World, ...fills: string[]];
// biome-ignore format: one fact a line
const facts: readonly Fact[] = [
  // 12.9
  ['12.9 both legs stand side by side, each closed by its own', { rows: [flat, level(100), level(103)], account: hedge, do: [buy(0, 'a', { ...long, sizeLots: 3 }), buy(0, 'b', { ...short, sizeLots: 2 }), { instrument: 0, bar: 1, kind: 'close', name: 'c', leg: 'long' }] }, 'a +3@100 open1', 'b -2@100 open1', 'c -3@103 open2'],
  ['12.9 reduce-only cuts to its own leg', { rows: [flat, flat, flat], account: hedge, do: [buy(0, 'a', { ...long, sizeLots: 3 }), buy(0, 'b', { ...short, sizeLots: 2 }), buy(1, 'c', { leg: 'short', sizeLots: 9, reduceOnly: true })] }, 'a +3@100 open1', 'b -2@100 open1', 'c +2@100 open2'],
  ['12.9 what an entry attaches belongs to its leg', { rows: [flat, [100, 106, 99, 100]], account: hedge, do: [buy(0, 'a', { ...short, stopLoss: { price: 105 } }), buy(0, 'b', { ...long, takeProfit: { price: 104 } })] }, 'a -1@100 open1', 'b +1@100 open1', 'a.stopLoss +1@105 in1', 'b.takeProfit -1@104 in1'],
  ['12.9 a protection is of one leg', { rows: [flat, flat, level(106)], account: hedge, do: [buy(0, 'a', { ...long, sizeLots: 3 }), buy(0, 'b', { ...short, sizeLots: 2 }), protectAt(1, 105)] }, 'a +3@100 open1', 'b -2@100 open1', 'protect.1.stopLoss +2@106 open2'],
  ['12.9 gross is that of both legs', { rows: [flat, flat], account: { ...hedge, cash: '500' }, do: [buy(0, 'a', { ...long, sizeLots: 3 }), buy(0, 'b', { ...short, sizeLots: 3 }), buy(0, 'c', { ...short, sizeLots: 2 })] }, 'a +3@100 open1', 'c -2@100 open1'],
  // 10.7, 12.2
  ['10.7 initial margin up to equity, on a debit', { rows: [flat, flat], account: account('100'), do: [buy(0, 'a', { sizeLots: 2 }), buy(0, 'b')] }, 'a +2@100 open1'],
  ['10.7 the market orders on their way count when it is sent', { rows: [flat, flat], account: account('100'), do: [buy(0, 'a'), buy(0, 'b', { side: -1 }), buy(0, 'c', { sizeLots: 2 })] }, 'a +1@100 open1', 'b -1@100 open1', 'c +2@100 open1'],
  ['10.7 judged again at the fill, at its price', { rows: [flat, level(101)], account: account('100'), do: [buy(0, 'a', { sizeLots: 2 }), buy(0, 'b', { sizeLots: 1 })] }],
  ['10.7 what goes no further than flat passes', { rows: [flat, flat, level(75), level(75)], account: account('100', { maintenance: '0' }), do: [buy(0, 'a', { sizeLots: 2 }), buy(2, 'b', { side: -1 })] }, 'a +2@100 open1', 'b -1@75 open3'],
  ['10.7 a contract sets an amount aside', { rows: [flat, flat], account: account('100', { per: 'contract', initial: '30' }), do: [buy(0, 'a', { sizeLots: 3 }), buy(0, 'b')] }, 'a +3@100 open1'],
  // 12.5
  ['12.5 a margin call closes at the next open', { rows: [flat, flat, level(66), level(64)], account: account('100'), do: [buy(0, 'a', { sizeLots: 2 })] }, 'a +2@100 open1', 'liquidation.0 -2@64 open3'],
  ['12.5 not while equity is that of the maintenance margin', { rows: [flat, flat, level(67), level(64)], account: account('100', { maintenance: '0.25' }), do: [buy(0, 'a', { sizeLots: 2 })] }, 'a +2@100 open1'],
  ['12.5 all at once by the other rule', { rows: [flat, flat, level(40), level(40)], others: [flat, flat, level(99), level(99)], account: account('100', { rule: 'all', maintenance: '0.4' }), do: [buy(0, 'a'), at(0, { name: 'b', kind: 'market' }, 1)] }, 'a +1@100 open1', 'b +1@100 open1', 'liquidation.0 -1@40 open3', 'liquidation.1 -1@99 open3'],
  ['12.5 the largest loss first, until what is left would restore it', { rows: [flat, flat, level(40), level(40)], others: [flat, flat, level(99), level(99)], account: account('100', { maintenance: '0.35' }), do: [buy(0, 'a'), at(0, { name: 'b', kind: 'market' }, 1)] }, 'a +1@100 open1', 'b +1@100 open1', 'liquidation.0 -1@40 open3'],
];

describe('the naive broker with legs and margins', () => {
  for (const [fact, world, ...fills] of facts)
    test(fact, () => {
      expect(fillsOf(world)).toEqual(fills);
    });

  test('12.9 more than its leg holds is refused', () => {
    const world: World = {
      rows: [flat, flat, flat],
      account: hedge,
      do: [buy(0, 'a', long), buy(1, 'b', { leg: 'long', side: -1, sizeLots: 2 })],
    };
    expect(endOf(world, 'b')).toBe('rejected beyond the position');
  });

  test('12.5 what would increase or turn is cancelled as it is called, and refused while it stands', () => {
    const world: World = {
      rows: [flat, flat, level(44), level(44), level(44)],
      account: account('200'),
      do: [
        buy(0, 'a', { sizeLots: 3 }),
        at(1, limit('adds', 40)),
        at(1, limit('turns', 150, { side: -1, sizeLots: 4 })),
        at(1, limit('reduces', 150, { side: -1, sizeLots: 3 })),
        at(2, stop('late', 150)),
      ],
    };
    expect(['adds', 'turns', 'reduces', 'late'].map((name) => endOf(world, name))).toEqual([
      'cancelled margin call',
      'cancelled margin call',
      'expired the tape ended',
      'rejected margin call',
    ]);
  });

  test('12.3 interest on a debit and fees of borrowing at the end of each day, on what stands', () => {
    // Days end at hours 24 and 48: 300 borrowed at 36.5 % is 0.3 a day; one short of 100 at 3.65 % is 0.01, and at 110 it is 0.011.
    const world: World = {
      rows: [flat, flat, flat, level(110)],
      hours: [22, 23, 25, 48],
      instrument: { multiplier: '1' },
      account: account('500', { interest: '0.365', borrow: '0.0365' }),
      do: [buy(0, 'a', { sizeLots: 8 })],
    };
    const { interest, borrowFees, cash } = play(world);
    // At 24 on 300, at 48 on 300.3: before the open of hour 48.
    expect([interest, borrowFees, cash]).toEqual(['0.6', '0', '-300.6']);
    const shorted = play({ ...world, do: [buy(0, 'a', { side: -1 })] });
    expect([shorted.interest, shorted.borrowFees, shorted.cash]).toEqual(['0', '0.02', '599.98']);
  });

  test('12.5 a liquidation pays its fee beside its own', () => {
    const { liquidationFees, cash } = play({
      rows: [flat, flat, level(66), level(66)],
      account: account('100', { liquidationFee: '0.1' }),
      do: [buy(0, 'a', { sizeLots: 2 })],
    });
    expect([liquidationFees, cash]).toEqual(['13.2', '18.8']);
  });
});
