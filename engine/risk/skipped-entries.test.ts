import { describe, expect, test } from 'vitest';
import { playScript, type ScriptInput } from '../testing/play-script.ts';
import type { BarRow } from '../testing/tapes.ts';

const rows: BarRow[] = Array.from({ length: 2_000 }, () => [100, 100, 100, 100]);

/** In at every fourth bar, out two bars later. */
const inAndOut: ScriptInput['always'] = ({ order, call }) => {
  if (call % 4 === 0) order.market({ side: 1, sizeBase: 1 });
  if (call % 4 === 2) order.close();
};

const play = (skippedEntries?: { fraction: number; replicate: number; seed: number }, always = inAndOut) =>
  playScript({ rows, always, settings: skippedEntries === undefined ? {} : { skippedEntries } });

const entriesOf = ({ fills }: ReturnType<typeof play>): string =>
  fills
    .filter(({ side }) => side > 0)
    .map(({ timeMs }) => timeMs)
    .join(' ');

describe('of entries left out at random', () => {
  test('as many are as are asked, and none of what closes', () => {
    const { orders, fills } = play({ fraction: 0.2, replicate: 0, seed: 1 });
    const skipped = orders.filter(({ status }) => status === 'rejected');
    // Of 500 entries, within four standard errors of a fifth.
    expect(Math.abs(skipped.length - 100)).toBeLessThan(4 * Math.sqrt(80));
    expect(skipped.every(({ side, reason }) => side === 1 && reason.startsWith('skipped at random'))).toBe(true);
    expect(fills.filter(({ side }) => side < 0)).toHaveLength(500 - skipped.length);
  });

  test('each replicate leaves out others, and the same each time', () => {
    const once = entriesOf(play({ fraction: 0.2, replicate: 0, seed: 1 }));
    expect(entriesOf(play({ fraction: 0.2, replicate: 0, seed: 1 }))).toBe(once);
    expect(entriesOf(play({ fraction: 0.2, replicate: 1, seed: 1 }))).not.toBe(once);
    expect(entriesOf(play({ fraction: 0.2, replicate: 0, seed: 2 }))).not.toBe(once);
  });

  test('none are where the share is 0, and all where it is 1', () => {
    expect(entriesOf(play({ fraction: 0, replicate: 0, seed: 1 }))).toBe(entriesOf(play()));
    expect(play({ fraction: 1, replicate: 0, seed: 1 }).fills).toEqual([]);
  });

  test('an order against a position is sent, whatever it leaves', () => {
    const turning: ScriptInput['always'] = ({ order, call }) => {
      if (call === 0) order.market({ side: 1, sizeBase: 1 });
      else if (call === 2) order.market({ side: -1, sizeBase: 2 });
    };
    const settings = (replicate: number): ScriptInput['settings'] => ({
      account: { kind: 'frictionless' },
      skippedEntries: { fraction: 0.9, replicate, seed: 1 },
    });
    // A replicate in which the first entry is drawn to stay.
    const fills = Array.from({ length: 100 }, (_, replicate) => playScript({ rows, always: turning, settings: settings(replicate) }).fills);
    const entered = fills.filter((one) => one.some(({ side }) => side > 0));
    expect(entered.length).toBeGreaterThan(2);
    expect(entered.every((one) => one.length === 2)).toBe(true);
  });
});
