import { describe, expect, test } from 'vitest';
import { brief, playScript, type ScriptInput } from '../testing/play-script.ts';
import type { BarRow } from '../testing/tapes.ts';

const minuteMs = 60_000;
const before: BarRow = [100, 100, 100, 100];
const flat = (price: number): BarRow => [price, price, price, price];

describe('the drawdown halt', () => {
  const rows: BarRow[] = [before, before, flat(90), flat(80), flat(95), flat(120), flat(120)];
  const halted = (input: Omit<ScriptInput, 'rows'> = {}) =>
    playScript({ rows, settings: { risk: { drawdownHaltFraction: 0.1 } }, ...input });

  test('is tested at bar closes, cancels what rests, closes at the next open and refuses increases to the end', () => {
    const seen: boolean[] = [];
    const { orders, fills, warnings, equity } = halted({
      at: {
        0: ({ order }) => {
          order.market({ side: 1, sizeBase: 60 });
          order.limit({ side: 1, sizeBase: 1, limitPrice: 50 });
        },
        4: ({ order }) => void order.market({ side: 1, sizeBase: 1 }),
      },
      always: ({ account }) => void seen.push(account.isHalted),
    });
    // 60 × 10 lost at the close of bar 2 is 6 %, at the close of bar 3 12 %.
    expect(seen).toEqual([false, false, false, true, true, true, true]);
    expect(brief(fills)).toEqual([
      [minuteMs, 1, 100, 60],
      [4 * minuteMs, -1, 95, 60, 'halt'],
    ]);
    expect(orders.map(({ role, status, reason }) => [role, status, reason])).toEqual([
      ['own', 'filled', ''],
      ['own', 'cancelled', 'by the drawdown halt'],
      ['halt', 'filled', ''],
      [
        'own',
        'rejected',
        'HALTED: equity 8800 is 12% below its peak of 10000, the limit is 10%; increases are refused to the end of the run',
      ],
    ]);
    expect(warnings).toContain('the drawdown halt was reached: positions were closed and increases refused to the end');
    expect(equity.equityQuote.at(-1)).toBe(9700);
  });

  test('a stop attached to what it closes is cancelled with it', () => {
    const { orders } = halted({ at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 60, stopLoss: 50, takeProfit: 110 }) } });
    expect(orders.map(({ role, status }) => [role, status])).toEqual([
      ['own', 'filled'],
      ['stopLoss', 'cancelled'],
      ['takeProfit', 'cancelled'],
      ['halt', 'filled'],
    ]);
  });

  test('is reached at exactly the fraction, and never at 1', () => {
    const exactly = halted({ at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 50 }) } });
    expect(brief(exactly.fills).at(-1)).toEqual([4 * minuteMs, -1, 95, 50, 'halt']);
    const never = halted({
      settings: { risk: { drawdownHaltFraction: 1 } },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 100 }) },
    });
    expect(never.fills).toHaveLength(1);
  });

  test('closes what is worth less than the minimum notional, and so does a close of a whole position', () => {
    const dust = { minimumNotionalQuote: 5000 };
    const { fills, openPositions } = halted({ instrument: dust, at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 60 }) } });
    expect(brief(fills).at(-1)).toEqual([4 * minuteMs, -1, 95, 60, 'halt']);
    expect(openPositions).toEqual([]);
    const { orders } = playScript({
      rows: [before, before, flat(40), flat(40), flat(40)],
      instrument: dust,
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 60 }),
        2: ({ order }) => {
          order.market({ side: -1, sizeBase: 59, reduceOnly: true });
          order.market({ side: -1, sizeBase: 60 });
          order.close();
        },
      },
    });
    expect(orders.map(({ status, reason }) => `${status} ${reason}`.trim())).toEqual([
      'filled',
      "rejected notional 2360 is below the instrument's minimum 5000",
      "rejected notional 2400 is below the instrument's minimum 5000",
      'filled',
    ]);
  });

  test("its closing orders are not the strategy's to cancel", () => {
    const { fills, openPositions } = halted({
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 60 }), 3: ({ order }) => order.cancelAll() },
    });
    expect(brief(fills).at(-1)).toEqual([4 * minuteMs, -1, 95, 60, 'halt']);
    expect(openPositions).toEqual([]);
  });

  test('closes later what could not be closed at once, and tells of it', () => {
    // A fee of 4,000 on a sale: 10 a piece do not pay for it, 100 do.
    const broke = (last: readonly BarRow[]) =>
      playScript({
        rows: [before, before, flat(10), flat(10), flat(10), ...last],
        settings: { risk: { drawdownHaltFraction: 0.5 }, costs: { feeFixedQuote: 4000 } },
        at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 60 }) },
      });
    const stuck = broke([]);
    expect(stuck.orders.map(({ role, status, reason }) => [role, status, reason])).toEqual([
      ['own', 'filled', ''],
      ['halt', 'rejected', 'brings 3400 less than its fee, cash is 0'],
    ]);
    expect(stuck.warnings).toContain(
      'the drawdown halt was reached: increases were refused to the end, but 1 position was still open there; the closing orders say why',
    );
    const freed = broke([flat(100), flat(99)]);
    expect(freed.orders.slice(2).map(({ role, status, submittedMs }) => [role, status, submittedMs])).toEqual([
      ['halt', 'filled', 6 * minuteMs],
    ]);
    expect(brief(freed.fills).at(-1)).toEqual([6 * minuteMs, -1, 99, 60, 'halt']);
    expect(freed.warnings).toContain('the drawdown halt was reached: positions were closed and increases refused to the end');
  });
});
