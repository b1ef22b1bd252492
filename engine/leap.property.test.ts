import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PlayInput, playTrial } from './play.ts';
import { createRandom } from './random.ts';
import type { RunSettings } from './settings.ts';
import { defineStrategy, type StrategyContext } from './strategy.ts';
import { compareReplaySeed, compareReplays, type InputOf } from './testing/compare-replays.ts';
import { settingsOf, testHashes } from './testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from './testing/tapes.ts';

describe('sparse replay', () => {
  test('is dense replay over random programs of every kind of order, account, cost and policy (seeds 1 to 600)', () => {
    let leaptRowCount = 0;
    let fillCount = 0;
    for (let seed = 1; seed <= 600; seed++) {
      const { difference, ...counts } = compareReplaySeed(seed);
      expect(difference).toBe('');
      leaptRowCount += counts.leaptRowCount;
      fillCount += counts.fillCount;
    }
    expect(leaptRowCount).toBeGreaterThan(300);
    expect(fillCount).toBeGreaterThan(500);
  }, 120_000);

  test(`is dense replay over long tapes with crosses, schedules, brackets and far orders (seed ${seed})`, () => {
    let leaptRowCount = 0;
    let fillCount = 0;
    fc.assert(
      fc.property(cases, (one) => {
        const rows = rowsOf(one);
        const seen: Record<string, unknown[]> = { dense: [], sparse: [] };
        const inputOf: InputOf = (more) => inputFrom(one, rows, more, seen[more.replay]);
        const { difference, ...counts } = compareReplays(inputOf);
        expect(difference).toBe('');
        // What the strategy saw on its way, each time it was called.
        expect(seen.sparse).toEqual(seen.dense);
        leaptRowCount += counts.leaptRowCount;
        fillCount += counts.fillCount;
      }),
      { seed, numRuns: 150 },
    );
    // The programs reach what they are meant to reach.
    expect(leaptRowCount).toBeGreaterThan(20_000);
    expect(fillCount).toBeGreaterThan(2_000);
  }, 120_000);

  test('is not leaping where every mark counts: a drawdown halt, latency, fills at the close', () => {
    const rows = rowsOf({ ...plainCase, barCount: 100 });
    const leapt = (settings: Parameters<typeof settingsOf>[0]) => {
      const input = inputFrom(plainCase, rows, { replay: 'sparse', recording: 'metrics' }, []);
      return playTrial({ ...input, settings: { ...settingsOf(settings), replay: 'sparse' } }).run.held?.leaptRowCount ?? 0;
    };
    expect(leapt({})).toBeGreaterThan(50);
    expect(leapt({ risk: { drawdownHaltFraction: 0.5 } })).toBe(0);
    expect(leapt({ semantics: { marketFill: 'close' } })).toBe(0);
    expect(leapt({ latency: { order: { kind: 'fixed', ms: 1 } } })).toBe(0);
  });
});

const seed = 20_261_126;

interface Case {
  readonly tapeSeed: number;
  readonly barCount: number;
  readonly fast: number;
  readonly slow: number;
  readonly everyMinutes: number;
  /** What is sent when it is called, in turn. */
  readonly acts: readonly ('buy' | 'bracket' | 'trail' | 'limit' | 'stop' | 'day' | 'gtd' | 'close' | 'cancelAll' | 'steps' | 'protect')[];
  readonly readsBook: boolean;
  readonly kind: 'spot' | 'frictionless';
  readonly ambiguity: RunSettings['ambiguity'];
  readonly endOfRun: RunSettings['semantics']['endOfRun'];
  readonly fromBar: number;
}

const plainCase: Case = {
  ...{ tapeSeed: 1, barCount: 400, fast: 2, slow: 9, everyMinutes: 0, acts: ['bracket', 'limit', 'close'], readsBook: false },
  ...{ kind: 'spot', ambiguity: 'pessimistic', endOfRun: 'keepOpen', fromBar: 0 },
};

const cases: fc.Arbitrary<Case> = fc.record({
  tapeSeed: fc.integer({ min: 0, max: 1_000_000 }),
  barCount: fc.integer({ min: 40, max: 700 }),
  fast: fc.integer({ min: 1, max: 6 }),
  slow: fc.integer({ min: 4, max: 40 }),
  everyMinutes: fc.constantFrom(0, 0, 7, 60, 1440),
  acts: fc.array(
    fc.constantFrom('buy', 'bracket', 'bracket', 'trail', 'limit', 'stop', 'day', 'gtd', 'close', 'close', 'cancelAll', 'steps', 'protect'),
    { minLength: 2, maxLength: 9 },
  ),
  readsBook: fc.boolean(),
  kind: fc.constantFrom('spot', 'frictionless'),
  ambiguity: fc.constantFrom('pessimistic', 'optimistic', 'path'),
  endOfRun: fc.constantFrom('keepOpen', 'closeAtLastClose'),
  fromBar: fc.constantFrom(0, 0, 30),
});

/** A walk in ticks of 1, with gaps; often it stands still, so that columns meet. */
function rowsOf({ tapeSeed, barCount }: Pick<Case, 'tapeSeed' | 'barCount'>): BarRow[] {
  const random = createRandom(tapeSeed);
  const below = (count: number) => Math.floor(random() * count);
  let last = 1_000;
  return Array.from({ length: barCount }, (): BarRow => {
    const open = Math.max(50, last + (random() < 0.1 ? below(9) - 4 : 0));
    last = Math.max(50, open + (random() < 0.3 ? 0 : below(15) - 7));
    return [open, Math.max(open, last) + below(4), Math.min(open, last) - below(4), last];
  });
}

function inputFrom(one: Case, rows: readonly BarRow[], { replay, recording }: Parameters<InputOf>[0], seen: unknown[]): PlayInput {
  const tape = tapeOf(rows, {});
  return {
    tapes: [tape],
    instruments: [instrumentOf({ symbol: tape.key.symbol, tickSize: 1, lotSize: 0.001, feeRateTaker: 0.001 })],
    settings: settingsOf({
      window: { fromMs: tape.columns.openTimeMs[one.fromBar] },
      account: { kind: one.kind },
      ambiguity: one.ambiguity,
      semantics: { endOfRun: one.endOfRun },
      replay,
    }),
    strategy: () => {
      // The first evaluation computes columns; only what the one that trades sees counts.
      seen.length = 0;
      return strategyOf(one, seen);
    },
    parameters: {},
    hashes: testHashes,
    recording,
  };
}

function strategyOf(one: Case, seen: unknown[]) {
  return defineStrategy({
    name: 'program',
    parameters: {},
    setup({ bars, indicators, wake }) {
      const fast = indicators.sma(bars.close, one.fast);
      const slow = indicators.sma(bars.close, one.slow);
      wake.onCross(fast, slow);
      if (one.everyMinutes > 0) wake.onSchedule({ everyMs: one.everyMinutes * 60_000, offsetMs: 60_000 });
      let call = 0;
      return {
        onBar(context) {
          const { account, position } = context;
          seen.push([context.timeMs, bars.close.at(0), fast.at(1), account.equityQuote, account.cashQuote, position.sizeBase]);
          if (one.readsBook) seen.push(account.portfolio.drawdownFraction);
          act(one.acts[call++ % one.acts.length], context, bars.close.at(0));
        },
        onFill(fill) {
          seen.push([fill.timeMs, fill.priceQuote]);
        },
      };
    },
  });
}

function act(what: Case['acts'][number], { order, timeMs }: StrategyContext, close: number): void {
  const size = { side: 1, sizeBase: 1 } as const;
  if (what === 'buy') order.market({ side: 1, equityFraction: 0.3 });
  else if (what === 'bracket') order.market({ ...size, stopLoss: close - 15, takeProfit: close + 20 });
  else if (what === 'trail') order.market({ ...size, trail: { distance: 12 } });
  else if (what === 'limit') order.limit({ ...size, limitPrice: close - 25 });
  else if (what === 'stop') order.stop({ ...size, stopPrice: close + 18 });
  else if (what === 'day') order.limit({ ...size, limitPrice: close - 60, timeInForce: 'DAY' });
  else if (what === 'gtd') order.limit({ ...size, limitPrice: close - 9, goodTillMs: timeMs + 30 * 60_000 });
  else if (what === 'close') order.close();
  else if (what === 'cancelAll') order.cancelAll();
  else if (what === 'protect') order.protect({ stopLoss: { distance: 30 } });
  else
    order.market({
      ...size,
      takeProfit: [
        { afterMs: 0, fraction: 0.02 },
        { afterMs: 1_800_000, fraction: 0.005 },
      ],
    });
}
