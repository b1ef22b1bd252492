import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tape } from './model/bar.ts';
import type { Timeframe } from './model/timeframe.ts';
import { timeframeMs } from './model/timeframe.ts';
import type { RunResult } from './result.ts';
import { type NaiveBar, NaiveMarket, type NaiveRules, type NaiveWish } from './testing/naive-market.ts';
import { playScript, type Turn } from './testing/play-script.ts';
import { instrumentOf, tapeOf } from './testing/tapes.ts';

const tickSize = 0.5;
const lotSize = 0.25;
const startTicks = 200;
const capitalQuote = 1000;

/** One line of a program: at this call of onBar do this, with prices in ticks from the last close. */
interface Line {
  readonly call: number;
  readonly what: 'market' | 'limit' | 'stop' | 'stopLimit' | 'close' | 'cancel';
  readonly instrument: number;
  readonly side: 1 | -1;
  readonly lots: number;
  readonly offset: number;
  readonly second: number;
  readonly stopDistance: number | null;
  readonly targetDistance: number | null;
  readonly isReduceOnly: boolean;
}

interface Case {
  readonly markets: readonly { readonly timeframe: Timeframe; readonly bars: readonly NaiveBar[] }[];
  readonly rules: NaiveRules;
  readonly lines: readonly Line[];
}

/** Small steps on a coarse grid, so that prices meet exactly all the time. */
const marketOf = fc
  .record({
    timeframe: fc.constantFrom<Timeframe>('1m', '1m', '3m', '5m'),
    firstSlot: fc.constantFrom(0, 0, 0, 4),
    steps: fc.array(
      fc.record({
        gap: fc.constantFrom(0, 0, 0, 0, 1, -1, 3, -3),
        body: fc.integer({ min: -4, max: 4 }),
        up: fc.integer({ min: 0, max: 3 }),
        down: fc.integer({ min: 0, max: 3 }),
        skip: fc.constantFrom(1, 1, 1, 1, 1, 2, 4),
      }),
      { minLength: 8, maxLength: 40, size: 'max' },
    ),
  })
  .map(({ timeframe, firstSlot, steps }) => {
    let last = startTicks;
    let slot = firstSlot;
    const bars = steps.map(({ gap, body, up, down, skip }): NaiveBar => {
      const open = last + gap;
      const close = open + body;
      const openMs = slot * timeframeMs(timeframe);
      slot += skip;
      last = close;
      return {
        openMs,
        closeMs: openMs + timeframeMs(timeframe),
        open,
        close,
        high: Math.max(open, close) + up,
        low: Math.min(open, close) - down,
      };
    });
    return { timeframe, bars };
  });

const lineOf = (instruments: number): fc.Arbitrary<Line> =>
  fc.record({
    call: fc.integer({ min: 0, max: 30 }),
    what: fc.constantFrom('market', 'market', 'limit', 'limit', 'stop', 'stop', 'stopLimit', 'close', 'cancel'),
    instrument: fc.integer({ min: 0, max: instruments - 1 }),
    side: fc.constantFrom(1, 1, -1),
    lots: fc.integer({ min: 1, max: 12 }),
    offset: fc.integer({ min: -5, max: 5 }),
    second: fc.integer({ min: -3, max: 3 }),
    // Now and then on the wrong side of the entry.
    stopDistance: fc.option(fc.integer({ min: -1, max: 6 })),
    targetDistance: fc.option(fc.integer({ min: -1, max: 6 })),
    isReduceOnly: fc.constantFrom(false, false, false, true),
  });

const cases: fc.Arbitrary<Case> = fc.array(marketOf, { minLength: 1, maxLength: 3 }).chain((markets) =>
  fc.record({
    markets: fc.constant(markets),
    lines: fc.array(lineOf(markets.length), { minLength: 6, maxLength: 40, size: 'max' }),
    rules: fc.record({
      isSpot: fc.boolean(),
      isOptimistic: fc.boolean(),
      needsPenetration: fc.boolean(),
      slippage: fc.constantFrom(0, 0, 7, 30),
      feeMaker: fc.constantFrom(0, 123),
      feeTaker: fc.constantFrom(0, 1000, 377),
      tickSize: fc.constant(tickSize),
      lotSize: fc.constant(lotSize),
      cashUnits: fc.constant(BigInt(capitalQuote) * 100_000_000n),
      unitsPerTickLot: fc.constant(12_500_000n),
    }),
  }),
);

/** What a line asks for, given the last close in ticks. */
function wishOf(line: Line, ticks: number): NaiveWish {
  const base = Number.isNaN(ticks) ? startTicks : ticks;
  const isStop = line.what === 'stop' || line.what === 'stopLimit';
  const kind = line.what === 'limit' || line.what === 'stop' || line.what === 'stopLimit' ? line.what : 'market';
  const limit = line.what === 'limit' ? base + line.offset : base + line.offset + line.second;
  const stop = isStop ? base + line.offset : Number.NaN;
  const entry = kind === 'market' ? base : kind === 'stop' ? stop : limit;
  return {
    instrument: line.instrument,
    kind,
    side: line.side,
    lots: line.lots,
    limit,
    stop,
    stopLoss: line.stopDistance === null ? Number.NaN : entry - line.side * line.stopDistance,
    takeProfit: line.targetDistance === null ? Number.NaN : entry + line.side * line.targetDistance,
    isReduceOnly: line.isReduceOnly,
  };
}

/** The naive market plays the program. */
function playNaive({ markets, rules, lines }: Case): { market: NaiveMarket; equity: number[] } {
  const market = new NaiveMarket(
    markets.map((one) => one.bars),
    rules,
  );
  const moments = new Set(markets.flatMap((one) => one.bars.flatMap((bar) => [bar.openMs, bar.closeMs])));
  const equity: number[] = [];
  for (const nowMs of [...moments].sort((a, b) => a - b)) {
    if (markets.some((one) => one.bars.some((bar) => bar.closeMs === nowMs))) {
      market.close(nowMs);
      for (const line of lines.filter((one) => one.call === equity.length)) {
        const closed = markets[line.instrument].bars.filter((bar) => bar.closeMs <= nowMs).at(-1);
        if (line.what === 'cancel') market.cancel(line.lots);
        else if (line.what !== 'close') market.send(wishOf(line, closed?.close ?? Number.NaN), nowMs);
        else {
          const lots = market.projected(line.instrument);
          const plain = {
            stopDistance: null,
            targetDistance: null,
            isReduceOnly: true,
            lots: Math.abs(lots),
            side: lots > 0 ? (-1 as const) : (1 as const),
          };
          if (lots !== 0) market.send(wishOf({ ...line, ...plain }, startTicks), nowMs);
        }
      }
      equity.push(market.equity(nowMs));
    }
    market.open(nowMs);
  }
  return { market, equity };
}

/** The engine plays the program. */
function playEngine({ markets, rules, lines }: Case): RunResult {
  const tapes: Tape[] = markets.map(({ timeframe, bars }, i) =>
    tapeOf(
      bars.map((bar) => [bar.open * tickSize, bar.high * tickSize, bar.low * tickSize, bar.close * tickSize] as const),
      { symbol: `S${i}`, timeframe, openTimesMs: bars.map((bar) => bar.openMs) },
    ),
  );
  const rates = { feeRateMaker: rules.feeMaker / 1e6, feeRateTaker: rules.feeTaker / 1e6 };
  return playScript({
    tapes,
    instruments: tapes.map((tape) => instrumentOf({ symbol: tape.key.symbol, tickSize, lotSize, ...rates })),
    settings: {
      initialCapitalQuote: capitalQuote,
      account: { kind: rules.isSpot ? 'spot' : 'frictionless', leverage: 1e6 },
      costs: { slippageFraction: rules.slippage / 10_000 },
      ambiguity: rules.isOptimistic ? 'optimistic' : 'pessimistic',
      semantics: { limitFill: rules.needsPenetration ? 'penetrate' : 'touch' },
    },
    always: (turn) => {
      for (const line of lines) if (line.call === turn.call) sendLine(line, turn);
    },
  });
}

function sendLine(line: Line, { series }: Turn): void {
  const { order, close } = series[line.instrument];
  if (line.what === 'cancel') cancelIfGiven(order, line.lots);
  else if (line.what === 'close') order.close();
  else {
    const wish = wishOf(line, close.at(0) / tickSize);
    const limitPrice = wish.limit * tickSize;
    const stopPrice = wish.stop * tickSize;
    const sent = {
      side: wish.side,
      sizeBase: wish.lots * lotSize,
      reduceOnly: wish.isReduceOnly,
      ...(Number.isNaN(wish.stopLoss) ? {} : { stopLoss: wish.stopLoss * tickSize }),
      ...(Number.isNaN(wish.takeProfit) ? {} : { takeProfit: wish.takeProfit * tickSize }),
    };
    if (wish.kind === 'market') order.market(sent);
    else if (wish.kind === 'limit') order.limit({ ...sent, limitPrice });
    else if (wish.kind === 'stop') order.stop({ ...sent, stopPrice });
    else order.stopLimit({ ...sent, limitPrice, stopPrice });
  }
}

/** A cancel of an order that was never sent is a fault of the strategy, and to the naive market it is nothing. */
function cancelIfGiven(order: Turn['order'], id: number): void {
  try {
    order.cancel(id);
  } catch (error) {
    if (!(error as Error).message.includes(`no order has the id ${id}`)) throw error;
  }
}

/** What must hold of every run, whatever the naive market says. */
function expectInvariants(result: RunResult, { markets, rules }: Case): void {
  const { deposit, sales, purchases, fees } = result.ledger;
  const units = (text: string) => BigInt(Math.round(Number(text) * 1e8));
  const cash = units(deposit) + units(sales) - units(purchases) - units(fees);
  const held = new Map<number, number>();
  for (const fill of result.fills) {
    const bar = markets[fill.instrumentIndex].bars.find((one) => one.openMs === fill.openTimeMs) as NaiveBar;
    const unslipped = fill.priceQuote - fill.side * (fill.slippageQuote / fill.sizeBase);
    expect(unslipped).toBeGreaterThanOrEqual(bar.low * tickSize - 1e-9);
    expect(unslipped).toBeLessThanOrEqual(bar.high * tickSize + 1e-9);
    const order = result.orders[fill.orderId];
    expect(fill.timeMs).toBeGreaterThanOrEqual(order.submittedMs);
    // Only an order that an entry of the same moment made may fill in it.
    if (order.parentId < 0) expect(fill.openTimeMs).toBeGreaterThanOrEqual(order.submittedMs);
    const position = (held.get(fill.instrumentIndex) ?? 0) + fill.side * fill.sizeBase;
    if (rules.isSpot) expect(position).toBeGreaterThanOrEqual(0);
    held.set(fill.instrumentIndex, position);
  }
  if (rules.isSpot) expect(cash >= 0n).toBe(true);
  for (const [instrumentIndex, position] of held) {
    const open = result.openPositions.find((one) => one.instrumentIndex === instrumentIndex)?.sizeBase ?? 0;
    expect(open).toBe(position);
    const traded = result.trades
      .filter((trade) => trade.instrumentIndex === instrumentIndex)
      .reduce((sum, trade) => sum + trade.sizeBase, 0);
    const filled = result.fills.filter((fill) => fill.instrumentIndex === instrumentIndex).reduce((sum, fill) => sum + fill.sizeBase, 0);
    expect(2 * traded + Math.abs(position)).toBeCloseTo(filled, 9);
  }
  expect(result.trades.every((trade) => trade.sizeBase > 0)).toBe(true);
}

describe('a random program of orders on a random tape', () => {
  const seed = 20_261_122;
  let fillCount = 0;
  let attachedCount = 0;
  let ambiguousCount = 0;
  let rejectedCount = 0;

  test(`gives the fills, trades, cash and equity of a naive second implementation (seed ${seed})`, () => {
    fc.assert(
      fc.property(cases, (one) => {
        const result = playEngine(one);
        const { market, equity } = playNaive(one);
        const fills = result.fills.map((fill) => [
          fill.orderId,
          fill.role,
          fill.timeMs,
          fill.openTimeMs,
          fill.side,
          fill.priceQuote,
          fill.sizeBase,
          fill.notionalQuote,
          fill.feeQuote,
        ]);
        expect(fills).toEqual(market.fills);
        expect(result.orders.map(({ id, role, status }) => `${id} ${role} ${status}`)).toEqual(
          market.orders.map(({ id, role, status }) => `${id} ${role} ${status === 'open' ? 'expired' : status}`),
        );
        expect(
          result.trades.map((trade) => [
            trade.entryOrderId,
            trade.exitOrderId,
            trade.side,
            trade.sizeBase,
            trade.entryPriceQuote,
            trade.exitPriceQuote,
          ]),
        ).toEqual(market.trades);
        expect([...result.equity.equityQuote]).toEqual(equity);
        expect(result.ambiguousBarCount).toBe(market.ambiguous.size);
        expectInvariants(result, one);
        fillCount += fills.length;
        attachedCount += result.fills.filter((fill) => fill.role !== 'own').length;
        ambiguousCount += result.ambiguousBarCount;
        rejectedCount += result.orders.filter((order) => order.status === 'rejected').length;
      }),
      { seed, numRuns: 1500 },
    );
    // The programs reach what they are meant to reach.
    expect(fillCount).toBeGreaterThan(10_000);
    expect(attachedCount).toBeGreaterThan(2000);
    expect(ambiguousCount).toBeGreaterThan(1000);
    expect(rejectedCount).toBeGreaterThan(500);
  }, 120_000);
});
