import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RuleChange } from './model/instrument.ts';
import { play } from './play.ts';
import type { RunResult } from './result.ts';
import type { ProtectionSettings } from './risk-settings.ts';
import { type Bars, crossedAbove, defineStrategy, type StrategyContext, type StrategyDefinition } from './strategy.ts';
import { expectSameRecords } from './testing/same-records.ts';
import { settingsOf, testHashes } from './testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from './testing/tapes.ts';

/** What is done at one call of onBar; prices in ticks of 1 from the last close. */
interface Line {
  readonly call: number;
  readonly what: 'market' | 'all' | 'tooMuch' | 'close' | 'target' | 'limit' | 'stop' | 'protected' | 'cancelAll';
  readonly side: 1 | -1;
  readonly size: number;
}

interface Case {
  readonly rows: readonly BarRow[];
  readonly skips: readonly number[];
  readonly fromBar: number;
  readonly lines: readonly Line[];
  readonly hears: boolean;
  readonly answersFills: boolean;
  readonly wakes: boolean;
  readonly kind: 'spot' | 'frictionless';
  readonly feeRate: number;
  readonly multiplier: number;
  readonly drawdownHaltFraction: number;
  readonly protections: ProtectionSettings | undefined;
  /** Half minutes behind the first open at which rules change. */
  readonly dates: readonly number[];
}

const rowsOf = fc
  .array(
    fc.record({ gap: fc.integer({ min: -2, max: 2 }), body: fc.integer({ min: -5, max: 5 }), reach: fc.integer({ min: 0, max: 3 }) }),
    {
      minLength: 5,
      maxLength: 60,
      size: 'max',
    },
  )
  .map((steps) => {
    let last = 200;
    return steps.map(({ gap, body, reach }): BarRow => {
      const open = Math.max(20, last + gap);
      last = Math.max(20, open + body);
      return [open, Math.max(open, last) + reach, Math.min(open, last) - reach, last];
    });
  });

const lineOf: fc.Arbitrary<Line> = fc.record({
  call: fc.integer({ min: 0, max: 50 }),
  what: fc.constantFrom('market', 'market', 'all', 'tooMuch', 'close', 'close', 'target', 'limit', 'stop', 'protected', 'cancelAll'),
  side: fc.constantFrom(1, 1, -1),
  size: fc.integer({ min: 1, max: 8 }),
});

const cases: fc.Arbitrary<Case> = fc.record({
  rows: rowsOf,
  skips: fc.array(fc.constantFrom(0, 0, 0, 0, 1, 5), { minLength: 60, maxLength: 60 }),
  fromBar: fc.constantFrom(0, 0, 3),
  lines: fc.array(lineOf, { minLength: 3, maxLength: 25, size: 'max' }),
  hears: fc.boolean(),
  answersFills: fc.boolean(),
  wakes: fc.constantFrom(false, false, true),
  kind: fc.constantFrom('spot', 'spot', 'frictionless'),
  feeRate: fc.constantFrom(0, 0.001),
  multiplier: fc.constantFrom(1, 10),
  drawdownHaltFraction: fc.constantFrom(1, 0.02, 0.2),
  protections: fc.constantFrom(undefined, undefined, {
    drawdown: { state: 'REDUCING', forMs: 600_000 },
    dailyLoss: { fractionMax: 0.05, state: 'HALTED' },
    cooldown: { bars: 2 },
    stopLossGuard: { stopCount: 2, withinMs: 900_000, forMs: 300_000, scope: 'account' },
    lossStreak: { lossCount: 2, forMs: 300_000, scope: 'instrument' },
    orderRate: { perMinute: 2, perHour: 20 },
  }),
  dates: fc.oneof(fc.constant([]), fc.uniqueArray(fc.integer({ min: 0, max: 160 }), { minLength: 1, maxLength: 3 })),
});

/** Rules that a strategy feels at once: ticks and lots of 1 and 3, a least and a largest order, and a fee. */
function changesOf({ dates, feeRate }: Case, fromMs: number): RuleChange[] {
  return dates
    .toSorted((a, b) => a - b)
    .map((halfMinutes, k) => ({
      fromMs: fromMs + halfMinutes * 30_000,
      tickSize: k % 2 === 0 ? 3 : 1,
      lotSize: k % 2 === 0 ? 3 : 0.001,
      minimumNotionalQuote: k === 1 ? 400 : 0,
      ...(k === 2 ? {} : { maximumQuantityBase: 12 }),
      feeRateMaker: feeRate,
      feeRateTaker: feeRate + 0.001 * k,
    }));
}

function act({ what, side, size }: Line, { order }: StrategyContext, close: number): void {
  if (what === 'market') order.market({ side, sizeBase: size });
  else if (what === 'all') order.market({ side, equityFraction: 1 });
  else if (what === 'tooMuch') order.market({ side: -1, sizeBase: 1e6 });
  else if (what === 'close') order.close();
  else if (what === 'target') order.target({ equityFraction: size / 10 });
  else if (what === 'limit') order.limit({ side, sizeBase: size, limitPrice: close - side });
  else if (what === 'stop') order.stop({ side, sizeBase: size, stopPrice: close + side });
  else if (what === 'protected') order.market({ side: 1, sizeBase: size, stopLoss: close - 3, takeProfit: close + 4 });
  else order.cancelAll();
}

/** A program of orders that writes down all it sees. */
function strategyOf(one: Case, seen: unknown[]): StrategyDefinition {
  return defineStrategy({
    name: 'program',
    parameters: {},
    setup({ bars, indicators, wake }: { bars: Bars } & Parameters<StrategyDefinition['setup']>[0]) {
      const mean = indicators.sma(bars.close, 3);
      if (one.wakes) wake.onCross(bars.close, mean);
      let call = 0;
      const note = (name: string, { timeMs, account, position }: StrategyContext, more: unknown = null) => {
        const { tickSize, lotSize, feeRateTaker } = bars.instrument;
        seen.push([tickSize, lotSize, feeRateTaker]);
        const { sizeBase, pendingOrderCount, averagePriceQuote } = position;
        seen.push([name, timeMs, account.equityQuote, account.cashQuote, account.state, sizeBase, pendingOrderCount, averagePriceQuote]);
        seen.push([bars.close.at(0), bars.open.at(1), mean.at(0), crossedAbove(bars.close, mean), more]);
      };
      return {
        onBar(context: StrategyContext) {
          note('bar', context);
          for (const line of one.lines) if (line.call === call) act(line, context, bars.close.at(0));
          call++;
        },
        ...(one.hears ? { onOrder: (order, context) => note('order', context, order) } : {}),
        ...(one.answersFills
          ? {
              onFill(fill, context) {
                note('fill', context, fill);
                if (fill.orderId % 3 === 0) context.order.close();
              },
            }
          : {}),
      };
    },
  });
}

/** Beside a second series of the same times that nobody reads or trades, every bar is a step; alone, quiet bars are stretches. */
function playBoth(one: Case): { alone: RunResult; beside: RunResult; seenAlone: unknown[]; seenBeside: unknown[] } {
  let timeMs = 0;
  const openTimesMs = one.rows.map((_, i) => {
    timeMs += 60_000 * (1 + one.skips[i]);
    return timeMs;
  });
  const tape = tapeOf(one.rows, { symbol: 'A', openTimesMs });
  const other = tapeOf(one.rows, { symbol: 'B', openTimesMs });
  const playOver = (tapes: (typeof tape)[], seen: unknown[]): RunResult =>
    play({
      tapes,
      instruments: tapes.map(({ key }) =>
        instrumentOf({
          ...{ symbol: key.symbol, tickSize: 1, lotSize: 0.001, multiplier: one.multiplier, feeRateTaker: one.feeRate },
          ...(one.dates.length === 0 ? {} : { changes: changesOf(one, openTimesMs[one.fromBar]) }),
        }),
      ),
      settings: settingsOf({
        window: { fromMs: openTimesMs[one.fromBar] },
        account: { kind: one.kind },
        risk: {
          drawdownHaltFraction: one.drawdownHaltFraction,
          ...(one.protections === undefined ? {} : { protections: one.protections }),
        },
        replay: one.wakes ? 'dense' : 'unfiltered',
      }),
      strategy: () => {
        // The first evaluation computes columns; only what the one that trades sees counts.
        seen.length = 0;
        return strategyOf(one, seen);
      },
      parameters: {},
      hashes: testHashes,
      recording: 'full',
    });
  const seenAlone: unknown[] = [];
  const seenBeside: unknown[] = [];
  return { alone: playOver([tape], seenAlone), beside: playOver([tape, other], seenBeside), seenAlone, seenBeside };
}

describe('a quiet stretch', () => {
  const seed = 20_261_125;
  test(`is what step does bar by bar, to the strategy and in every record (seed ${seed})`, () => {
    let fillCount = 0;
    let haltedCount = 0;
    let releasedCount = 0;
    let barCount = 0;
    fc.assert(
      fc.property(cases, (one) => {
        const { alone, beside, seenAlone, seenBeside } = playBoth(one);
        expect(seenAlone).toEqual(seenBeside);
        expectSameRecords(alone, beside);
        releasedCount += alone.riskEvents.filter(({ kind }) => kind === 'release').length;
        fillCount += alone.fills.length;
        haltedCount += alone.warnings.some((warning) => warning.includes('halt')) ? 1 : 0;
        barCount += seenAlone.length;
      }),
      { seed, numRuns: 800 },
    );
    // The programs reach what they are meant to reach.
    expect(releasedCount).toBeGreaterThan(20);
    expect(fillCount).toBeGreaterThan(2000);
    expect(haltedCount).toBeGreaterThan(50);
    expect(barCount).toBeGreaterThan(20_000);
  }, 120_000);
});
