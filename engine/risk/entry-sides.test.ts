/** On which side of an entry its stop and target must lie (RULES 4.2), and what is said of triggers that the price has passed (2.9). */
import { describe, expect, test } from 'vitest';
import { type SemanticsProfile, semanticsProfiles } from '../settings.ts';
import { playScript, type ScriptInput, type Turn } from '../testing/play-script.ts';
import type { BarRow } from '../testing/tapes.ts';

const flat: BarRow = [100, 100, 100, 100];
const rows = [flat, flat, flat, flat];
const played = (input: ScriptInput) =>
  playScript({ rows, ...input, settings: { account: { kind: 'frictionless', leverage: 10 }, ...input.settings } });
const first = (send: (turn: Turn) => void, input: ScriptInput = {}) => {
  const { orders, fills } = played({ at: { 0: send }, ...input });
  return { told: `${orders[0].status} ${orders[0].reason}`.trim(), fillCount: fills.length };
};
const buy = { side: 1, sizeBase: 1 } as const;
const sell = { side: -1, sizeBase: 1 } as const;

describe('a stop or target that is a price on the wrong side of its entry (4.2)', () => {
  test.each<[string, (turn: Turn) => void, string]>([
    ['the stop of a purchase above it', ({ order }) => void order.market({ ...buy, stopLoss: 102 }), 'stopLoss 102 is not below 100'],
    ['the stop of a purchase at it', ({ order }) => void order.market({ ...buy, stopLoss: 100 }), 'stopLoss 100 is not below 100'],
    ['the target of a purchase below it', ({ order }) => void order.market({ ...buy, takeProfit: 95 }), 'takeProfit 95 is not above 100'],
    ['the stop of a sale below it', ({ order }) => void order.market({ ...sell, stopLoss: 95 }), 'stopLoss 95 is not above 100'],
    ['the target of a sale above it', ({ order }) => void order.market({ ...sell, takeProfit: 105 }), 'takeProfit 105 is not below 100'],
    [
      'both, for the other direction',
      ({ order }) => void order.market({ ...buy, stopLoss: 105, takeProfit: 95 }),
      'stopLoss 105 is not below 100',
    ],
    ['beside the limit', ({ order }) => void order.limit({ ...buy, limitPrice: 90, stopLoss: 91 }), 'stopLoss 91 is not below 90'],
    ['beside the stop', ({ order }) => void order.stop({ ...buy, stopPrice: 110, takeProfit: 109 }), 'takeProfit 109 is not above 110'],
    [
      'beside the limit of a stop-limit',
      ({ order }) => void order.stopLimit({ ...buy, stopPrice: 110, limitPrice: 112, takeProfit: 111 }),
      'takeProfit 111 is not above 112',
    ],
    [
      'beside the touch price',
      ({ order }) => void order.marketIfTouched({ ...buy, touchPrice: 90, stopLoss: 95 }),
      'stopLoss 95 is not below 90',
    ],
    [
      'of an order without a size of its own',
      ({ order }) => void order.market({ side: 1, stopLoss: 101 }),
      'stopLoss 101 is not below 100',
    ],
  ])('is refused when the order is sent: %s', (_, send, message) => {
    const { told, fillCount } = first(send);
    expect(told).toContain(`rejected ${message}, the price that this `);
    expect(fillCount).toBe(0);
  });

  test.each(Object.keys(semanticsProfiles) as SemanticsProfile[])('by the rules of %s too', (profile) => {
    const semantics = semanticsProfiles[profile];
    expect(first(({ order }) => void order.market({ ...buy, stopLoss: 102 }), { settings: { semantics } }).told).toMatch(
      /^rejected stopLoss 102/,
    );
  });

  test('is no refusal of what lies right beside where the order enters, or is told from its fill', () => {
    const sent = (send: (turn: Turn) => void) => first(send).told;
    expect(sent(({ order }) => void order.limit({ ...buy, limitPrice: 90, stopLoss: 89.99, takeProfit: 90.01 }))).toBe(
      'expired the tape ended',
    );
    expect(sent(({ order }) => void order.stop({ ...buy, stopPrice: 110, stopLoss: 105 }))).toBe('expired the tape ended');
    expect(sent(({ order }) => void order.market({ ...sell, stopLoss: { fraction: 0.01 }, takeProfit: { distance: 1 } }))).toBe('filled');
    expect(sent(({ order }) => void order.market({ ...buy, takeProfit: [{ afterMs: 0, fraction: -0.5 }] }))).toBe('filled');
  });

  test('is judged when a held order is sent, at the price last known then', () => {
    const { orders } = played({
      rows: [flat, [100, 100, 100, 110], [110, 110, 90, 90], flat, flat],
      at: {
        0: ({ order }) => {
          const entry = order.limit({ ...sell, limitPrice: 108 });
          // Wrong at 100, right at 110, where the open fills the entry.
          order.market({ ...buy, after: entry, stopLoss: 105 });
        },
      },
    });
    expect(orders.slice(0, 2).map(({ status }) => status)).toEqual(['filled', 'filled']);
  });

  test('is no wish for an amend either: the entry stays as it was', () => {
    const { orders } = played({
      at: {
        0: ({ order }) => void order.limit({ ...buy, limitPrice: 98, stopLoss: 95 }),
        1: ({ order }) => {
          order.amend(0, { limitPrice: 95 });
          order.amend(0, { limitPrice: 96 });
        },
      },
    });
    expect(orders.find(({ role }) => role === 'amend')?.reason).toContain('stopLoss 95 is not below 95');
    expect(orders.find(({ id }) => id === 0)).toMatchObject({ limitPrice: 96, status: 'expired' });
  });

  test('may come of a gap: the entry fills beyond its stop, which fills on the same bar', () => {
    const { fills, warnings } = played({
      rows: [flat, [94, 96, 93, 95], flat],
      at: { 0: ({ order }) => void order.market({ ...buy, stopLoss: 95 }) },
    });
    expect(fills.map(({ role, priceQuote }) => [role, priceQuote])).toEqual([
      ['own', 94],
      ['stopLoss', 94],
    ]);
    expect(warnings).toEqual([]);
  });
});

describe('a trigger that the price has passed when it is sent (2.9)', () => {
  const passed = (send: (turn: Turn) => void, input: ScriptInput = {}) => {
    const { fills, warnings } = played({ at: { 0: send }, ...input });
    return [fills.length, ...warnings];
  };
  const one =
    '1 order had a trigger that the price had passed when it was sent: the next open sets it off, where an exchange refuses it ("would trigger immediately")';

  test.each<[string, (turn: Turn) => void]>([
    ['a buy stop below', ({ order }) => void order.stop({ ...buy, stopPrice: 90 })],
    ['a buy stop there', ({ order }) => void order.stop({ ...buy, stopPrice: 100 })],
    ['a sell stop above', ({ order }) => void order.stop({ ...sell, stopPrice: 110 })],
    ['a buy stop-limit below', ({ order }) => void order.stopLimit({ ...buy, stopPrice: 90, limitPrice: 110 })],
    ['a buy if touched above', ({ order }) => void order.marketIfTouched({ ...buy, touchPrice: 110 })],
    ['a sale if touched below', ({ order }) => void order.limitIfTouched({ ...sell, touchPrice: 90, limitPrice: 95 })],
  ])('fills at the next open, and the warnings count it: %s', (_, send) => {
    expect(passed(send)).toEqual([1, one]);
  });

  test('so is a stop or target by protect that the price has passed', () => {
    const at = (wish: object) => ({
      0: ({ order }: Turn) => void order.market(buy),
      1: ({ order }: Turn) => order.protect(wish),
    });
    expect(played({ at: at({ stopLoss: 105 }) }).warnings).toEqual([one]);
    expect(played({ at: at({ takeProfit: 95 }) }).warnings).toEqual([one]);
    expect(played({ at: at({ stopLoss: 95, takeProfit: 105 }) }).warnings).toEqual([]);
  });

  test('several are counted, and what waits on its own side is not', () => {
    const several = ({ order }: Turn) => {
      order.stop({ ...buy, stopPrice: 90 });
      order.stop({ ...sell, stopPrice: 110 });
    };
    expect(passed(several)[1]).toContain('2 orders had a trigger that the price had passed when they were sent');
    const quiet = ({ order }: Turn) => {
      order.stop({ ...buy, stopPrice: 110 });
      order.marketIfTouched({ ...buy, touchPrice: 90 });
      order.limit({ ...buy, limitPrice: 101 });
    };
    expect(passed(quiet)).toEqual([1]);
  });
});
