/**
 * What others published of slippage, volume and commissions: zipline-reloaded (oracles/zipline), Lean's InteractiveBrokersFeeModelTests,
 * backtrader's test_comminfo, the callable commission of backtesting.py. Prices and sizes exact, money to 1e-9.
 * zipline fills an order at the close of the next bar, and triggers a stop by that close: played by orders on the close, and by market orders
 * sent at the close that a script compares with the stop. Left out: Lean's CFD fees, a rate with a minimum, and its fees of options, which
 * depend on the premium.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { PerUnitRule } from '../../engine/costs/fees.ts';
import type { RunSettings } from '../../engine/settings.ts';
import type { StrategyDefinition } from '../../engine/strategy.ts';
import { type BarRow, oraclesPath, tapeOf } from '../../engine/testing/tapes.ts';
import { backtest, finalEquity, openAtTheEnd, script, short } from './backtesting-py.test.helper.ts';
import { runOf, scriptOf, skipReason } from './oracle-run.test.helper.ts';

interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}
interface SizedFill {
  readonly price: number;
  readonly qty: number;
}
interface Published {
  readonly volume_share_slippage: {
    readonly defaults: { readonly volume_limit: number; readonly price_impact: number };
    readonly cases: readonly {
      readonly close?: number;
      readonly volume?: number;
      readonly order?: number;
      readonly params?: { readonly volume_limit: number; readonly price_impact: number };
      readonly expected?: SizedFill;
    }[];
  };
  readonly stop_with_volume_share: readonly {
    readonly order: number;
    readonly stop: number;
    readonly bar: Bar;
    readonly expected: SizedFill | null;
  }[];
  readonly fixed_bps: {
    readonly bar: Bar;
    readonly cases: readonly (SizedFill & { readonly bps: number; readonly vol_limit: number; readonly order: number })[];
    readonly shared_volume_limit: readonly { readonly orders: readonly number[]; readonly fills: readonly number[] }[];
  };
  readonly per_share_commission: {
    readonly cost: number;
    readonly fills: readonly number[];
    readonly per_fill_no_min: readonly number[];
    readonly cumulative_totals_by_min_trade_cost: Readonly<Record<string, readonly number[]>>;
  };
}

const path = `${oraclesPath}zipline/zipline_micro.json`;
const isThere = existsSync(path);
const published = isThere ? (JSON.parse(readFileSync(path, 'utf8')) as Published) : null;
const casesOf = <Case>(pick: (from: Published) => readonly Case[]): readonly Case[] => (published === null ? [] : pick(published));
const zipline = isThere ? describe : describe.skip;

const shares = { lotSize: 1, tickSize: 1e-7, quoteDecimals: 8 };
const still = (price: number, volume: number): BarRow => [price, price, price, price, volume];
const before = still(3, 1);
const rowOf = ({ open, high, low, close, volume }: Bar): BarRow => [
  open,
  Math.max(high, open, close),
  Math.min(low, open, close),
  close,
  volume,
];
const sideOf = (size: number) => (size > 0 ? 1 : -1);

interface Played {
  readonly bars: readonly BarRow[];
  readonly orders: readonly number[];
  readonly volumeShare?: number;
  readonly costs?: Partial<RunSettings['costs']>;
}

/** Sends the orders at the close of the first day, to fill at the close of the next; signed sizes and prices of the fills. */
function onCloses({ bars, orders, volumeShare, costs }: Played) {
  const strategy = scriptOf(({ context: { order }, bar }) => {
    if (bar === 0) for (const size of orders) order.onClose({ side: sideOf(size), sizeBase: Math.abs(size) });
  });
  return runOf({
    tapes: [tapeOf([before, ...bars], { timeframe: '1d' })],
    instrument: shares,
    settings: {
      initialCapitalQuote: 1_000_000,
      account: { kind: 'frictionless' },
      costs: costs ?? {},
      liquidity: { volumeShare: volumeShare ?? null },
    },
    strategy,
  });
}
const told = (result: ReturnType<typeof runOf>) => result.fills.map((fill) => ({ price: fill.priceQuote, qty: fill.side * fill.sizeBase }));

zipline(`zipline VolumeShareSlippage: price × impact × share², no more than the limit of a bar's volume${skipReason}`, () => {
  const { defaults } = published?.volume_share_slippage ?? { defaults: { volume_limit: 0, price_impact: 0 } };
  test.each(casesOf((from) => from.volume_share_slippage.cases))('$order on $volume at $close', (one) => {
    const { close = 3, volume = 0, order = 100, params = defaults, expected } = one;
    const costs = { slippage: { kind: 'volumeShare', impact: params.price_impact } } as const;
    const result = onCloses({ bars: [still(close, volume)], orders: [order], volumeShare: params.volume_limit, costs });
    expect(told(result)).toEqual(expected === undefined ? [] : [expected]);
  });

  test.each(casesOf((from) => from.stop_with_volume_share))('a stop at $stop of $order', ({ order: size, stop, bar, expected }) => {
    const strategy = scriptOf(({ context: { order }, bars, bar: i }) => {
      const side = sideOf(size);
      if (i === 1 && side * (bars.close.at(0) - stop) >= 0) order.market({ side, sizeBase: Math.abs(size) });
    });
    const result = runOf({
      tapes: [tapeOf([before, rowOf(bar)], { timeframe: '1d' })],
      instrument: shares,
      settings: {
        initialCapitalQuote: 1_000_000,
        account: { kind: 'frictionless' },
        costs: { slippage: { kind: 'volumeShare', impact: defaults.price_impact } },
        liquidity: { volumeShare: defaults.volume_limit },
        semantics: { marketFill: 'close' },
      },
      strategy,
    });
    expect(told(result)).toEqual(expected === null ? [] : [expected]);
  });
});

zipline(`zipline FixedBasisPointsSlippage${skipReason}`, () => {
  const bar = published === null ? before : rowOf(published.fixed_bps.bar);
  test.each(casesOf((from) => from.fixed_bps.cases))(
    '$order at $bps basis points, limit $vol_limit',
    ({ bps, vol_limit, order, price, qty }) => {
      const result = onCloses({ bars: [bar], orders: [order], volumeShare: vol_limit, costs: { slippageFraction: bps / 10_000 } });
      expect(told(result)).toEqual([{ price, qty }]);
    },
  );

  test.each(casesOf((from) => from.fixed_bps.shared_volume_limit))('$orders share the volume of one bar', ({ orders, fills }) => {
    const result = onCloses({ bars: [bar], orders, volumeShare: 0.1, costs: { slippageFraction: 0.0005 } });
    expect(told(result).map(({ qty }) => qty)).toEqual(fills);
  });
});

zipline(`zipline PerShare: one order that fills in three parts${skipReason}`, () => {
  const { cost, fills, per_fill_no_min, cumulative_totals_by_min_trade_cost } = published?.per_share_commission ?? {
    cost: 0,
    fills: [],
    per_fill_no_min: [],
    cumulative_totals_by_min_trade_cost: {},
  };
  // At each open a market order draws on the bar that closed before it: these are the volumes.
  const feesWith = (bounds: Partial<PerUnitRule>) =>
    runOf({
      tapes: [tapeOf([...fills, 1].map((volume) => still(50, volume)))],
      instrument: shares,
      settings: {
        initialCapitalQuote: 1_000_000,
        costs: { fees: perUnit({ amountQuote: cost, ...bounds }) },
        liquidity: { volumeShare: 1 },
      },
      strategy: scriptOf(({ context: { order }, bar }) => void (bar === 0 && order.market({ side: 1, sizeBase: 500 }))),
    });

  test('without a minimum each part pays for its shares', () => {
    const result = feesWith({});
    expect(result.fills.map((fill) => fill.sizeBase)).toEqual(fills);
    expect(result.fills.map((fill) => fill.feeQuote)).toEqual(per_fill_no_min);
  });

  test.each(Object.entries(cumulative_totals_by_min_trade_cost))('with a minimum of %s an order', (minimum, totals) => {
    const { fills: parts } = feesWith({ minimumQuote: Number(minimum), boundsOf: 'order' });
    let sum = 0;
    const cumulative = parts.map(({ feeQuote }) => {
      sum += feeQuote;
      return sum;
    });
    expect(cumulative).toHaveLength(totals.length);
    totals.forEach((total, i) => {
      expect(cumulative[i]).toBeCloseTo(total, 9);
    });
  });
});

function perUnit(given: Partial<PerUnitRule>): PerUnitRule {
  const none = Number.POSITIVE_INFINITY;
  return { kind: 'perUnit', amountQuote: 0, minimumQuote: 0, maximumQuote: none, maximumFraction: none, boundsOf: 'fill', ...given };
}

/** The fee of the only fill of a market order. */
function feeOf({ size, price, fees, multiplier = 1 }: { size: number; price: number; fees: PerUnitRule; multiplier?: number }): number {
  const strategy = scriptOf(({ context: { order }, bar }) => void (bar === 0 && order.market({ side: 1, sizeBase: size })));
  const result = runOf({
    tapes: [tapeOf([still(price, 1), still(price, 1)])],
    instrument: { ...shares, multiplier },
    settings: { initialCapitalQuote: 1e9, account: { kind: 'frictionless' }, costs: { fees } },
    strategy,
  });
  return result.fills[0].feeQuote;
}

describe('Lean InteractiveBrokersFeeModelTests', () => {
  // Of what they state for equities their tests show the rate and the minimum; the maximum is the broker's own: 1 % of the trade.
  const equity = perUnit({ amountQuote: 0.005, minimumQuote: 1, maximumFraction: 0.01 });
  test.each([
    ['USAEquityMinimumFeeInUSD: 1 share at 100', 1, 1],
    ['USAEquityFeeInUSD: 1,000 shares at 100', 1000, 5],
  ])('%s', (_, size, fee) => {
    expect(feeOf({ size, price: 100, fees: equity })).toBe(fee);
  });

  test.each([
    ['E-mini', 2.15],
    ['Micro E-mini', 0.57],
  ])('USAFutureFee: 1,000 contracts of a %s future', (_, amountQuote) => {
    expect(feeOf({ size: 1000, price: 100, multiplier: 50, fees: perUnit({ amountQuote }) })).toBe(1000 * amountQuote);
  });
});

describe('backtrader test_comminfo', () => {
  test('check_stocks: 100 at 10, half of the notional', () => {
    const strategy = scriptOf(({ context: { order }, bar }) => void (bar === 0 && order.market({ side: 1, sizeBase: 100 })));
    const result = runOf({
      tapes: [tapeOf([still(10, 1), still(10, 1)])],
      instrument: { ...shares, feeRateTaker: 0.5 },
      strategy,
    });
    expect(result.fills[0].feeQuote).toBe(500);
  });

  test('check_futures: 100 contracts at half a unit each, whatever the multiplier', () => {
    expect(feeOf({ size: 100, price: 10, multiplier: 10, fees: perUnit({ amountQuote: 0.5 }) })).toBe(50);
  });
});

(isThere ? describe : describe.skip)(`backtesting.py: commission as a function of size and price${skipReason}`, () => {
  const withFee = (strategy: StrategyDefinition): StrategyDefinition => ({
    ...strategy,
    fee: ({ sizeBase, priceQuote }) => sizeBase * priceQuote * 0.01,
  });

  test('test_spread_commission: size × price × .01 (equity of bars 2 and 3 to 2 decimals)', () => {
    const buyAndClose = script(({ context: { order }, bar }) => {
      if (bar === 1) order.market({ side: 1, equityFraction: 1 });
      else if (bar === 2) order.close();
    });
    const result = backtest(short, withFee(buyAndClose), { fees: { kind: 'strategy' }, semantics: openAtTheEnd });
    expect([...result.equity.equityQuote.slice(2, 4)].map((quote) => quote.toFixed(2))).toEqual(['9781.28', '9846.04']);
    expect(finalEquity(result)).toBeCloseTo(9846.04, 2);
  });
});
