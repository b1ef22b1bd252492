/** Rules of an instrument that change inside a run: tick, lot, minimum, maximum, fee rates. RULES 10.2, 10.8, 10.9. */
import { describe, expect, test } from 'vitest';
import type { Instrument, RuleChange } from './model/instrument.ts';
import { play } from './play.ts';
import type { RunResult } from './result.ts';
import type { StrategyDefinition } from './strategy.ts';
import { brief, playScript, type ScriptInput, scriptInput, type Turn } from './testing/play-script.ts';
import { type BarRow, instrumentOf, tapeOf } from './testing/tapes.ts';

const minuteMs = 60_000;
const flat = (price: number): BarRow => [price, price, price, price, 1000];
const rowsOf = (prices: readonly number[]) => prices.map(flat);
const buy = (sizeBase: number) => (turn: Turn) => void turn.order.market({ side: 1, sizeBase });
const close = (turn: Turn) => void turn.order.close();
const margins = [{ symbol: null, per: 'notional', initial: 0.5, maintenance: 0.25 }] as const;
const reasonsOf = ({ orders }: RunResult) => orders.map(({ status, reason }) => `${status} ${reason}`.trim());

const first = { tickSize: 0.01, lotSize: 0.01, minimumNotionalQuote: 0, feeRateMaker: 0, feeRateTaker: 0 };

/** From its minute on something else holds. */
function dated(...changes: readonly (Partial<RuleChange> & { readonly minute: number })[]): Partial<Instrument> {
  return { ...first, changes: changes.map(({ minute, ...change }) => ({ ...first, ...change, fromMs: minute * minuteMs })) };
}

const played = (instrument: Partial<Instrument>, input: ScriptInput) => playScript({ instrument, ...input });

describe('an order', () => {
  test('is of the rules of the close that it is sent on, also where they come as that bar closes', () => {
    const { fills, orders } = played(dated({ minute: 2, lotSize: 0.5, tickSize: 0.25 }), {
      rows: rowsOf([100, 100, 100, 90]),
      at: {
        0: ({ order }) => void order.limit({ side: 1, sizeBase: 1.23, limitPrice: 95.12 }),
        1: ({ order }) => void order.limit({ side: 1, sizeBase: 1.23, limitPrice: 95.12 }),
      },
    });
    expect(orders.map(({ sizeBase, limitPrice }) => [sizeBase, limitPrice])).toEqual([
      [1.23, 95.12],
      [1, 95],
    ]);
    expect(brief(fills)).toEqual([
      [3 * minuteMs, 1, 90, 1.23],
      [3 * minuteMs, 1, 90, 1],
    ]);
  });

  test('that waits for another is sized by the lot of when it is sent', () => {
    const { orders } = played(dated({ minute: 2, lotSize: 0.5 }), {
      rows: rowsOf([100, 100, 90, 90]),
      at: {
        0: ({ order }) => {
          const entry = order.limit({ side: 1, sizeBase: 1.23, limitPrice: 95 });
          order.market({ side: 1, sizeBase: 1.23, after: entry });
        },
      },
    });
    expect(orders.map(({ sizeBase }) => sizeBase)).toEqual([1.23, 1]);
  });

  test('at rest keeps price and size: a limit fills at its own price off the tick, a stop on the tick that hurts', () => {
    const { fills } = played(dated({ minute: 2, lotSize: 0.5, tickSize: 0.25 }), {
      rows: [...rowsOf([100, 100, 100]), [100, 106, 94, 100, 1000]],
      at: {
        0: ({ order }) => {
          order.limit({ side: 1, sizeBase: 1.23, limitPrice: 95.12 });
          order.stop({ side: 1, sizeBase: 1.23, stopPrice: 105.12 });
        },
      },
    });
    expect(fills.map(({ priceQuote, sizeBase }) => [priceQuote, sizeBase])).toEqual([
      [95.12, 1.23],
      [105.25, 1.23],
    ]);
  });

  test('fills by the old rules inside a bar that closes as they change', () => {
    const { fills } = played(dated({ minute: 2, tickSize: 0.25 }), {
      rows: [flat(100), [100, 106, 100, 106, 1000], flat(106)],
      at: { 0: ({ order }) => void order.stop({ side: 1, sizeBase: 1, stopPrice: 105.12 }) },
    });
    expect(brief(fills)).toEqual([[2 * minuteMs, 1, 105.12, 1]]);
  });

  test('amended from afar is judged by the rules of its arrival', () => {
    const amendedUnder = (minute: number) =>
      played(dated({ minute, maximumQuantityBase: 2 }), {
        rows: rowsOf([100, 100, 100, 100]),
        settings: { latency: { order: { kind: 'fixed', ms: minuteMs / 2 } } },
        at: {
          0: ({ order }) => void order.limit({ side: 1, sizeBase: 1, limitPrice: 95 }),
          1: ({ order }) => order.amend(0, { sizeBase: 3 }),
        },
      });
    expect(amendedUnder(2.75).orders.map(({ sizeBase }) => sizeBase)).toEqual([3]);
    expect(reasonsOf(amendedUnder(2.25))).toContain("rejected size 3 is above the instrument's maximum 2");
  });

  test('amended is of the rules of then in what the amend states, and keeps the rest', () => {
    const { orders } = played(dated({ minute: 2, lotSize: 0.5, tickSize: 0.25 }), {
      rows: rowsOf([100, 100, 100, 100]),
      at: {
        0: ({ order }) => {
          order.limit({ side: 1, sizeBase: 1.23, limitPrice: 95.12 });
          order.limit({ side: 1, sizeBase: 1.23, limitPrice: 95.12 });
        },
        1: ({ order }) => {
          order.amend(0, { limitPrice: 95.4 });
          order.amend(1, { sizeBase: 1.8 });
        },
      },
    });
    expect(orders.map(({ sizeBase, limitPrice }) => [sizeBase, limitPrice])).toEqual([
      [1.23, 95.5],
      [1.5, 95.12],
    ]);
  });

  test('of a volume share fills whole lots of then, and the last of it whole', () => {
    const { fills } = played(dated({ minute: 2, lotSize: 0.5 }), {
      rows: [100, 100, 100, 100, 100, 100].map((price): BarRow => [price, price, price, price, 12]),
      settings: { liquidity: { volumeShare: 0.1 } },
      at: { 0: buy(3.4) },
    });
    expect(fills.map(({ sizeBase }) => sizeBase)).toEqual([1.2, 1, 1, 0.2]);
  });

  test('of a volume share leaves others whole lots of then, also where the rest of one was none', () => {
    const { fills } = played(dated({ minute: 2, lotSize: 0.5 }), {
      rows: [100, 100, 100, 100].map((price): BarRow => [price, price, price, price, 12]),
      settings: { liquidity: { volumeShare: 0.1 } },
      at: { 0: buy(1.4), 1: buy(5) },
    });
    expect(fills.map(({ orderId, sizeBase }) => [orderId, sizeBase])).toEqual([
      [0, 1.2],
      [0, 0.2],
      [1, 0.5],
      [1, 1],
    ]);
  });

  test('attached stops, targets and trailing levels made later lie on the tick of then', () => {
    const { orders } = played(dated({ minute: 1, tickSize: 0.25 }), {
      rows: rowsOf([100.1, 100.25, 100.25]),
      at: {
        0: ({ order }) => {
          order.market({ side: 1, sizeBase: 1, stopLoss: { distance: 2.1 }, takeProfit: { fraction: 0.013 } });
          order.market({ side: 1, sizeBase: 1, trail: { distance: 2.1 } });
        },
      },
    });
    expect(orders.flatMap(({ role, stopPrice, limitPrice }) => (role === 'own' ? [] : [[role, stopPrice, limitPrice]]))).toEqual([
      ['stopLoss', 98.25, Number.NaN],
      ['takeProfit', Number.NaN, 101.5],
      ['trail', 98, Number.NaN],
    ]);
  });
});

describe('a minimum notional', () => {
  test('that comes refuses what is sent from then on, with its numbers', () => {
    const result = played(dated({ minute: 2, minimumNotionalQuote: 100 }), {
      rows: rowsOf([100, 100, 100, 100]),
      at: { 0: buy(0.5), 1: buy(0.5), 2: buy(1) },
    });
    expect(reasonsOf(result)).toEqual(['filled', "rejected notional 50 is below the instrument's minimum 100", 'filled']);
  });

  test('is met by exactly as much, whatever the last bits of a double say', () => {
    const instrument = { ...first, minimumNotionalQuote: 57 };
    expect(0.57 * 100).toBeLessThan(57);
    expect(reasonsOf(played(instrument, { rows: rowsOf([100, 100]), at: { 0: buy(0.57) } }))).toEqual(['filled']);
  });
});

describe('a maximum quantity', () => {
  test('refuses a stated size above it, from its date to its end', () => {
    const result = played(dated({ minute: 2, maximumQuantityBase: 5 }, { minute: 3 }), {
      rows: rowsOf([100, 100, 100, 100, 100]),
      at: { 0: buy(6), 1: buy(6), 2: buy(6), 3: buy(6) },
    });
    expect(reasonsOf(result)).toEqual(['filled', "rejected size 6 is above the instrument's maximum 5", 'filled', 'filled']);
  });

  test('clips a share of equity, on the lot, and says so', () => {
    const { orders, riskEvents } = played(
      { ...first, lotSize: 1, maximumQuantityBase: 7.5 },
      { rows: rowsOf([100, 100, 100]), at: { 0: ({ order }) => void order.market({ side: 1, equityFraction: 0.5 }) } },
    );
    expect(orders.map(({ sizeBase }) => sizeBase)).toEqual([7]);
    expect(riskEvents.map(({ kind, rule, reason }) => [kind, rule, reason])).toEqual([
      ['clip', 'quantityMax', "50 were asked for, the instrument's maximum quantity leaves room for 7"],
    ]);
  });

  test('lets a whole position of exactly as much go, whatever the lot', () => {
    const result = played(dated({ minute: 2, lotSize: 2, maximumQuantityBase: 5 }), {
      rows: rowsOf([100, 100, 100, 100]),
      at: { 0: buy(5), 2: ({ order }) => void order.market({ side: -1, sizeBase: 5, reduceOnly: true }) },
    });
    expect(reasonsOf(result)).toEqual(['filled', 'filled']);
  });

  test('sends a close in parts, the largest first', () => {
    const ids: number[] = [];
    const { fills, orders } = played(dated({ minute: 2, maximumQuantityBase: 4 }), {
      rows: rowsOf([100, 100, 100, 100]),
      at: { 0: buy(10), 2: ({ order }) => void ids.push(order.close()) },
    });
    expect(fills.map(({ side, sizeBase }) => side * sizeBase)).toEqual([10, -4, -4, -2]);
    expect(ids).toEqual([orders[3].id]);
  });

  test('sends in parts what a halt closes, and what a target reduces', () => {
    const most = dated({ minute: 2, maximumQuantityBase: 40 });
    const halted = played(most, {
      rows: rowsOf([100, 100, 80, 80, 80]),
      settings: { risk: { drawdownHaltFraction: 0.1 } },
      at: { 0: buy(90) },
    });
    expect(brief(halted.fills).slice(1)).toEqual([
      [3 * minuteMs, -1, 80, 40, 'halt'],
      [3 * minuteMs, -1, 80, 40, 'halt'],
      [3 * minuteMs, -1, 80, 10, 'halt'],
    ]);
    const reduced = played(most, {
      rows: rowsOf([100, 100, 100, 100]),
      at: { 0: buy(90), 2: ({ order }) => void order.target({ equityFraction: 0.25 }) },
    });
    expect(reduced.fills.map(({ side, sizeBase }) => side * sizeBase)).toEqual([90, -40, -25]);
  });

  test('does not bind what protects, nor what closes the run', () => {
    const protectedBy = played(dated({ minute: 2, maximumQuantityBase: 4 }), {
      rows: rowsOf([100, 100, 100, 90]),
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 10, stopLoss: 95 }) },
    });
    expect(protectedBy.fills.map(({ side, sizeBase }) => side * sizeBase)).toEqual([10, -10]);
    const closed = played(dated({ minute: 2, maximumQuantityBase: 4 }), {
      rows: rowsOf([100, 100, 100]),
      settings: { semantics: { endOfRun: 'closeAtLastClose' } },
      at: { 0: buy(10) },
    });
    expect(closed.fills.map(({ side, sizeBase }) => side * sizeBase)).toEqual([10, -10]);
  });
});

describe('a position that a coarser lot does not carry away', () => {
  const coarser = dated({ minute: 2, lotSize: 0.5 });

  test('is closed whole where the venue takes rests', () => {
    const { fills, openPositions } = played(coarser, { rows: rowsOf([100, 100, 100, 100]), at: { 0: buy(1.23), 2: close } });
    expect(fills.map(({ sizeBase }) => sizeBase)).toEqual([1.23, 1.23]);
    expect(openPositions).toEqual([]);
  });

  test('ends as dust where it does not, marked and joined by the next entry', () => {
    const { fills, dust, equity, trades } = played(coarser, {
      rows: rowsOf([100, 100, 100, 100, 120, 120]),
      settings: { account: { dust: 'keep' } },
      at: { 0: buy(1.23), 2: close },
    });
    expect(fills.map(({ sizeBase }) => sizeBase)).toEqual([1.23, 1]);
    expect(dust).toMatchObject([{ sizeBase: 0.23 }]);
    expect(trades.map(({ sizeBase }) => sizeBase)).toEqual([1]);
    expect(equity.equityQuote.at(-1)).toBeCloseTo(10_000 + 0.23 * 20, 9);
  });
});

describe('money', () => {
  test('is exact over a finer tick and a finer lot', () => {
    const finer = { ...first, tickSize: 0.5, lotSize: 1, quoteDecimals: 8 };
    const changes = [{ ...first, fromMs: 2 * minuteMs, tickSize: 0.0001, lotSize: 0.0001 }];
    const { ledger, fills } = played(
      { ...finer, changes },
      { rows: rowsOf([100, 100, 100.1234, 100.1234]), at: { 0: buy(1), 1: buy(0.1234), 2: close } },
    );
    expect(fills.map(({ priceQuote, sizeBase }) => [priceQuote, sizeBase])).toEqual([
      [100, 1],
      [100.1234, 0.1234],
      [100.1234, 1.1234],
    ]);
    expect(ledger).toEqual({ deposit: '10000', purchases: '112.35522756', sales: '112.47862756', fees: '0' });
  });

  test('is exact over a finer lot in what contracts settle and what units cost', () => {
    const whole = { ...first, tickSize: 0.5, lotSize: 1, quoteDecimals: 8 };
    const finer = { ...whole, changes: [{ ...first, fromMs: 2 * minuteMs, lotSize: 0.0001 }] };
    const input = { rows: rowsOf([100, 100, 101, 102]), at: { 0: buy(1), 1: buy(0.1234), 2: close } };
    const contracts = played(finer, { ...input, settings: { account: { kind: 'futures', margins } } });
    expect(contracts.ledger).toEqual({ deposit: '10000', purchases: '0', sales: '0', fees: '0', settlement: '2.1234' });
    const bounds = { minimumQuote: 0, maximumQuote: Number.POSITIVE_INFINITY, maximumFraction: Number.POSITIVE_INFINITY };
    const units = played(finer, {
      ...input,
      settings: { costs: { fees: { kind: 'perUnit', amountQuote: 0.01, ...bounds, boundsOf: 'fill' } } },
    });
    expect(units.fills.map(({ feeQuote }) => feeQuote)).toEqual([0.01, 0.001234, 0.011234]);
  });

  test('pays the fee rates of the fill, unless the scenario states them', () => {
    const dearer = { ...dated({ minute: 2, feeRateTaker: 0.01 }), feeRateTaker: 0.001 };
    const input = { rows: rowsOf([100, 100, 100, 100]), at: { 0: buy(1), 1: buy(1), 2: buy(1) } };
    const feesOf = ({ fills }: RunResult) => fills.map(({ feeQuote }) => feeQuote);
    expect(feesOf(played(dearer, input))).toEqual([0.1, 1, 1]);
    expect(feesOf(played(dearer, { ...input, settings: { costs: { feeRateTaker: 0.002 } } }))).toEqual([0.2, 0.2, 0.2]);
    expect(feesOf(played(dearer, { ...input, settings: { account: { kind: 'futures', margins } } }))).toEqual([0.1, 1, 1]);
  });

  test('keeps back the fee of then', () => {
    const dearer = dated({ minute: 2, feeRateTaker: 0.25 });
    const { fills } = played(dearer, {
      rows: rowsOf([100, 100, 100, 100]),
      settings: { initialCapitalQuote: 1000 },
      at: { 2: ({ order }) => void order.market({ side: 1, equityFraction: 1 }) },
    });
    expect(fills.map(({ sizeBase }) => sizeBase)).toEqual([7.92]);
  });
});

test('a strategy sees the rules in force, and nothing of those to come', () => {
  const seen: [number, number, boolean][] = [];
  const result = played(dated({ minute: 2, tickSize: 0.25 }), {
    rows: rowsOf([100, 100, 100]),
    always: ({ series: [{ instrument }], timeMs }) =>
      void seen.push([timeMs / minuteMs, instrument.tickSize, 'changes' in instrument || !Object.isFrozen(instrument)]),
  });
  expect(seen).toEqual([
    [1, 0.01, false],
    [2, 0.25, false],
    [3, 0.25, false],
  ]);
  expect(result.instruments[0].changes).toHaveLength(1);
});

test('a window that begins behind a change begins with it, in setup too', () => {
  const ticks: number[] = [];
  const input = scriptInput({ rows: rowsOf([100, 100, 100, 100]), instrument: dated({ minute: 2, tickSize: 0.25 }) });
  const looking = (): StrategyDefinition => {
    const { setup, ...rest } = input.strategy();
    return {
      ...rest,
      setup(context) {
        ticks.push(context.bars.instrument.tickSize);
        return setup(context);
      },
    };
  };
  play({ ...input, strategy: looking, settings: { ...input.settings, window: { fromMs: 2 * minuteMs, toMs: 9 * minuteMs } } });
  play({ ...input, strategy: looking });
  expect(ticks).toEqual([0.25, 0.25, 0.01, 0.01]);
});

test('rules of one instrument leave the other alone, and both legs of a hedge account change', () => {
  const tapes = ['A/USDT', 'B/USDT'].map((symbol) => tapeOf(rowsOf([100, 100, 100, 100]), { symbol }));
  const instruments = [
    instrumentOf({ symbol: 'A/USDT', ...dated({ minute: 2, lotSize: 0.5 }) }),
    instrumentOf({ symbol: 'B/USDT', ...dated({ minute: 3, lotSize: 1 }) }),
  ];
  const both = ({ series }: Turn) => void series.map(({ order }) => order.market({ side: 1, sizeBase: 1.23 }));
  const net = playScript({ tapes, instruments, at: { 0: both, 1: both, 2: both } });
  expect(net.orders.map(({ sizeBase }) => sizeBase)).toEqual([1.23, 1.23, 1, 1.23, 1, 1]);
  const legs = playScript({
    tapes: tapes.slice(0, 1),
    instruments: instruments.slice(0, 1),
    settings: { account: { kind: 'margin', positions: 'hedge', margins } },
    at: {
      1: ({ order }) => {
        order.market({ leg: 'long', side: 1, sizeBase: 1.23 });
        order.market({ leg: 'short', side: -1, sizeBase: 1.23 });
      },
    },
  });
  expect(legs.orders.map(({ sizeBase }) => sizeBase)).toEqual([1, 1]);
});
