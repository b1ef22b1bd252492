import { describe, expect, test } from 'vitest';
import type { Semantics } from '../../settings.ts';
import { playScript, type Script, type ScriptInput } from '../../testing/play-script.ts';
import type { BarRow } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const buy = { side: 1, sizeBase: 1 } as const;

/** [bar, side, price, size] of each fill. */
function fillsOf(rows: readonly BarRow[], at: Script['at'], semantics: Partial<Semantics>, rest: Partial<ScriptInput> = {}): number[][] {
  const { settings } = rest;
  const { fills } = playScript({ rows, at: at ?? {}, ...rest, settings: { ...settings, semantics } });
  return fills.map((fill) => [fill.openTimeMs / minuteMs, fill.side, fill.priceQuote, fill.sizeBase]);
}

describe('buyingPower (13.4)', () => {
  const rows: BarRow[] = [
    [10, 10, 10, 10],
    [10, 10, 10, 10],
    [20, 20, 20, 20],
    [20, 20, 20, 20],
  ];
  const account = { kind: 'frictionless' } as const;
  const feeRateTaker = 0.25;
  const run = (at: Script['at'], buyingPower: Semantics['buyingPower'], kind: 'spot' | 'frictionless' = 'frictionless') =>
    playScript({
      rows,
      at: at ?? {},
      instrument: { lotSize: 1, feeRateTaker },
      settings: { initialCapitalQuote: 100, account: { ...account, kind }, semantics: { buyingPower, moneyDecimals: 'none' } },
    });
  const everything: Script['at'] = { 0: ({ order }) => void order.market({ side: 1, sizeBase: 1_000 }) };

  test('account: an order short of cash is rejected whole', () => {
    expect(run(everything, 'account').fills).toHaveLength(0);
  });

  test.each(['spot', 'frictionless'] as const)(
    'cash: on a %s account a buy fills for what cash pays with its fee, on the lot, and is done',
    (kind) => {
      const { fills, orders, equity } = run(everything, 'cash', kind);
      expect(fills.map((fill) => [fill.sizeBase, fill.feeQuote])).toEqual([[8, 20]]);
      expect([orders[0].status, orders[0].filledBase]).toEqual(['filled', 8]);
      expect(equity.equityQuote[1]).toBe(80);
    },
  );

  test('cash: a buy that cash pays for is not cut', () => {
    expect(run({ 0: ({ order }) => void order.market({ side: 1, sizeBase: 8 }) }, 'cash').fills[0].sizeBase).toBe(8);
  });

  test('cash: FOK is rejected where its size would be cut, and nothing is bought where cash pays no lot', () => {
    const killed = run({ 0: ({ order }) => void order.market({ side: 1, sizeBase: 9, timeInForce: 'FOK' }) }, 'cash').orders[0];
    expect([killed.status, killed.reason]).toEqual(['rejected', '8 of 9 can be had at 10: fill or kill']);
    const second = run({ ...everything, 1: ({ order }) => void order.market({ side: 1, sizeBase: 1 }) }, 'cash').orders[1];
    expect([second.status, second.reason]).toEqual(['rejected', 'the account carries less than one lot at 20']);
  });

  test('cash: a sale has no limit, and what covers it is what cash pays for', () => {
    const { fills } = run(
      { 0: ({ order }) => void order.market({ side: -1, sizeBase: 1_000 }), 1: ({ order }) => void order.close() },
      'cash',
    );
    // 100 + 10,000 − a fee of 2,500 pays for 304 at 20 and their fee.
    expect(fills.map((fill) => fill.side * fill.sizeBase)).toEqual([-1_000, 304]);
  });

  test('cash: spot sells what it holds, and a sale must bring its fee', () => {
    expect(run({ 0: ({ order }) => void order.market({ side: -1, sizeBase: 1 }) }, 'cash', 'spot').fills).toHaveLength(0);
    const { orders } = playScript({
      rows,
      at: { 0: ({ order }) => void order.market({ side: -1, sizeBase: 1 }) },
      settings: { account, costs: { feeFixedQuote: 11 }, semantics: { buyingPower: 'cash', moneyDecimals: 'none' } },
    });
    expect([orders[0].status, orders[0].reason]).toEqual(['rejected', 'brings 1 less than its fee']);
  });
});

describe('gapFill (13.5)', () => {
  const rows: BarRow[] = [
    [100, 100, 100, 100],
    [100, 100, 100, 100],
    [90, 92, 88, 91],
    [91, 91, 91, 91],
    [120, 121, 119, 120],
  ];
  const stop: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, stopLoss: 95 }) };
  const target: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, takeProfit: 110 }) };

  test('open: a stop or target that an open has passed fills at the open', () => {
    expect(fillsOf(rows, stop, { gapFill: 'open' })[1]).toEqual([2, -1, 90, 1]);
    expect(fillsOf(rows, target, { gapFill: 'open' })[1]).toEqual([4, -1, 120, 1]);
  });

  test('ownPrice: at its own price, though the bar never offered it', () => {
    expect(fillsOf(rows, stop, { gapFill: 'ownPrice' })[1]).toEqual([2, -1, 95, 1]);
    expect(fillsOf(rows, target, { gapFill: 'ownPrice' })[1]).toEqual([4, -1, 110, 1]);
  });

  test('ownPrice: market, IOC and onOpen orders take the open as ever', () => {
    const at: Script['at'] = {
      1({ order }) {
        order.market(buy);
        order.limit({ ...buy, limitPrice: 95, timeInForce: 'IOC' });
      },
    };
    expect(fillsOf(rows, at, { gapFill: 'ownPrice' })).toEqual([
      [2, 1, 90, 1],
      [2, 1, 90, 1],
    ]);
  });
});

describe('protectsFrom (13.6)', () => {
  const rows: BarRow[] = [
    [100, 100, 100, 100],
    [100, 106, 94, 100],
    [100, 106, 94, 100],
  ];
  const market: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, stopLoss: 95 }) };
  const inside: Script['at'] = { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 98, stopLoss: 95 }) };

  test.each(['pessimistic', 'path'] as const)('fill: under %s the stop is hit on the entry’s bar', (ambiguity) => {
    expect(fillsOf(rows, market, { protectsFrom: 'fill' }, { settings: { ambiguity } })[1]).toEqual([1, -1, 95, 1]);
    expect(fillsOf(rows, inside, { protectsFrom: 'fill' }, { settings: { ambiguity } })[1]).toEqual([1, -1, 95, 1]);
  });

  test.each(['pessimistic', 'path', 'optimistic'] as const)('nextBar: under %s not before the bar after it', (ambiguity) => {
    expect(fillsOf(rows, market, { protectsFrom: 'nextBar' }, { settings: { ambiguity } })[1]).toEqual([2, -1, 95, 1]);
    expect(fillsOf(rows, inside, { protectsFrom: 'nextBar' }, { settings: { ambiguity } })[1]).toEqual([2, -1, 95, 1]);
  });

  test.each(['pessimistic', 'branching'] as const)(
    'nextBar: under %s the bar of the entry is not in doubt for what cannot fill on it',
    (ambiguity) => {
      const { ambiguousBarCount } = playScript({
        rows,
        at: { 0: ({ order }) => void order.stop({ ...buy, stopPrice: 105, stopLoss: 95 }) },
        settings: { ambiguity, semantics: { protectsFrom: 'nextBar' } },
      });
      expect(ambiguousBarCount).toBe(0);
    },
  );
});

describe('stopEntryFill (13.7)', () => {
  const rows: BarRow[] = [
    [100, 100, 100, 100],
    [101, 106, 100, 102],
    [102, 110, 102, 104],
  ];
  const enter: Script['at'] = { 0: ({ order }) => void order.stop({ ...buy, stopPrice: 105 }) };

  test('stop: at its price; barOpen: at the open before it, and the run says that it looks ahead', () => {
    expect(fillsOf(rows, enter, { stopEntryFill: 'stop' })).toEqual([[1, 1, 105, 1]]);
    expect(fillsOf(rows, enter, { stopEntryFill: 'barOpen' })).toEqual([[1, 1, 101, 1]]);
    const warningsOf = (stopEntryFill: Semantics['stopEntryFill']) =>
      playScript({ rows, settings: { semantics: { stopEntryFill } } }).warnings.filter((warning) => warning.startsWith('LOOKS AHEAD'));
    expect([warningsOf('stop').length, warningsOf('barOpen').length]).toEqual([0, 1]);
  });

  test('barOpen: a stop that protects stays at its price', () => {
    const exit: Script['at'] = { 0: ({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: 100.5 }) };
    const higher: BarRow[] = [[102, 102, 102, 102], ...rows.slice(1)];
    expect(fillsOf(higher, exit, { stopEntryFill: 'barOpen' })[1]).toEqual([1, -1, 100.5, 1]);
  });
});

describe('trailFollows (13.8)', () => {
  const rows: BarRow[] = [
    [100, 100, 100, 100],
    [100, 110, 100, 106],
    [106, 106, 101, 103],
    [103, 103, 95, 96],
  ];
  const trail: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, trail: { distance: 6 } }) };
  const run = (trailFollows: Semantics['trailFollows'], ambiguity: 'pessimistic' | 'path' = 'pessimistic') => {
    const result = playScript({ rows, at: trail ?? {}, settings: { ambiguity, semantics: { trailFollows } } });
    const [, exit] = result.fills;
    return [exit.openTimeMs / minuteMs, exit.priceQuote, result.ambiguousBarCount];
  };

  test('everyPrice: the bar’s own extreme raises the level against that bar', () => {
    expect(run('everyPrice')).toEqual([1, 104, 1]);
  });

  test.each(['pessimistic', 'path'] as const)(
    'barExtreme: under %s its high of 110 counts from the next bar on, without a doubt',
    (ambiguity) => {
      expect(run('barExtreme', ambiguity)).toEqual([2, 104, 0]);
    },
  );

  test.each(['pessimistic', 'path'] as const)('barClose: under %s the close of 106 does, and the level is 100', (ambiguity) => {
    expect(run('barClose', ambiguity)).toEqual([3, 100, 0]);
  });
});

describe('slippageOn (13.3)', () => {
  const rows: BarRow[] = [
    [100, 100, 100, 100],
    [100, 100, 100, 100],
    [100, 100, 80, 80],
  ];
  const run = (slippageOn: Semantics['slippageOn'], at: Script['at']) =>
    fillsOf(rows, at, { slippageOn }, { settings: { costs: { slippageFraction: 0.1 } } }).map((fill) => fill[2]);
  const attached: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, stopLoss: 90 }) };
  const own: Script['at'] = {
    0({ order }) {
      order.market(buy);
      order.stop({ side: -1, sizeBase: 1, stopPrice: 90, reduceOnly: true });
    },
  };

  test('ownOrders: what protects fills at its own price, a stop of the strategy’s own does not', () => {
    expect(run('allFills', attached)).toEqual([110, 81]);
    expect(run('ownOrders', attached)).toEqual([110, 90]);
    expect(run('ownOrders', own)).toEqual([110, 81]);
  });

  test('entries: nothing that lowers the position', () => {
    expect(run('entries', own)).toEqual([110, 90]);
  });
});

test('13.1 a run under another profile says so, and that it cannot be promoted', () => {
  const warnings = (profile: Semantics['profile']) =>
    playScript({ rows: [[10, 10, 10, 10]], at: {}, settings: { semantics: { profile } } }).warnings.filter((one) =>
      one.includes('promoted'),
    );
  expect(warnings('playhead')).toEqual([]);
  expect(warnings('backtrader')).toEqual(['played by the rules of "backtrader": such a run cannot be promoted']);
});
