import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sizing } from '../risk-settings.ts';
import { playScript, type ScriptInput } from '../testing/play-script.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';
import { barsPerYearOf } from './sizer.ts';

const flat = (price: number): BarRow => [price, price, price, price];
const before = flat(100);
const sized = (sizing: Sizing, more: ScriptInput['settings'] = {}): ScriptInput['settings'] => ({
  ...more,
  risk: { ...more?.risk, sizing },
});
const first = (sizing: Sizing, input: Partial<ScriptInput> = {}, wish = {}) => {
  const { orders, riskEvents } = playScript({
    rows: [before, before],
    settings: sized(sizing, input.settings),
    at: { 0: ({ order }) => void order.market({ side: 1, ...wish }) },
  });
  const { sizeRule, sizeAsked, sizeBase, status, reason } = orders[0];
  return { sizeRule, sizeAsked, sizeBase, outcome: `${status} ${reason}`.trim(), riskEvents };
};

describe('an order that states no size', () => {
  test.each<[string, Sizing, object]>([
    ['a fixed base quantity', { by: 'fixedBase', sizeBase: 3 }, { sizeRule: 'base', sizeAsked: 3, sizeBase: 3 }],
    ['a fixed amount of quote', { by: 'fixedQuote', sizeQuote: 250 }, { sizeRule: 'quote', sizeAsked: 250, sizeBase: 2.5 }],
    ['a fraction of equity', { by: 'fraction', equityFraction: 0.2 }, { sizeRule: 'equityFraction', sizeAsked: 0.2, sizeBase: 20 }],
  ])('gets %s', (_, sizing, expected) => {
    expect(first(sizing)).toMatchObject({ ...expected, outcome: 'filled' });
  });

  test('risks its fraction of equity to the stop, told as a price or from the entry', () => {
    const sizing: Sizing = { by: 'riskPerTrade', riskFraction: 0.02 };
    expect(first(sizing, {}, { stopLoss: 95 })).toMatchObject({ sizeRule: 'riskFraction', sizeAsked: 0.02, sizeBase: 40 });
    expect(first(sizing, {}, { stopLoss: { distance: 4 } })).toMatchObject({ sizeBase: 50 });
    expect(first(sizing).outcome).toBe('rejected sizing by risk per trade needs a stopLoss on the order, and it has none');
  });

  test('leaves orders alone that state one, and the stop without effect on a size by another name', () => {
    const sizing: Sizing = { by: 'fraction', equityFraction: 0.2 };
    expect(first(sizing, {}, { sizeBase: 7 })).toMatchObject({ sizeRule: 'base', sizeBase: 7 });
    expect(first(sizing, {}, { riskFraction: 0.01, stopLoss: 90 })).toMatchObject({ sizeRule: 'riskFraction', sizeBase: 10 });
    expect(first(sizing, {}, { stopLoss: 99 })).toMatchObject({ sizeRule: 'equityFraction', sizeBase: 20 });
  });

  test('is clipped to what cash buys, which is told with its numbers', () => {
    const { sizeBase, riskEvents } = first({ by: 'fraction', equityFraction: 2 });
    expect(sizeBase).toBe(99);
    expect(riskEvents).toEqual([
      {
        timeMs: 60_000,
        kind: 'clip',
        rule: 'cash',
        instrumentIndex: 0,
        orderId: 0,
        from: 'ACTIVE',
        to: 'ACTIVE',
        figures: { sizeAsked: 200, roomBase: 99 },
        reason: '200 were asked for, cash leaves room for 99',
      },
    ]);
  });
});

test('what the buffer and the fee take of a size is told to nobody', () => {
  const { orders, riskEvents } = playScript({
    rows: [flat(100), flat(100)],
    settings: { costs: { feeRateTaker: 0.005 } },
    at: { 0: ({ order }) => void order.market({ side: 1, equityFraction: 1 }) },
  });
  expect([orders[0].sizeBase < 99, riskEvents]).toEqual([true, []]);
});

describe('a volatility target', () => {
  const target: Sizing = { by: 'volatilityTarget', volatilityAnnual: 0.2, lookbackBars: 2, leverageMax: 1, barsPerYear: 100 };
  const decided = (closes: readonly number[], sizing: Sizing = target, more: Partial<ScriptInput> = {}) =>
    playScript({
      rows: closes.map(flat),
      ...more,
      settings: sized(sizing, { ...more.settings, initialCapitalQuote: 1_000_000 }),
      at: { [closes.length - 1]: ({ order }) => void order.market({ side: 1 }) },
    }).orders[0];

  test('by hand: returns of +10 % and −10 % deviate by √0.02 a bar, √2 a year of 100', () => {
    const order = decided([100, 110, 99]);
    expect(order.sizeRule).toBe('equityFraction');
    expect(order.sizeAsked).toBeCloseTo(0.2 / (Math.sqrt(0.02) * 10), 12);
  });

  test('never takes more than its leverage', () => {
    expect(decided([100, 100.01, 100], { ...target, leverageMax: 0.7 }).sizeAsked).toBe(0.7);
  });

  test('waits for its closes, and has no size for an instrument that never moved', () => {
    expect(decided([100, 110]).reason).toBe('sizing by volatility needs 3 closes of BTC/USDT 1m, 2 are known');
    expect(decided([100, 100, 100]).reason).toBe('sizing by volatility: the last 2 closes of BTC/USDT 1m never moved');
  });

  test('measures the series that is decided on, not the one that orders are matched on', () => {
    const startMs = Date.UTC(2024, 0, 1);
    const minutes = Array.from({ length: 180 }, (_, i) => flat(i < 60 ? 100 : i < 120 ? 110 : 99));
    const tapes = [tapeOf([100, 110, 99].map(flat), { timeframe: '1h', startMs }), tapeOf(minutes, { startMs })];
    const { orders } = playScript({
      tapes,
      settings: sized(target, { initialCapitalQuote: 1_000_000 }),
      always: ({ timeMs, order }) => {
        if (timeMs === startMs + 3 * 3_600_000) order.market({ side: 1 });
      },
    });
    expect(orders[0].sizeAsked).toBeCloseTo(0.2 / (Math.sqrt(0.02) * 10), 12);
  });

  test.each([
    ['1m', 365, 365 * 1440],
    ['4h', 365, 2190],
    ['1d', 252, 252],
    ['3d', 365 / 3, 365 / 3],
    ['1w', 52, 52],
    ['1M', 12, 12],
  ] as const)('a year of %s bars, where a year has %d daily returns, has %d', (timeframe, days, bars) => {
    expect(barsPerYearOf(timeframe, days)).toBeCloseTo(bars, 9);
  });

  test('asks at every bar what the closes until then say, written out', () => {
    const prices = fc.array(fc.integer({ min: 50, max: 150 }), { minLength: 4, maxLength: 30 });
    fc.assert(
      fc.property(prices, fc.integer({ min: 2, max: 6 }), (closes, lookbackBars) => {
        const { orders } = playScript({
          rows: closes.map(flat),
          settings: sized({ ...target, lookbackBars, leverageMax: 50 }, { account: { kind: 'frictionless', leverage: 1000 } }),
          always: ({ order }) => {
            order.market({ side: 1 });
            order.market({ side: 1 });
          },
        });
        for (const [k, order] of orders.entries()) {
          const bar = k >> 1;
          const known = closes.slice(0, bar + 1).slice(-lookbackBars - 1);
          const returns = known.slice(1).map((close, i) => close / known[i] - 1);
          const centre = returns.reduce((sum, value) => sum + value, 0) / returns.length;
          const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (returns.length - 1));
          if (known.length <= lookbackBars) expect(order.reason).toContain('sizing by volatility needs');
          else if (deviation < 1e-12) expect(order.reason.includes('never moved') || order.sizeAsked === 50).toBe(true);
          else expect(order.sizeAsked).toBeCloseTo(Math.min(50, 0.2 / (deviation * 10)), 9);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a Kelly fraction', () => {
  const kelly = { by: 'kelly', factor: 0.5, equityFractionMax: 0.4, tradeCountMin: 4, equityFractionBefore: 0.05 } as const;
  /** One round trip a price pair: bought at the first, sold at the second. */
  const played = (pairs: readonly (readonly [number, number])[], sizing: Sizing = kelly, more: Partial<ScriptInput> = {}) =>
    playScript({
      rows: [before, ...pairs.flatMap(([entry, exit]) => [flat(entry), flat(exit)]), before],
      ...more,
      settings: sized(sizing, more.settings),
      always: ({ order, call }) => {
        if (call % 2 === 0) order.market({ side: 1 });
        else order.close();
      },
    }).orders.filter((order) => order.side === 1);

  test('by hand: three wins of 20 % and a loss of 10 % are 0.75 − 0.25 / 2, of which half is staked', () => {
    const orders = played([
      [100, 120],
      [100, 120],
      [100, 90],
      [100, 120],
      [100, 100],
    ]);
    expect(orders.map((order) => order.sizeAsked).slice(0, 4)).toEqual([0.05, 0.05, 0.05, 0.05]);
    expect(orders[4].sizeAsked).toBeCloseTo(0.5 * (0.75 - 0.25 / 2), 12);
  });

  test('is never more than its cap, and all of that before the first loss', () => {
    const wins = Array.from({ length: 5 }, () => [100, 120] as const);
    expect(played(wins, { ...kelly, equityFractionMax: 0.1 })[4].sizeAsked).toBe(0.1);
  });

  test('refuses where the trades show no edge', () => {
    const losses = [
      [100, 75],
      [100, 125],
      [100, 75],
      [100, 75],
      [100, 75],
    ] as const;
    expect(played(losses)[4].reason).toBe('sizing by Kelly: no edge in 4 closed trades, the fraction is -50%');
    expect(played(losses.map(() => [100, 90] as const))[4].reason).toContain('no edge in 4 closed trades, the fraction is -Infinity');
  });

  test('weighs each trade by what its entry was worth, whatever the contract, and takes fees off', () => {
    const pairs = [
      [100, 121],
      [50, 60],
      [100, 80],
      [10, 13],
      [100, 100],
    ] as const;
    const fee = 0.01;
    const orders = played(pairs, kelly, { instrument: { multiplier: 5, feeRateMaker: fee, feeRateTaker: fee } });
    const shares = pairs.slice(0, 4).map(([entry, exit]) => exit / entry - 1 - fee - (fee * exit) / entry);
    const wins = shares.filter((share) => share > 0);
    const losses = shares.filter((share) => share < 0);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const fraction = 0.75 - 0.25 / (mean(wins) / -mean(losses));
    expect(orders[4].sizeAsked).toBeCloseTo(Math.min(0.4, 0.5 * fraction), 6);
  });
});
