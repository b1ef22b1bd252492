/**
 * Fills of QuantConnect/Lean on trade bars (Tests/Common/Orders/Fills/EquityFillModelTests: StopMarketFill, LimitFill), exact.
 * The bar an order is sent on stands for their stale data: nothing on it may fill the order.
 * Left out: ticks and quotes, trading hours, and stop-limit orders, which Lean leaves open on the bar of the trigger unless it closes within
 * the limit; here one whose limit lies beyond its stop fills at the stop.
 */
import { describe, expect, test } from 'vitest';
import type { Side } from '../../engine/model/order.ts';
import { type BarRow, tapeOf } from '../../engine/testing/tapes.ts';
import { runOf, scriptOf } from './oracle-run.test.helper.ts';

interface Case {
  readonly name: string;
  readonly kind: 'stop' | 'limit';
  readonly side: Side;
  readonly price: number;
  /** The order is sent on the first. */
  readonly bars: readonly BarRow[];
  /** Bar and price of the only fill. */
  readonly fill: readonly [number, number];
}

const still = (price: number): BarRow => [price, price, price, price];
const cases: readonly Case[] = [
  {
    name: 'PerformsStopMarketFillBuy',
    kind: 'stop',
    side: 1,
    price: 101.5,
    bars: [still(101), still(101), [101, 102.5, 101, 102]],
    fill: [2, 101.5],
  },
  {
    name: 'PerformsStopMarketFillSell',
    kind: 'stop',
    side: -1,
    price: 101.5,
    bars: [still(102), still(102), [102, 102.5, 101, 101.5]],
    fill: [2, 101.5],
  },
  {
    name: 'StopMarketOrderFillsAtOpenWithUnfavourableGap',
    kind: 'stop',
    side: 1,
    price: 290.5,
    bars: [still(289), [291.5, 292.5, 291.5, 291.5]],
    fill: [1, 291.5],
  },
  {
    name: 'StopMarketOrderFillsAtOpenWithUnfavourableGap',
    kind: 'stop',
    side: -1,
    price: 291.5,
    bars: [still(292), [290.5, 290.5, 289.5, 290.5]],
    fill: [1, 290.5],
  },
  {
    name: 'StopMarketOrderDoesNotFillUsingDataBeforeSubmitTime',
    kind: 'stop',
    side: 1,
    price: 291.5,
    bars: [
      [290, 292, 289, 291],
      [291.49, 292, 289, 291.5],
    ],
    fill: [1, 291.5],
  },
  {
    name: 'StopMarketOrderDoesNotFillUsingDataBeforeSubmitTime',
    kind: 'stop',
    side: -1,
    price: 290.5,
    bars: [
      [290, 292, 289, 291],
      [290.51, 292, 289, 290.5],
    ],
    fill: [1, 290.5],
  },
  {
    name: 'PerformsLimitFillBuy',
    kind: 'limit',
    side: 1,
    price: 101.5,
    bars: [still(102), still(102), [102, 103, 101, 102.3]],
    fill: [2, 101.5],
  },
  {
    name: 'PerformsLimitFillSell',
    kind: 'limit',
    side: -1,
    price: 101.5,
    bars: [still(101), still(101), [101, 103, 101, 102.3]],
    fill: [2, 101.5],
  },
  {
    name: 'LimitOrderDoesNotFillUsingDataBeforeSubmitTime',
    kind: 'limit',
    side: -1,
    price: 291.5,
    bars: [
      [290, 292, 289, 291],
      [290, 292, 289, 291],
    ],
    fill: [1, 291.5],
  },
];

describe('Lean EquityFillModel: bar and price of the fill', () => {
  test.each(cases)('$name, side $side', ({ kind, side, price, bars, fill }) => {
    const strategy = scriptOf(({ context: { order }, bar }) => {
      if (bar !== 0) return;
      if (kind === 'stop') order.stop({ side, sizeBase: 100, stopPrice: price });
      else order.limit({ side, sizeBase: 100, limitPrice: price });
    });
    const { fills } = runOf({
      tapes: [tapeOf(bars)],
      settings: { initialCapitalQuote: 1_000_000, account: { kind: 'frictionless' } },
      strategy,
    });
    expect(fills.map((one) => [one.openTimeMs / 60_000, one.priceQuote, one.sizeBase])).toEqual([[...fill, 100]]);
  });
});
