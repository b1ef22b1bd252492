import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tape } from './model/bar.ts';
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
    let mergedRowCount = 0;
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
        if (one.coarse !== 'none') mergedRowCount += counts.leaptRowCount;
        fillCount += counts.fillCount;
      }),
      { seed, numRuns: 250 },
    );
    // The programs reach what they are meant to reach.
    expect(leaptRowCount).toBeGreaterThan(20_000);
    expect(mergedRowCount).toBeGreaterThan(5_000);
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
  /** A series of five minutes before or behind that of minutes; around it, one of a quarter of an hour behind it too. */
  readonly coarse: 'none' | 'first' | 'second' | 'around';
  readonly wakesOn: 'crosses' | 'crossesOfBoth' | 'coarseBars' | 'nothing';
  readonly hasGaps: boolean;
  /** What is sent when it is called, in turn. */
  readonly acts: readonly ('buy' | 'bracket' | 'trail' | 'limit' | 'stop' | 'day' | 'gtd' | 'close' | 'cancelAll' | 'steps' | 'protect')[];
  readonly readsBook: boolean;
  readonly kind: 'spot' | 'frictionless';
  readonly ambiguity: RunSettings['ambiguity'];
  readonly endOfRun: RunSettings['semantics']['endOfRun'];
  readonly fromBar: number;
}

const plainCase: Case = {
  ...{
    tapeSeed: 1,
    barCount: 400,
    fast: 2,
    slow: 9,
    everyMinutes: 0,
    coarse: 'none',
    wakesOn: 'crosses',
    hasGaps: false,
    acts: ['bracket', 'limit', 'close'],
    readsBook: false,
  },
  ...{ kind: 'spot', ambiguity: 'pessimistic', endOfRun: 'keepOpen', fromBar: 0 },
};

const cases: fc.Arbitrary<Case> = fc.record({
  tapeSeed: fc.integer({ min: 0, max: 1_000_000 }),
  barCount: fc.integer({ min: 40, max: 700 }),
  fast: fc.integer({ min: 1, max: 6 }),
  slow: fc.integer({ min: 4, max: 40 }),
  everyMinutes: fc.constantFrom(0, 0, 7, 60, 1440),
  coarse: fc.constantFrom('none', 'none', 'first', 'second', 'around'),
  wakesOn: fc.constantFrom('crosses', 'crosses', 'crossesOfBoth', 'coarseBars', 'nothing'),
  hasGaps: fc.boolean(),
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
  const tape = tapeOf(rows, { openTimesMs: timesOf(one, rows.length) });
  const tapes = {
    none: () => [tape],
    first: () => [coarserOf(tape, '5m'), tape],
    second: () => [tape, coarserOf(tape, '5m')],
    around: () => [coarserOf(tape, '5m'), tape, coarserOf(tape, '15m')],
  }[one.coarse]();
  return {
    tapes,
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

function timesOf({ tapeSeed, hasGaps }: Case, count: number): number[] {
  const random = createRandom(tapeSeed + 1);
  let timeMs = Date.UTC(2024, 0, 2, 20);
  return Array.from({ length: count }, () => {
    timeMs += 60_000 * (hasGaps && random() < 0.15 ? 1 + Math.floor(random() * 8) : 1);
    return timeMs;
  });
}

/** Bars of a longer timeframe out of minutes; where there are none, there is none. */
function coarserOf({ columns }: Tape, timeframe: '5m' | '15m'): Tape {
  const lengthMs = timeframe === '5m' ? 300_000 : 900_000;
  const rows = new Map<number, [number, number, number, number]>();
  for (let i = 0; i < columns.length; i++) {
    const openMs = Math.floor(columns.openTimeMs[i] / lengthMs) * lengthMs;
    const row = rows.get(openMs);
    if (row === undefined) rows.set(openMs, [columns.open[i], columns.high[i], columns.low[i], columns.close[i]]);
    else rows.set(openMs, [row[0], Math.max(row[1], columns.high[i]), Math.min(row[2], columns.low[i]), columns.close[i]]);
  }
  return tapeOf([...rows.values()], { timeframe, openTimesMs: [...rows.keys()] });
}

function strategyOf(one: Case, seen: unknown[]) {
  return defineStrategy({
    name: 'program',
    parameters: {},
    setup({ bars, series, indicators, wake }) {
      const fast = indicators.sma(bars.close, one.fast);
      const slow = indicators.sma(bars.close, one.slow);
      const last = series[series.length - 1];
      // A column of the coarser series is read; where it is the last of three, its bars call too.
      const slower = one.coarse === 'none' || one.coarse === 'first' ? fast : indicators.sma(last.close, 2);
      if (one.wakesOn === 'crosses') wake.onCross(fast, slow);
      else if (one.wakesOn === 'crossesOfBoth') wake.onCross(fast, indicators.sma(last.close, one.slow));
      else if (one.wakesOn === 'coarseBars') wake.onBarOf(one.coarse === 'second' ? last : bars);
      if (one.everyMinutes > 0 && one.wakesOn !== 'nothing') wake.onSchedule({ everyMs: one.everyMinutes * 60_000, offsetMs: 60_000 });
      let call = 0;
      return {
        onBar(context) {
          const { account, position } = context;
          seen.push([
            context.timeMs,
            bars.close.at(0),
            fast.at(1),
            slower.at(0),
            slower.at(1),
            account.equityQuote,
            account.cashQuote,
            position.sizeBase,
          ]);
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
