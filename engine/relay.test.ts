import { describe, expect, test } from 'vitest';
import { noLatency } from './costs/latency.ts';
import { choice } from './parameters.ts';
import { playRefining } from './play.ts';
import type { RelaySettings } from './relay.ts';
import { defineStrategy, type StrategyContext, type StrategyDefinition } from './strategy.ts';
import { settingsOf, testHashes } from './testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from './testing/tapes.ts';

const minuteMs = 60_000;
const flat: BarRow = [100, 101, 99, 100];

type Acts = Readonly<Record<number, (context: StrategyContext) => void>>;

/** Two parameter sets, "old" and "new", each with what it does at the close of which minute; what they hear is written down. */
function relayed(
  acts: { readonly old?: Acts; readonly new?: Acts },
  { positions, meanOfNew = 0, fromMs = [5 * minuteMs], rows = Array.from({ length: 12 }, () => flat), settings = {} }: RelayCase,
) {
  const heard: string[] = [];
  const strategy = (): StrategyDefinition =>
    defineStrategy({
      name: 'two',
      parameters: { who: choice('old', ['old', 'new']) },
      setup({ bars, indicators, parameters: { who } }) {
        if (who === 'new' && meanOfNew > 0) indicators.sma(bars.close, meanOfNew);
        const minuteOf = (context: StrategyContext): number => context.timeMs / minuteMs;
        return {
          onBar(context) {
            heard.push(`${minuteOf(context)} ${who}`);
            acts[who as 'old' | 'new']?.[minuteOf(context)]?.(context);
          },
          onOrder: (order, context) => heard.push(`${minuteOf(context)} ${who} ${order.role} ${order.status}`),
          onFill: (fill, context) => heard.push(`${minuteOf(context)} ${who} ${fill.role} fill`),
        };
      },
    }) as unknown as StrategyDefinition;
  const { result, takenMs } = playRefining({
    tapes: [tapeOf(rows)],
    instruments: [instrumentOf()],
    settings: settingsOf({ account: { kind: 'frictionless' }, initialCapitalQuote: 10_000, ...settings }),
    strategy,
    parameters: { who: 'old' },
    hashes: testHashes,
    recording: 'full',
    relay: { positions, takeovers: fromMs.map((timeMs) => ({ fromMs: timeMs, parameters: { who: 'new' } })) },
  });
  return { ...result, heard, takenMinutes: takenMs.map((timeMs) => timeMs / minuteMs) };
}

interface RelayCase {
  /** Bars of a mean that the new set declares; 0 for none. */
  readonly meanOfNew?: number;
  readonly positions: RelaySettings['positions'];
  readonly fromMs?: readonly number[];
  readonly rows?: readonly BarRow[];
  readonly settings?: Parameters<typeof settingsOf>[0];
}

const endings = (orders: readonly { readonly role: string; readonly status: string; readonly reason: string }[]) =>
  orders.map(({ role, status, reason }) => `${role} ${status}${reason === '' ? '' : `: ${reason}`}`);

describe('a parameter set that takes over', () => {
  test('decides from the close at its time on, and before it the old one does', () => {
    const { heard, takenMinutes } = relayed({}, { positions: 'handOver' });
    expect(heard.slice(3, 6)).toEqual(['4 old', '5 new', '6 new']);
    expect(takenMinutes).toEqual([5]);
  });

  test('waits for its own columns, as a run of its own would', () => {
    const { heard, takenMinutes } = relayed({}, { positions: 'handOver', meanOfNew: 8 });
    expect(heard.slice(3, 6)).toEqual(['4 old', '8 new', '9 new']);
    expect(takenMinutes).toEqual([5]);
  });

  test('handed over finds the position; what rested and what protected is gone, and neither set is told', () => {
    const { heard, orders, fills, openPositions } = relayed(
      {
        old: {
          1: ({ order }) => order.market({ side: 1, sizeBase: 2, stopLoss: 90, takeProfit: 110 }),
          2: ({ order }) => order.limit({ side: 1, sizeBase: 1, limitPrice: 95 }),
          3: ({ order }) => order.protect({ stopLoss: 85 }),
        },
        new: { 6: ({ order, position }) => order.market({ side: -1, sizeBase: position.sizeBase / 2 }) },
      },
      { positions: 'handOver' },
    );
    expect(endings(orders.filter(({ status }) => status === 'cancelled'))).toEqual([
      'stopLoss cancelled: the next parameter set took over',
      'takeProfit cancelled: the next parameter set took over',
      'own cancelled: the next parameter set took over',
      'stopLoss cancelled: the next parameter set took over',
    ]);
    expect(heard.filter((line) => line.includes('cancelled'))).toEqual([]);
    expect(fills.map(({ timeMs, side, sizeBase }) => [timeMs / minuteMs, side, sizeBase])).toEqual([
      [1, 1, 2],
      [6, -1, 1],
    ]);
    expect(openPositions[0].sizeBase).toBe(1);
    expect(heard).toContain('6 new own fill');
  });

  test('waits under carry for the old one, which may reduce and keep its protections, but adds nothing', () => {
    const { heard, orders, fills, takenMinutes } = relayed(
      {
        old: {
          1: ({ order }) => order.market({ side: 1, sizeBase: 3, stopLoss: 90 }),
          2: ({ order }) => {
            order.limit({ side: 1, sizeBase: 1, limitPrice: 95 });
            order.limit({ side: -1, sizeBase: 5, limitPrice: 104 });
          },
          5: ({ order }) => order.market({ side: 1, sizeBase: 1 }),
          6: ({ order }) => order.market({ side: -1, sizeBase: 1 }),
        },
        new: { 9: ({ order }) => order.market({ side: 1, sizeBase: 7 }) },
      },
      { positions: 'carry', rows: Array.from({ length: 12 }, (_, i) => (i === 8 ? [100, 106, 99, 100] : flat)) },
    );
    expect(fills.map(({ timeMs, side, sizeBase }) => [timeMs / minuteMs, side, sizeBase])).toEqual([
      [1, 1, 3],
      [6, -1, 1],
      // What was left of three, of five asked for at rest: it reduces and does not turn.
      [9, -1, 2],
      [9, 1, 7],
    ]);
    expect(takenMinutes).toEqual([9]);
    expect(endings(orders.filter(({ status }) => status === 'rejected'))[0]).toMatch(/^own rejected: /);
    expect(endings(orders)).toContain('own cancelled: the next parameter set waits for the position to end');
    expect(heard).toContain('5 old own cancelled');
    expect(heard.filter((line) => / (old|new)$/.test(line)).slice(7, 10)).toEqual(['8 old', '9 new', '10 new']);
  });

  test('comes in when a strategy that always turns its position would turn it', () => {
    const turn = ({ order, position }: StrategyContext) =>
      order.market({ side: position.isLong ? -1 : 1, sizeBase: position.isFlat ? 1 : 2 });
    const every = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [i + 1, turn]));
    const { takenMinutes, fills } = relayed({ old: every }, { positions: 'carry' });
    expect(takenMinutes).toEqual([6]);
    expect(fills.at(-1)).toMatchObject({ timeMs: 5 * minuteMs, sizeBase: 1 });
  });

  test('has never its turn where another is due before the position ends', () => {
    const { takenMinutes } = relayed(
      { old: { 1: ({ order }) => order.market({ side: 1, sizeBase: 1 }), 8: ({ order }) => order.close() } },
      { positions: 'carry', fromMs: [3 * minuteMs, 6 * minuteMs, 11.5 * minuteMs] },
    );
    expect(takenMinutes).toEqual([Number.NaN, 9, 11]);
  });

  test('leaves cancels on their way: what fills before they arrive is the new set’s', () => {
    const { heard, openPositions } = relayed(
      { old: { 2: ({ order }) => order.limit({ side: 1, sizeBase: 1, limitPrice: 95 }) } },
      {
        positions: 'handOver',
        rows: Array.from({ length: 12 }, (_, i) => (i === 5 ? [100, 101, 90, 100] : flat)),
        settings: { latency: { ...noLatency, cancel: { kind: 'fixed', ms: 90_000 } } },
      },
    );
    expect(openPositions).toHaveLength(1);
    expect(heard).toContain('6 new own fill');
  });
});
