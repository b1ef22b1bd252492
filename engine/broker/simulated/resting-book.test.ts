import { expect, test, vi } from 'vitest';
import { playScript, type Turn } from '../../testing/play-script.ts';
import type { BarRow } from '../../testing/tapes.ts';
import { RestingBook } from './resting-book.ts';

const buy = { side: 1, sizeBase: 1 } as const;
const sell = { side: -1, sizeBase: 1 } as const;

/** A walk that now and then reaches the orders. */
const rows = Array.from({ length: 120 }, (_, i): BarRow => {
  const open = 100 + 8 * Math.sin(i / 7) + ((i * 37) % 11) / 10;
  const close = 100 + 8 * Math.sin((i + 1) / 7);
  return [open, Math.max(open, close) + 1, Math.min(open, close) - 1, close];
});

/** Every kind there is, far and near, sent, cancelled and amended along the way. */
function send({ order, call, timeMs }: Turn): void {
  const near = 92 + ((call * 13) % 17);
  if (call % 3 === 0)
    order.limit({
      ...buy,
      limitPrice: near - 4,
      stopLoss: { distance: 3 },
      takeProfit: [
        { afterMs: 0, fraction: 0.05 },
        { afterMs: 300_000, fraction: 0.01 },
      ],
    });
  if (call % 4 === 1) order.stop({ ...sell, stopPrice: near, trail: { fraction: 0.02 } });
  if (call % 5 === 2) order.stopLimit({ ...buy, stopPrice: near + 3, limitPrice: near + 2 });
  if (call % 6 === 3) order.marketIfTouched({ ...sell, touchPrice: near + 5, goodTillMs: timeMs + 600_000 });
  if (call % 7 === 4) order.limitIfTouched({ ...buy, touchPrice: near - 2, limitPrice: near - 3 });
  if (call % 11 === 5) order.trailingStop({ ...buy, trail: { distance: 2, activation: 95 } });
  if (call % 13 === 6) order.limit({ ...sell, limitPrice: near + 6, postOnly: true });
  if (call % 17 === 7) order.limit({ ...buy, limitPrice: near, timeInForce: 'IOC' });
  if (call % 9 === 8) order.amend(call, { limitPrice: near - 1 });
  if (call % 10 === 9) order.cancel(call - 3);
}

test.each(['pessimistic', 'optimistic', 'path'] as const)(
  'what it passes over had nothing to do: %s fills are those of looking at every order on every bar',
  (ambiguity) => {
    const played = () => playScript({ rows, settings: { account: { kind: 'frictionless', leverage: 100 }, ambiguity }, always: send });
    const quick = played();
    const looks = vi.spyOn(RestingBook.prototype, 'isConcerned');
    played();
    expect(looks.mock.results.some(({ value }) => value === false)).toBe(true);
    looks.mockReturnValue(true);
    vi.spyOn(RestingBook.prototype, 'concernedBy').mockImplementation(function (this: RestingBook) {
      return this;
    });
    const slow = played();
    vi.restoreAllMocks();
    expect(quick.fills.length).toBeGreaterThan(60);
    expect(quick.certificate).toEqual(slow.certificate);
    expect(quick.ambiguousBarCount).toBe(slow.ambiguousBarCount);
  },
);

test('finds orders by id among many as among few, until they end', () => {
  const found: (string | undefined)[] = [];
  const ids = Array.from({ length: 40 }, (_, k) => k);
  const { orders } = playScript({
    rows: Array.from({ length: 6 }, (): BarRow => [100, 101, 99, 100]),
    settings: { account: { kind: 'frictionless', leverage: 100 } },
    at: {
      0: ({ order }) => ids.forEach((k) => void order.limit({ ...buy, limitPrice: 90 - k / 10 })),
      // The first call makes the index; what is sent and amended behind it is found too, what has ended is not.
      1: ({ order }) => {
        for (const id of ids.slice(0, 30)) order.cancel(id);
        order.amend(3, { limitPrice: 80 });
        order.amend(35, { limitPrice: 81 });
        order.cancel(order.limit({ ...buy, limitPrice: 70 }));
        order.cancel(order.market(buy));
        order.market(sell);
      },
      2: ({ order }) => {
        order.amend(35, { limitPrice: 82 });
        order.cancel(35);
        order.cancel(35);
        order.amend(36, { limitPrice: 120 });
      },
    },
  });
  for (const { id, status, limitPrice, reason } of orders) if (id > 30) found.push(`${id} ${status} ${limitPrice} ${reason}`.trim());
  expect(orders.slice(0, 30).every(({ status }) => status === 'cancelled')).toBe(true);
  expect(found.filter((one) => !one?.includes('the tape ended'))).toEqual([
    '35 cancelled 82 by the strategy',
    '36 filled 120',
    '40 rejected 80 order 3 has ended, and cannot be amended',
    '41 cancelled 70 by the strategy',
    '42 cancelled NaN by the strategy',
    '43 filled NaN',
  ]);
  expect(found).toHaveLength(13);
});
