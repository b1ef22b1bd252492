/**
 * Fills of QuantConnect/Lean on trade bars (Tests/Common/Orders/Fills/EquityFillModelTests: StopMarketFill, StopLimitFill, LimitFill,
 * MarketOnOpenFill, MarketOnCloseFill), exact. The bar an order is sent on stands for their stale data: nothing on it may fill the order.
 * Left out: ticks and quotes (their market and if-touched fills are made of them), trading hours, and a buy stop-limit reached inside a bar, which
 * Lean fills at its limit where the bar closes within it, and this broker at its stop (RULES 2). On a bar that no more than touches a stop Lean
 * leaves it; here it is reached (RULES 2): no published case tells them apart.
 */
import { describe, expect, test } from 'vitest';
import type { Side } from '../../engine/model/order.ts';
import type { OrderEntry } from '../../engine/strategy.ts';
import { type BarRow, tapeOf } from '../../engine/testing/tapes.ts';
import { dayMs, runOf, scriptOf } from './oracle-run.test.helper.ts';

interface Case {
  readonly name: string;
  readonly kind: 'stop' | 'limit' | 'stopLimit' | 'onOpen' | 'onClose';
  readonly side: Side;
  readonly price: number;
  /** Of a stop-limit, beside its stop. */
  readonly limitPrice?: number;
  readonly timeframe?: '1d';
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
  {
    name: 'PerformsStopLimitFillBuy',
    kind: 'stopLimit',
    side: 1,
    price: 101.5,
    limitPrice: 101.75,
    bars: [still(100), still(100), still(102), still(101.66)],
    fill: [3, 101.66],
  },
  {
    name: 'PerformsStopLimitFillSell',
    kind: 'stopLimit',
    side: -1,
    price: 101.75,
    limitPrice: 101.5,
    bars: [still(102), still(102), still(101), still(101.66)],
    fill: [3, 101.66],
  },
  {
    name: 'StopLimitOrderDoesNotFillUsingDataBeforeSubmitTime',
    kind: 'stopLimit',
    side: -1,
    price: 290.5,
    limitPrice: 290.25,
    bars: [
      [290, 292, 289, 291],
      [290, 292, 289, 291],
    ],
    fill: [1, 290.25],
  },
  ...([1, -1] as const).flatMap((side): Case[] => [
    {
      name: 'PerformsMarketOnOpenUsingOpenPriceWithDailySubscription',
      kind: 'onOpen',
      side,
      price: Number.NaN,
      timeframe: '1d',
      bars: [
        [2, 2, 0.5, 1.33],
        [1, 2, 0.5, 1.33],
      ],
      fill: [1, 1],
    },
    {
      name: 'PerformsMarketOnCloseUsingClosingPriceWithDailySubscription',
      kind: 'onClose',
      side,
      price: Number.NaN,
      timeframe: '1d',
      bars: [
        [1.33, 2, 0.5, 2],
        [1.33, 2, 0.5, 1.4],
      ],
      fill: [1, 1.4],
    },
  ]),
];

function send(order: OrderEntry, { kind, side, price, limitPrice = Number.NaN }: Case): void {
  const wish = { side, sizeBase: 100 };
  switch (kind) {
    case 'stop':
      order.stop({ ...wish, stopPrice: price });
      return;
    case 'limit':
      order.limit({ ...wish, limitPrice: price });
      return;
    case 'stopLimit':
      order.stopLimit({ ...wish, stopPrice: price, limitPrice });
      return;
    default:
      order[kind](wish);
  }
}

describe('Lean EquityFillModel: bar and price of the fill', () => {
  test.each(cases)('$name, $kind, side $side', (one) => {
    const strategy = scriptOf(({ context: { order }, bar }) => bar === 0 && send(order, one));
    const { fills } = runOf({
      tapes: [tapeOf(one.bars, { timeframe: one.timeframe ?? '1m' })],
      settings: { initialCapitalQuote: 1_000_000, account: { kind: 'frictionless' } },
      strategy,
    });
    const barMs = one.timeframe === '1d' ? dayMs : 60_000;
    expect(fills.map((fill) => [fill.openTimeMs / barMs, fill.priceQuote, fill.sizeBase])).toEqual([[...one.fill, 100]]);
  });
});
