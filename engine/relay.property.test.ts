import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integer } from './parameters.ts';
import { type PlayInput, play, playRefining } from './play.ts';
import type { RelaySettings } from './relay.ts';
import type { RunResult } from './result.ts';
import { crossedAbove, crossedBelow, defineStrategy, type StrategyContext, type StrategyDefinition } from './strategy.ts';
import { settingsOf, testHashes } from './testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from './testing/tapes.ts';

const minuteMs = 60_000;

interface Case {
  readonly rows: readonly BarRow[];
  /** Bars left out before each: nights. */
  readonly skips: readonly number[];
  /** Lengths of the mean, of the run and of each takeover. */
  readonly lengths: readonly number[];
  /** Half minutes behind the first open at which the sets after the first are due. */
  readonly dueHalfMinutes: readonly number[];
  readonly pyramids: boolean;
  readonly wakes: boolean;
  readonly kind: 'spot' | 'frictionless';
  readonly replay: 'sparse' | 'dense' | 'unfiltered';
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    steps: fc.array(fc.record({ gap: fc.integer({ min: -2, max: 2 }), body: fc.integer({ min: -5, max: 5 }) }), {
      minLength: 20,
      maxLength: 80,
      size: 'max',
    }),
    skips: fc.array(fc.constantFrom(0, 0, 0, 0, 1, 7), { minLength: 80, maxLength: 80 }),
    lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }),
    due: fc.array(fc.integer({ min: -2, max: 180 }), { minLength: 3, maxLength: 3 }),
    pyramids: fc.boolean(),
    wakes: fc.boolean(),
    kind: fc.constantFrom<'spot' | 'frictionless'>('spot', 'frictionless'),
    replay: fc.constantFrom<Case['replay']>('sparse', 'dense', 'unfiltered'),
  })
  .map(({ steps, due, lengths, ...rest }) => {
    let last = 200;
    const rows = steps.map(({ gap, body }): BarRow => {
      const open = last + gap;
      last = open + body;
      return [open, Math.max(open, last) + 1, Math.min(open, last) - 1, last];
    });
    return { ...rest, rows, lengths, dueHalfMinutes: due.slice(0, lengths.length - 1).toSorted((a, b) => a - b) };
  });

/** Buys above the mean and sells below it, by what is so at this bar alone. */
const above = (pyramids: boolean, wakes: boolean): StrategyDefinition =>
  defineStrategy({
    name: 'above',
    parameters: { length: integer(3, { min: 1, max: 10 }) },
    setup({ bars, indicators, parameters, wake }) {
      const mean = indicators.sma(bars.close, parameters.length);
      const rule = ruleOf(pyramids);
      if (wakes) wake.onCross(bars.close, mean);
      return { onBar: (context) => rule(context, { up: crossedAbove(bars.close, mean), down: crossedBelow(bars.close, mean) }, false) };
    },
  }) as unknown as StrategyDefinition;

type Rule = (context: StrategyContext, cross: { readonly up: boolean; readonly down: boolean }, onlyReduces: boolean) => void;

const ruleOf =
  (pyramids: boolean): Rule =>
  ({ order, position }, { up, down }, onlyReduces) => {
    if (up && !onlyReduces && (pyramids || position.isFlat)) order.market({ side: 1, sizeBase: 1 });
    else if (down && position.isLong) order.close();
  };

/** The same in one strategy of one parameter set, which knows the times and the sets itself and looks at nothing but bar closes. */
function byHand(one: Case, { positions, takeovers }: RelaySettings): StrategyDefinition {
  return defineStrategy({
    name: 'above',
    parameters: { length: integer(3, { min: 1, max: 10 }) },
    setup({ bars }) {
      const { close } = bars;
      const meanAt = (length: number, ago: number): number =>
        Array.from({ length }, (_, i) => close.at(ago + i)).reduce((sum, value) => sum + value, 0) / length;
      const closes = tapeFor(one).columns.closeTimeMs;
      const dueMs = takeovers.map(({ fromMs }) => closes.findLast((closeMs) => closeMs <= fromMs) ?? closes[0]);
      const rule = ruleOf(one.pyramids);
      let set = 0;
      return {
        onBar(context) {
          const due = dueMs.filter((timeMs) => timeMs <= context.timeMs).length;
          const mayTake = positions === 'handOver' || context.position.isFlat;
          if (due > set && mayTake) set = due;
          const [now, before] = [0, 1].map((ago) => close.at(ago) - meanAt(one.lengths[set], ago));
          const cross = { up: now > 0 && before <= 0, down: now < 0 && before >= 0 };
          rule(context, cross, due > set);
        },
      };
    },
  }) as unknown as StrategyDefinition;
}

const opensOf = ({ rows, skips }: Case): number[] => {
  let slot = -1;
  return rows.map((_, i) => {
    slot += 1 + skips[i];
    return slot * minuteMs;
  });
};

const tapeFor = (one: Case) => tapeOf(one.rows, { openTimesMs: opensOf(one) });

function inputOf(one: Case, strategy: () => StrategyDefinition, relay: RelaySettings | undefined, length = one.lengths[0]): PlayInput {
  return {
    tapes: [tapeFor(one)],
    instruments: [instrumentOf()],
    settings: settingsOf({ account: { kind: one.kind }, replay: one.replay }),
    strategy,
    parameters: { length },
    hashes: testHashes,
    recording: 'full',
    ...(relay === undefined ? {} : { relay }),
  };
}

const relayOf = (one: Case, positions: RelaySettings['positions'], lengths = one.lengths): RelaySettings => ({
  positions,
  takeovers: one.dueHalfMinutes.map((half, k) => ({ fromMs: half * 30_000, parameters: { length: lengths[k + 1] } })),
});

const told = ({ fills, trades, openPositions, equity, orders }: RunResult) => ({
  fills,
  trades,
  openPositions,
  equity: [...equity.equityQuote],
  orders: orders.filter(({ status }) => status !== 'rejected').map(({ id: _id, ...order }) => order),
});

describe('relay', () => {
  test('the same parameters handed over again and again are one run that knows nothing of it', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const same = one.lengths.map(() => one.lengths[0]);
        const strategy = () => above(one.pyramids, one.wakes);
        const relayed = play(inputOf(one, strategy, relayOf(one, 'handOver', same)));
        const plain = play(inputOf(one, strategy, undefined));
        expect(told(relayed)).toEqual(told(plain));
        expect(relayed.metrics).toEqual(plain.metrics);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test.each(['handOver', 'carry'] as const)('%s is what one strategy does that changes its own parameters', (positions) => {
    fc.assert(
      fc.property(cases, (one) => {
        const relay = relayOf(one, positions);
        const { result } = playRefining(inputOf(one, () => above(one.pyramids, one.wakes), relay));
        const { fills, trades, equity } = told(play(inputOf(one, () => byHand(one, relay), undefined)));
        expect(told(result)).toMatchObject({ fills: fills.map(({ orderId: _, ...fill }) => fill), equity });
        expect(result.trades.map(({ pnlQuote, entryMs, exitMs }) => [pnlQuote, entryMs, exitMs])).toEqual(
          trades.map(({ pnlQuote, entryMs, exitMs }) => [pnlQuote, entryMs, exitMs]),
        );
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});
