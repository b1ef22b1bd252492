import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StrategyError } from '../errors.ts';
import { play } from '../play.ts';
import type { RunSettings } from '../settings.ts';
import { type Script, scriptInput } from '../testing/play-script.ts';
import { testHashes } from '../testing/settings.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';
import { type IntervalPolicy, leavesMax } from './interval.ts';
import { type IntervalInput, playInterval } from './play-interval.ts';

const flat: BarRow = [100, 100, 100, 100];
/** Holds stop and target of a bracket at 98 and 102, the stop's side nearer to the open. */
const wild: BarRow = [100, 103, 97.5, 100];
const bracket = { side: 1, sizeBase: 1, stopLoss: 98, takeProfit: 102 } as const;
/** A bracket at every close without a position. */
const always: Script['always'] = ({ order, position }) => {
  if (position.isFlat && position.pendingOrderCount === 0) order.market(bracket);
};
const account = { kind: 'frictionless', leverage: 1_000 } as const;
const hashesOf = (policy: IntervalPolicy) => ({ ...testHashes, scenarioHash: policy });

function input(
  rows: readonly BarRow[],
  script: Script,
  { ambiguity = 'pessimistic', finer = [] }: { ambiguity?: RunSettings['ambiguity']; finer?: IntervalInput['finer'] } = {},
): IntervalInput {
  const tapes = [tapeOf(rows, { timeframe: '5m' })];
  const {
    hashes: _hashes,
    recording: _recording,
    finer: _finer,
    ...rest
  } = scriptInput({ tapes, settings: { account, ambiguity }, ...script });
  return { ...rest, hashesOf, finer };
}

const intervalOf = (...given: Parameters<typeof input>) => playInterval(input(...given)).interval;
const equityOf = ({ equityQuoteFinal }: { equityQuoteFinal: unknown }) => equityQuoteFinal;

describe('branches', () => {
  test('one ambiguous bar gives two leaves: the stop at 98, the target at 102', () => {
    const { branches } = intervalOf([flat, wild, flat], { at: { 0: ({ order }) => void order.market(bracket) } });
    expect(branches).toMatchObject({ leafCount: 2, outcomeCount: 2, isWhole: true, assumedBarCount: 0 });
    expect(branches?.ranges.equityQuoteFinal).toEqual({ lowest: 9_998, highest: 10_002 });
    expect(branches?.ranges.tradeCount).toEqual({ lowest: 1, highest: 1 });
  });

  test('no ambiguous bar gives one leaf, which is the run', () => {
    const { branches, envelope } = intervalOf([flat, [100, 103, 99, 103], flat], { always });
    expect(branches).toMatchObject({ leafCount: 1, outcomeCount: 1, isWhole: true });
    expect(branches?.ranges).toEqual(envelope);
  });

  test('bars that only one branch meets are branched over in it', () => {
    // Who is behind trades no more.
    const once: Script['always'] = (turn) => {
      if (turn.account.equityQuote >= 10_000) always(turn);
    };
    const { branches } = intervalOf([flat, wild, wild, wild], { always: once });
    // −2 · +2 −2 −2 · +2 −2 +2 · +2 +2 −2 · +2 +2 +2
    expect(branches).toMatchObject({ leafCount: 5, outcomeCount: 5 });
    expect(branches?.ranges.equityQuoteFinal).toEqual({ lowest: 9_998, highest: 10_006 });
  });

  test('leaves of the same fills are one outcome', () => {
    // Both orders fill in the end whatever the sequence; the two limits are in doubt without a difference.
    const at: Script['at'] = {
      0({ order }) {
        order.limit({ side: 1, sizeBase: 1, limitPrice: 98 });
        order.stop({ side: 1, sizeBase: 1, stopPrice: 102 });
      },
    };
    const { branches } = intervalOf([flat, wild, flat], { at });
    expect(branches?.leafCount).toBe(2);
    expect(branches?.outcomeCount).toBe(playedOutcomes([flat, wild, flat], { at }, 1).size);
  });

  test('12 ambiguous bars are branched over, 13 are not', () => {
    const rows = (count: number): BarRow[] => [flat, ...new Array<BarRow>(count).fill(wild)];
    const twelve = intervalOf(rows(12), { always });
    expect(twelve.policies[0].ambiguousBarCount).toBe(12);
    expect(twelve.branches).toMatchObject({ leafCount: 4_096, isWhole: true });
    expect(twelve.branches?.ranges.equityQuoteFinal).toEqual({ lowest: 10_000 - 24, highest: 10_000 + 24 });
    const thirteen = intervalOf(rows(13), { always });
    expect(thirteen.policies[0].ambiguousBarCount).toBe(13);
    expect(thirteen.branches).toBeNull();
  });

  test('where a branch meets so many bars that the leaves do not end, they end at 4,096 and say so', () => {
    const ifFirstWon: Script['always'] = (turn) => {
      if (turn.call < 1 || turn.account.equityQuote > 9_990) always(turn);
    };
    // The first trade is large: lost, it is the last.
    const at: Script['at'] = { 0: ({ order }) => void order.market({ ...bracket, sizeBase: 10 }) };
    const { branches, policies } = intervalOf([flat, ...new Array<BarRow>(20).fill(wild)], { at, always: ifFirstWon });
    expect(policies[0].ambiguousBarCount).toBe(1);
    expect(branches).toMatchObject({ leafCount: leavesMax, isWhole: false });
  });

  test('are the outcomes of all combinations, played one by one', () => {
    const bar = fc.constantFrom<BarRow>(flat, wild, [100, 104, 96, 101], [100, 101, 97, 98], [100, 103, 99.5, 102]);
    const script: Script = {
      always(turn) {
        const { order, position, call } = turn;
        if (position.isFlat && position.pendingOrderCount === 0) {
          if (call % 2 === 0) order.market(bracket);
          else order.stop({ side: 1, sizeBase: 1, stopPrice: 101, stopLoss: 99, takeProfit: 103, timeInForce: 'DAY' });
        }
      },
    };
    fc.assert(
      fc.property(fc.array(bar, { minLength: 1, maxLength: 6 }), (bars) => {
        const rows = [flat, ...bars];
        const { branches, policies } = intervalOf(rows, script);
        const outcomes = playedOutcomes(rows, script, rows.length);
        expect(branches?.outcomeCount).toBe(outcomes.size);
        const finals = [...outcomes.values()];
        expect(branches?.ranges.equityQuoteFinal).toEqual({ lowest: Math.min(...finals), highest: Math.max(...finals) });
        // Nothing but the plain policies is at the ends of the tree.
        for (const { policy, figures } of policies.slice(0, 2)) expect(finals, policy).toContain(figures.equityQuoteFinal);
      }),
      { numRuns: 60, seed: 11 },
    );
  });
});

/** Final equity by fills of every vector of choices of that length: the tree's slow second implementation. */
function playedOutcomes(rows: readonly BarRow[], script: Script, length: number): Map<string, number> {
  const outcomes = new Map<string, number>();
  const { finer: _finer, ...given } = input(rows, script);
  for (let bits = 0; bits < 1 << length; bits++) {
    const branches = Array.from({ length }, (_, k) => (bits & (1 << k) ? ('optimistic' as const) : ('pessimistic' as const)));
    const settings: RunSettings = { ...given.settings, ambiguity: 'branching', branches };
    const { fills, metrics } = play({ ...given, settings, hashes: testHashes, recording: 'full' });
    outcomes.set(JSON.stringify(fills), metrics.equityQuoteFinal);
  }
  return outcomes;
}

describe('the policies', () => {
  const rows = [flat, wild, [100, 102.2, 97, 100], flat] as const satisfies BarRow[];

  test('are those of runs of their own: figures, counts and trial hash', () => {
    const { result, interval } = playInterval(input(rows, { always }));
    expect(interval.policies.map(({ policy }) => policy)).toEqual(['pessimistic', 'optimistic', 'path']);
    for (const { policy, figures, trialHash, ...counts } of interval.policies) {
      const { finer: _finer, ...given } = input(rows, { always }, { ambiguity: policy });
      const alone = play({ ...given, hashes: hashesOf(policy), recording: 'full' });
      expect(trialHash).toBe(alone.certificate.trialHash);
      expect(figures.equityQuoteFinal).toBe(alone.metrics.equityQuoteFinal);
      expect(counts).toEqual({
        ambiguousBarCount: alone.ambiguousBarCount,
        decidedBarCount: alone.decidedBarCount,
        notRefinedBarCount: alone.notRefinedBarCount,
      });
    }
    // Stop and stop; target and target; the nearer extreme, low and then high.
    expect(interval.policies.map(({ figures }) => equityOf(figures))).toEqual([9_996, 10_004, 10_000]);
    expect(interval.envelope.equityQuoteFinal).toEqual({ lowest: 9_996, highest: 10_004 });
    expect(interval.policy).toBe('pessimistic');
    expect(result.certificate.trialHash).toBe(interval.policies[0].trialHash);
    expect(interval.refinement).toBeNull();
  });

  test('are the same whichever of them is the run’s own', () => {
    const plain = intervalOf(rows, { always });
    for (const ambiguity of ['optimistic', 'path'] as const) {
      const other = playInterval(input(rows, { always }, { ambiguity }));
      expect(other.interval).toEqual({ ...plain, policy: ambiguity, equity: other.interval.equity });
      expect(other.interval.equity.runQuote).toEqual([...other.result.equity.equityQuote]);
    }
  });

  test('a figure that is undefined is null, and in no range', () => {
    const { policies, envelope } = intervalOf([flat, flat], {});
    expect(policies[0].figures.sharpeRatio).toBeNull();
    expect(envelope.sharpeRatio).toEqual({ lowest: null, highest: null });
  });

  test('an error of the strategy under one of them alone says under which', () => {
    const throws: Script['onFill'] = ({ role }) => {
      if (role === 'takeProfit') throw new Error('no luck');
    };
    const played = () => intervalOf(rows, { always, onFill: throws });
    expect(played).toThrow(StrategyError);
    expect(played).toThrow(/^under optimistic: .*no luck/);
  });

  test('equity lies in the band of all of them', () => {
    const { equity } = intervalOf(rows, { always });
    expect(equity.timeMs).toEqual([300_000, 600_000, 900_000, 1_200_000]);
    expect(equity.lowestQuote).toEqual([10_000, 9_998, 9_996, 9_996]);
    expect(equity.highestQuote).toEqual([10_000, 10_002, 10_004, 10_004]);
    expect(equity.runQuote).toEqual(equity.lowestQuote);
  });

  test('progress counts plays and the branches known of', () => {
    const progress = new Int32Array(new SharedArrayBuffer(16));
    playInterval({ ...input(rows, { always }), progress });
    // Three policies and four leaves.
    expect([...progress]).toEqual([rows.length, rows.length, 7, 7]);
  });
});

describe('refining', () => {
  const rows: BarRow[] = [flat, wild, wild, flat];
  const at: Script['at'] = { 0: ({ order }) => void order.market(bracket), 1: ({ order }) => void order.market(bracket) };
  const minutes = (bar: number, fine: readonly BarRow[]): BarRow[] => [
    ...new Array<BarRow>(bar * 5).fill(flat),
    ...fine,
    ...new Array<BarRow>(5 - fine.length).fill(flat),
  ];
  const targetFirst: BarRow[] = [
    [100, 103, 100, 102],
    [102, 102, 97.5, 100],
  ];
  const finerOf = (second: readonly BarRow[]) => [
    tapeOf([...minutes(1, targetFirst), ...minutes(0, second), ...minutes(0, [flat])], { timeframe: '1m' }),
  ];

  test('leaves one result where the finer bars decide all', () => {
    const interval = intervalOf(rows, { at }, { finer: finerOf(targetFirst) });
    expect(interval.policies.map(({ policy, figures }) => [policy, equityOf(figures)])).toEqual([
      ['pessimistic', 9_996],
      ['optimistic', 10_004],
      ['path', 9_996],
      ['refine', 10_004],
    ]);
    expect(interval.refinement).toMatchObject({ with: '1m', ambiguousBarCount: 0, notRefinedBarCount: 0 });
    expect(interval.refinement?.before.equityQuoteFinal).toEqual({ lowest: 9_996, highest: 10_004 });
    expect(interval.refinement?.after.equityQuoteFinal).toEqual({ lowest: 10_004, highest: 10_004 });
  });

  test('leaves the range of what the finer bars cannot decide', () => {
    const interval = intervalOf(rows, { at }, { finer: finerOf([wild]) });
    expect(interval.policies.slice(3).map(({ policy, figures }) => [policy, equityOf(figures)])).toEqual([
      ['refine', 10_000],
      ['refineOptimistic', 10_004],
    ]);
    expect(interval.refinement).toMatchObject({ ambiguousBarCount: 1, notRefinedBarCount: 0 });
    expect(interval.refinement?.after.equityQuoteFinal).toEqual({ lowest: 10_000, highest: 10_004 });
  });

  test('counts bars whose finer ones are not there', () => {
    const { refinement } = intervalOf(rows, { at }, { finer: [tapeOf(minutes(1, targetFirst), { timeframe: '1m' })] });
    expect(refinement).toMatchObject({ ambiguousBarCount: 1, notRefinedBarCount: 1 });
  });

  test('is the same where the run itself refines', () => {
    const finer = finerOf([wild]);
    const plain = intervalOf(rows, { at }, { finer });
    const { result, interval } = playInterval(input(rows, { at }, { finer, ambiguity: 'refine' }));
    expect(interval).toEqual({ ...plain, policy: 'refine', equity: interval.equity });
    expect(interval.policies[3].trialHash).toBe(result.certificate.trialHash);
  });
});
