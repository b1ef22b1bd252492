/** What the naive broker makes of rules that change inside a program. RULES 10.2, 10.8, 10.9. */
import { describe, expect, test } from 'vitest';
import { at, hourMs, buy as market, play as playWorld, type Row } from './naive-worlds.ts';
import type { Program, ProgramAction } from './program.ts';
import type { ProgramRules } from './program-rules.ts';

const flat = (price: number): Row => [price, price, price, price];

function play(
  rows: readonly Row[],
  changes: readonly Partial<ProgramRules>[],
  actions: readonly ProgramAction[],
  other: Partial<Program> = {},
) {
  const free = { fromMs: 0, tickStep: 1, lotStep: 1, minimumNotional: '0', feeRateMaker: '0', feeRateTaker: '0' };
  const rules = changes.map((one) => ({ ...free, ...one }));
  const { fills, orders, cash } = playWorld({ rows, instrument: { rules }, do: actions, with: other });
  return {
    fills: fills.map(({ order, side, sizeLots, price }) => `${order} ${side * sizeLots}@${price}`),
    ends: orders.map(({ name, status, reason }) => `${name} ${status} ${reason}`.trim()),
    cash,
  };
}

const buy = (bar: number, name: string, sizeLots = 1): ProgramAction => market(bar, name, { sizeLots });
const close = (bar: number, name: string): ProgramAction => ({ instrument: 0, bar, kind: 'close', name });

describe('10.8', () => {
  test('an order is of the rules in force as it is sent: those stated for a close hold on it', () => {
    const { fills, ends } = play(
      [flat(100), flat(100), flat(100), flat(100)],
      [{}, { fromMs: 2 * hourMs, lotStep: 5 }],
      [buy(0, 'before', 7), buy(1, 'after', 7), buy(1, 'less', 4)],
    );
    expect(fills).toEqual(['before 7@100', 'after 5@100']);
    expect(ends).toContain('less rejected below one lot');
  });

  test('a limit at rest keeps its price off a later tick, and fills at it; a market order fills on the tick that hurts', () => {
    const { fills } = play(
      [flat(100), flat(100), [101, 101, 90, 101], flat(101)],
      [{}, { fromMs: hourMs + 1, tickStep: 10 }],
      [at(0, { name: 'limit', kind: 'limit', limitPrice: 93 }), buy(1, 'market')],
    );
    expect(fills).toEqual(['market 1@110', 'limit 1@93']);
  });

  test('a stop off a later tick fills on the tick that hurts, and prices asked for then lie on it', () => {
    const { fills } = play(
      [flat(100), flat(100), [100, 104, 100, 104], [104, 108, 104, 108]],
      [{}, { fromMs: hourMs + 1, tickStep: 5 }],
      [at(0, { name: 'old', kind: 'stop', stopPrice: 103 }), at(1, { name: 'new', kind: 'stop', stopPrice: 107 })],
    );
    expect(fills).toEqual(['old 1@105', 'new 1@105']);
  });

  test('inside a bar that closes as rules change the old ones hold', () => {
    const { fills } = play(
      [flat(100), [100, 104, 100, 104], flat(104)],
      [{}, { fromMs: 2 * hourMs, tickStep: 5 }],
      [at(0, { name: 'stop', kind: 'stop', stopPrice: 103 })],
    );
    expect(fills).toEqual(['stop 1@103']);
  });

  test('a volume leaves whole lots of then, and what is left of an order fills whole', () => {
    const rows: Row[] = [flat(100), [100, 100, 100, 100, 18], [100, 100, 100, 100, 18], [100, 100, 100, 100, 18], flat(100)];
    const { fills } = play(rows, [{}, { fromMs: hourMs + 1, lotStep: 5 }], [buy(0, 'order', 17)], { liquidity: { volumeShare: '0.5' } });
    expect(fills).toEqual(['order 5@100', 'order 5@100', 'order 5@100', 'order 2@100']);
  });

  test('a whole position is closed whatever the lot and the minimum, and the fee is that of the fill', () => {
    const { fills, cash } = play(
      [flat(100), flat(100), flat(100), flat(100)],
      [{}, { fromMs: hourMs + 1, lotStep: 5, minimumNotional: '5000', feeRateTaker: '0.01' }],
      [buy(0, 'entry', 7), close(1, 'exit')],
    );
    expect(fills).toEqual(['entry 7@100', 'exit -7@100']);
    expect(cash).toBe('99993');
  });
});

test('10.9: above the maximum a stated size is refused, and a close goes out in parts', () => {
  const { fills, ends } = play(
    [flat(100), flat(100), flat(100), flat(100)],
    [{}, { fromMs: hourMs + 1, maximumLots: 4 }],
    [buy(0, 'entry', 9), buy(1, 'more', 5), close(2, 'exit')],
  );
  expect(fills).toEqual(['entry 9@100', 'exit.part1 -4@100', 'exit.part2 -4@100', 'exit -1@100']);
  expect(ends).toContain('more rejected above the maximum');
});

test('10.2: below the minimum an order is refused at the price it states', () => {
  const { ends } = play(
    [flat(100), flat(100), flat(100)],
    [{ minimumNotional: '200' }],
    [
      buy(0, 'small', 1),
      buy(0, 'enough', 2),
      at(0, { name: 'low', kind: 'limit', limitPrice: 99, sizeLots: 2 }),
      at(0, { name: 'high', kind: 'stop', stopPrice: 200 }),
    ],
  );
  expect(ends).toEqual([
    'small rejected below the minimum',
    'enough filled',
    'low rejected below the minimum',
    'high expired the tape ended',
  ]);
});
