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
  'what it passes over had nothing to do: %s fills are those of looking at every bar',
  (ambiguity) => {
    const played = () => playScript({ rows, settings: { account: { kind: 'frictionless', leverage: 100 }, ambiguity }, always: send });
    const quick = played();
    const looks = vi.spyOn(RestingBook.prototype, 'isConcerned');
    played();
    expect(looks.mock.results.some(({ value }) => value === false)).toBe(true);
    looks.mockReturnValue(true);
    const slow = played();
    vi.restoreAllMocks();
    expect(quick.fills.length).toBeGreaterThan(60);
    expect(quick.certificate).toEqual(slow.certificate);
    expect(quick.ambiguousBarCount).toBe(slow.ambiguousBarCount);
  },
);
