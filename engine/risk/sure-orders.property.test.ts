import fc from 'fast-check';
import { expect, test } from 'vitest';
import { play } from '../play.ts';
import type { RunResult } from '../result.ts';
import { defineStrategy, type StrategyContext } from '../strategy.ts';
import { expectSameRecords } from '../testing/same-records.ts';
import { settingsOf, testHashes } from '../testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from '../testing/tapes.ts';

/** What is sent at one call of onBar; size in tenths, so that it may lie below a lot, above the cash or above the position. */
interface Line {
  readonly what: 'market' | 'twice' | 'reduce' | 'close' | 'limit' | 'attached';
  readonly side: 1 | -1;
  readonly size: number;
}

interface Case {
  readonly steps: readonly number[];
  readonly lines: readonly (Line | null)[];
  readonly kind: 'spot' | 'frictionless';
  readonly capital: number;
  readonly feeRate: number;
  readonly feeFixedQuote: number;
  readonly minimumNotionalQuote: number;
  readonly lotSize: number;
  readonly tickSize: number;
  readonly slippageFraction: number;
  readonly hears: boolean;
  readonly maximumQuantityBase: number | undefined;
  /** From a bar on: lots so many times as large, and twice the fee. */
  readonly change: { readonly bar: number; readonly lotSize: number } | undefined;
}

const lineOf: fc.Arbitrary<Line> = fc.record({
  what: fc.constantFrom('market', 'market', 'market', 'twice', 'reduce', 'close', 'close', 'limit', 'attached'),
  side: fc.constantFrom(1, 1, 1, -1, -1),
  size: fc.integer({ min: 1, max: 60 }).map((tenths) => tenths / 10),
});

const cases: fc.Arbitrary<Case> = fc.record({
  steps: fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 10, maxLength: 60, size: 'max' }),
  lines: fc.array(fc.option(lineOf, { freq: 2 }), { minLength: 10, maxLength: 60, size: 'max' }),
  kind: fc.constantFrom('spot', 'spot', 'frictionless'),
  capital: fc.constantFrom(300, 1_000, 100_000),
  feeRate: fc.constantFrom(0, 0.001, 0.02, -0.001),
  feeFixedQuote: fc.constantFrom(0, 0, 1.5),
  minimumNotionalQuote: fc.constantFrom(0, 50, 120),
  lotSize: fc.constantFrom(0.1, 0.25, 1),
  tickSize: fc.constantFrom(0.01, 0.25),
  slippageFraction: fc.constantFrom(0, 0, 0.002),
  hears: fc.boolean(),
  maximumQuantityBase: fc.constantFrom(undefined, undefined, 2.3),
  change: fc.option(fc.record({ bar: fc.integer({ min: 1, max: 30 }), lotSize: fc.constantFrom(0.05, 0.1, 0.5) }), { nil: undefined }),
});

function rowsOf(steps: readonly number[]): BarRow[] {
  let last = 100;
  return steps.map((step): BarRow => {
    const open = last + 0.13;
    last = Math.max(5, last + step / 10);
    return [open, Math.max(open, last) + 0.5, Math.min(open, last) - 0.5, last];
  });
}

function send({ what, side, size }: Line, { order, position }: StrategyContext, close: number): void {
  if (what === 'market') order.market({ side, sizeBase: size });
  else if (what === 'twice') {
    order.market({ side, sizeBase: size });
    order.market({ side: position.isFlat ? 1 : -1, sizeBase: size, reduceOnly: !position.isFlat });
  } else if (what === 'reduce') order.market({ side: position.isShort ? 1 : -1, sizeBase: size, reduceOnly: true });
  else if (what === 'close') order.close({ tag: 'close' });
  else if (what === 'limit') order.limit({ side, sizeBase: size, limitPrice: close - side });
  else order.market({ side, sizeBase: size, stopLoss: { distance: 2 } });
}

/** isJudgedInFull: a maximum position that is never reached lets nothing pass unasked. */
function playOnce(one: Case, isJudgedInFull: boolean): RunResult {
  const tape = tapeOf(rowsOf(one.steps));
  const { feeRate, minimumNotionalQuote, lotSize, tickSize, change, maximumQuantityBase } = one;
  const most = maximumQuantityBase === undefined ? {} : { maximumQuantityBase };
  const rules = { tickSize, lotSize, minimumNotionalQuote, ...most, feeRateMaker: 0, feeRateTaker: feeRate };
  const later = { ...rules, lotSize: change?.lotSize ?? lotSize, feeRateTaker: 2 * feeRate, fromMs: (change?.bar ?? 0) * 60_000 };
  return play({
    tapes: [tape],
    instruments: [instrumentOf({ symbol: tape.key.symbol, ...rules, ...(change === undefined ? {} : { changes: [later] }) })],
    settings: settingsOf({
      initialCapitalQuote: one.capital,
      account: { kind: one.kind },
      costs: { feeFixedQuote: one.feeFixedQuote, slippageFraction: one.slippageFraction },
      risk: isJudgedInFull ? { positionFractionMax: 1e15 } : {},
    }),
    strategy: () => {
      let call = 0;
      return defineStrategy({
        name: 'program',
        parameters: {},
        setup: ({ bars }) => ({
          onBar(context: StrategyContext) {
            const line = one.lines[call++];
            if (line !== null && line !== undefined) send(line, context, bars.close.at(0));
          },
          ...(one.hears ? { onOrder: () => {} } : {}),
        }),
      });
    },
    parameters: {},
    hashes: testHashes,
    recording: 'full',
  });
}

test('what surely passes is what passes when it is judged in full: orders, refusals and fills alike', () => {
  let fillCount = 0;
  let refusedCount = 0;
  fc.assert(
    fc.property(cases, (one) => {
      const sure = playOnce(one, false);
      const full = playOnce(one, true);
      expectSameRecords(sure, full);
      fillCount += sure.fills.length;
      refusedCount += sure.orders.filter(({ status }) => status === 'rejected').length;
    }),
    { numRuns: 600 },
  );
  // The programs reach what they are meant to reach.
  expect(fillCount).toBeGreaterThan(2_000);
  expect(refusedCount).toBeGreaterThan(1_000);
}, 60_000);
