import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProtectionSettings, RiskSettings } from '../risk-settings.ts';
import { plainAccount } from '../settings.ts';
import { playScript } from '../testing/play-script.ts';
import { instrumentOf, tapeOf } from '../testing/tapes.ts';
import { PortfolioManager } from './portfolio-manager.ts';

const dayMs = 86_400_000;
const A = instrumentOf({ symbol: 'A', feeRateTaker: 0.001 });
const B = instrumentOf({ symbol: 'B', lotSize: 1 });
const none: ProtectionSettings = {
  drawdown: null,
  dailyLoss: null,
  cooldown: null,
  stopLossGuard: null,
  lossStreak: null,
  orderRate: null,
};
const managed = (risk: Partial<RiskSettings> = {}, more = {}) =>
  new PortfolioManager({ settings: { initialCapitalQuote: 10_000, risk, ...more }, instruments: [A, B] });

describe('a portfolio manager', () => {
  test('starts with its capital, flat', () => {
    const manager = managed({ riskPerTrade: 0.02 });
    expect([
      manager.initialCapitalQuote,
      manager.riskPerTrade,
      manager.cashQuote,
      manager.equityQuote,
      manager.drawdownFraction,
      manager.state,
    ]).toEqual([10_000, 0.02, 10_000, 10_000, 0, 'ACTIVE']);
    expect(manager.positions()).toEqual([]);
  });

  test('sizes by risk per trade, by name, or as stated, and says why not', () => {
    const manager = managed({ riskPerTrade: 0.02 });
    expect(manager.admit({ symbol: 'A', side: 1, sizeBase: 1 }).refusal).toBe('no price is known yet for A');
    manager.mark(dayMs, { A: 100, B: 50 });
    expect(manager.admit({ symbol: 'A', side: 1, stopLoss: 95 })).toEqual({ sizeBase: 40, refusal: '' });
    expect(manager.admit({ symbol: 'A', side: 1, limitPrice: 90, stopLoss: 80 })).toEqual({ sizeBase: 20, refusal: '' });
    expect(manager.admit({ symbol: 'B', side: 1, equityFraction: 0.333 })).toEqual({ sizeBase: 66, refusal: '' });
    expect(manager.admit({ symbol: 'B', side: -1, sizeBase: 1 })).toEqual({ sizeBase: 0, refusal: expect.stringContaining('sells 1') });
    expect(() => manager.admit({ symbol: 'A', side: 1 })).toThrow('expected a size, a stopLoss to size by risk, or risk.sizing');
    const named = managed({ sizing: { by: 'fraction', equityFraction: 0.1 } });
    named.mark(dayMs, { A: 100 });
    expect(named.admit({ symbol: 'A', side: 1 })).toEqual({ sizeBase: 10, refusal: '' });
  });

  test('judges by the rules of the last mark, and charges by them', () => {
    const { tickSize, minimumNotionalQuote, feeRateMaker } = A;
    const change = { tickSize, lotSize: 0.5, minimumNotionalQuote, maximumQuantityBase: 5, feeRateMaker, feeRateTaker: 0.01 };
    const dated = { ...A, lotSize: 0.1, changes: [{ ...change, fromMs: 2 * dayMs }] };
    const manager = new PortfolioManager({ settings: { initialCapitalQuote: 10_000 }, instruments: [dated] });
    manager.mark(dayMs, { A: 100 });
    expect(manager.admit({ symbol: 'A', side: 1, sizeBase: 7.3 })).toEqual({ sizeBase: 7.3, refusal: '' });
    manager.fill({ symbol: 'A', side: 1, sizeBase: 1, priceQuote: 100 });
    manager.mark(2 * dayMs, { A: 100 });
    expect(manager.admit({ symbol: 'A', side: 1, sizeBase: 4.3 })).toEqual({ sizeBase: 4, refusal: '' });
    expect(manager.admit({ symbol: 'A', side: 1, sizeBase: 7.3 }).refusal).toBe("size 7 is above the instrument's maximum 5");
    manager.fill({ symbol: 'A', side: 1, sizeBase: 1, priceQuote: 100 });
    expect(manager.cashQuote).toBe(10_000 - 200 - 0.1 - 1);
  });

  test('books fills, and shows positions, exposure and drawdown', () => {
    const manager = managed();
    manager.mark(dayMs, { A: 100, B: 50 });
    manager.fill({ symbol: 'A', side: 1, sizeBase: 40, priceQuote: 100 });
    manager.fill({ symbol: 'B', side: 1, sizeBase: 20, priceQuote: 50 });
    manager.mark(2 * dayMs, { A: 110, B: 50 });
    manager.mark(3 * dayMs, { A: 90, B: 50 });
    // 4 of fees; 40 at 110 made 10,396, at 90 9,596.
    expect(manager.cashQuote).toBe(10_000 - 4000 - 4 - 1000);
    expect([manager.equityQuote, manager.peakQuote]).toEqual([9596, 10_396]);
    expect(manager.drawdownFraction).toBeCloseTo(800 / 10_396, 12);
    expect(manager.positions()).toEqual([
      {
        instrumentIndex: 0,
        symbol: 'A',
        sizeBase: 40,
        priceQuote: 90,
        multiplier: 1,
        averagePriceQuote: 100,
        notionalQuote: 3600,
        equityFraction: 3600 / 9596,
        unrealisedPnlQuote: -400,
      },
      expect.objectContaining({ symbol: 'B', sizeBase: 20, notionalQuote: 1000, unrealisedPnlQuote: 0 }),
    ]);
    expect(manager.exposure()).toMatchObject({ grossQuote: 4600, netQuote: 4600, positionCount: 2, largestFraction: 3600 / 9596 });
  });

  test('has no drawdown while it is worth more than at any close before', () => {
    const manager = managed();
    manager.mark(dayMs, { B: 50 });
    manager.fill({ symbol: 'B', side: 1, sizeBase: 20, priceQuote: 40 });
    expect([manager.equityQuote, manager.peakQuote, manager.drawdownFraction]).toEqual([10_200, 10_000, 0]);
  });

  test('asks the risk of what it holds, from the days on which all of it had a close', () => {
    const manager = managed();
    manager.mark(dayMs, { A: 100, B: 50 });
    manager.fill({ symbol: 'A', side: 1, sizeBase: 10, priceQuote: 100 });
    manager.fill({ symbol: 'B', side: 1, sizeBase: 20, priceQuote: 50 });
    manager.mark(2 * dayMs, { A: 110 });
    manager.mark(3 * dayMs, { A: 120, B: 40 });
    manager.mark(4 * dayMs, { A: 90, B: 60 });
    const calculator = manager.calculator({ days: 5 });
    // Days 1, 3 and 4: A 100 → 120 → 90, B 50 → 40 → 60, held 10 at 90 and 20 at 60.
    expect([...calculator.dailyPnlQuote()].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
      900 * 0.2 - 1200 * 0.2,
      -900 * 0.25 + 1200 * 0.5,
    ]);
    expect(calculator.correlationMatrix()[0][1]).toBeCloseTo(-1, 12);
    expect(() => manager.calculator({ days: 1 })).toThrow('days: was 1');
  });

  test('watches as a run does: a stop at a loss, a cooldown, a drawdown', () => {
    const manager = managed(
      {
        drawdownHaltFraction: 0.1,
        protections: { ...none, cooldown: { bars: 1 }, drawdown: { state: 'REDUCING', forMs: 2 * dayMs } },
      },
      {},
    );
    manager.mark(dayMs, { A: 100 });
    manager.fill({ symbol: 'A', side: 1, sizeBase: 90, priceQuote: 100 });
    manager.fill({ symbol: 'A', side: -1, sizeBase: 45, priceQuote: 99, isStop: true });
    expect(manager.riskEvents).toEqual([]);
    manager.fill({ symbol: 'A', side: -1, sizeBase: 45, priceQuote: 75, isStop: true });
    expect(manager.admit({ symbol: 'A', side: 1, sizeBase: 1 }).refusal).toContain('cooldown: its position was closed');
    expect(manager.mark(2 * dayMs, { A: 75 })).toBe('REDUCING');
    expect(manager.admit({ symbol: 'A', side: 1, sizeBase: 1 }).refusal).toMatch(/^REDUCING: equity 88\d+\.?\d* is 11\.\d+% below/);
    expect(manager.mark(3 * dayMs, { A: 75 })).toBe('REDUCING');
    expect(manager.mark(4 * dayMs, { A: 75 })).toBe('ACTIVE');
    expect(manager.admit({ symbol: 'A', side: 1, sizeBase: 1 })).toEqual({ sizeBase: 1, refusal: '' });
    expect(manager.riskEvents.map(({ kind, rule, to }) => [kind, rule, to])).toEqual([
      ['pause', 'cooldown', 'ACTIVE'],
      ['reduce', 'drawdown', 'REDUCING'],
      ['release', 'drawdown', 'ACTIVE'],
    ]);
  });

  test('keeps the accounts that a run keeps, in one currency', () => {
    const margin = {
      ...plainAccount,
      kind: 'margin',
      leverage: 2,
      margins: [{ symbol: null, per: 'notional', initial: 0.5, maintenance: 0.25 }],
    };
    const manager = managed({}, { account: margin });
    manager.mark(dayMs, { B: 50 });
    expect(manager.admit({ symbol: 'B', side: -1, sizeBase: 300 })).toEqual({ sizeBase: 300, refusal: '' });
    manager.fill({ symbol: 'B', side: -1, sizeBase: 300, priceQuote: 50 });
    manager.mark(2 * dayMs, { B: 45 });
    expect([manager.equityQuote, manager.exposure().netFraction]).toEqual([11_500, -13_500 / 11_500]);
    const euro = instrumentOf({ symbol: 'E', quoteCurrency: 'EUR' });
    expect(() => new PortfolioManager({ settings: { initialCapitalQuote: 1 }, instruments: [A, euro] })).toThrow('state account.currency');
  });

  test.each<[string, (manager: PortfolioManager) => unknown]>([
    ['symbol: was "AA", which is no instrument of the portfolio; did you mean "A"?', (one) => one.mark(dayMs, { AA: 1 })],
    ['symbol: was "XYZW", which is no instrument of the portfolio; expected one of A, B', (one) => one.mark(dayMs, { XYZW: 1 })],
    ['timeMs: was 5, expected a time after 86400000', (one) => [dayMs, 5].map((timeMs) => one.mark(timeMs, { A: 1 }))],
    ['price of A: was 0, expected a finite price above 0', (one) => one.mark(dayMs, { A: 0 })],
    ['fill of A: was -1 at 1', (one) => one.fill({ symbol: 'A', side: 1, sizeBase: -1, priceQuote: 1 })],
    ['side: was 0, expected 1 (buy) or -1 (sell)', (one) => one.fill({ symbol: 'A', side: 0 as 1, sizeBase: 1, priceQuote: 1 })],
    ['order sizebase: was no part of this order', (one) => one.admit({ symbol: 'A', side: 1, sizebase: 1 } as never)],
  ])('"%s" is refused', (message, act) => {
    expect(() => act(managed())).toThrow(message);
  });

  test('many marks are kept, and no capital is refused', () => {
    const manager = managed();
    for (let i = 1; i <= 300; i++) manager.mark(i * dayMs, { A: i });
    manager.fill({ symbol: 'A', side: 1, sizeBase: 1, priceQuote: 300 });
    expect(manager.calculator({ days: 400 }).dailyPnlQuote().length).toBe(299);
    expect(() => managed({}, { initialCapitalQuote: 0 })).toThrow('initialCapitalQuote: was 0');
  });
});

describe('a manager told of what a run did', () => {
  const anyRun = fc.record({
    prices: fc.array(fc.integer({ min: 60, max: 140 }), { minLength: 4, maxLength: 25 }),
    wishes: fc.array(fc.record({ bar: fc.nat(24), side: fc.constantFrom<1 | -1>(1, -1), fraction: fc.constantFrom(0.2, 0.7, 1.5) }), {
      maxLength: 20,
    }),
    drawdownHaltFraction: fc.constantFrom(0.05, 0.2, 1),
    cooldown: fc.constantFrom(null, { bars: 2 }, { forMs: 3 * dayMs }),
    gross: fc.constantFrom(0.5, Number.POSITIVE_INFINITY),
  });

  test('has its equity, its states, its sizes and its refusals', () => {
    fc.assert(
      fc.property(anyRun, ({ prices, wishes, drawdownHaltFraction, cooldown, gross }) => {
        const risk: Partial<RiskSettings> = {
          drawdownHaltFraction,
          protections: { ...none, cooldown, drawdown: { state: 'REDUCING', forMs: 4 * dayMs } },
          caps: {
            grossFractionMax: gross,
            netFractionMax: Number.POSITIVE_INFINITY,
            positionCountMax: 5,
            correlation: null,
            valueAtRisk: null,
          },
        };
        const manager = new PortfolioManager({ settings: { initialCapitalQuote: 10_000, risk }, instruments: [A] });
        const seen: unknown[] = [];
        const told: unknown[] = [];
        const answers: { readonly id: number; readonly answer: ReturnType<PortfolioManager['admit']> }[] = [];
        const result = playScript({
          tapes: [
            tapeOf(
              prices.map((price) => [price, price, price, price]),
              { symbol: 'A', timeframe: '1d' },
            ),
          ],
          instruments: [A],
          settings: { risk },
          onFill: ({ side, sizeBase, priceQuote }) => manager.fill({ symbol: 'A', side, sizeBase, priceQuote }),
          always: ({ call, order, account, timeMs }) => {
            manager.mark(timeMs, { A: prices[call] });
            const { portfolio, equityQuote, state } = account;
            seen.push([equityQuote, state, portfolio.drawdownFraction, portfolio.peakQuote, portfolio.exposure(), portfolio.positions()]);
            told.push([
              manager.equityQuote,
              manager.state,
              manager.drawdownFraction,
              manager.peakQuote,
              manager.exposure(),
              manager.positions(),
            ]);
            // One order a bar: the manager knows of none on its way.
            const wish = wishes.find(({ bar }) => bar === call);
            if (wish === undefined) return;
            const { side, fraction: equityFraction } = wish;
            answers.push({ id: order.market({ side, equityFraction }), answer: manager.admit({ symbol: 'A', side, equityFraction }) });
          },
        });
        expect(told).toEqual(seen);
        for (const { id, answer } of answers) {
          const { sizeBase, reason } = result.orders[id];
          if (answer.refusal === '') expect(sizeBase).toBe(answer.sizeBase);
          else expect(reason).toBe(answer.refusal);
        }
      }),
      { numRuns: 150 },
    );
  });
});
