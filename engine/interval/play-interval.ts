/**
 * Owns playing a run under each policy for ambiguous bars. Never says what a policy does (engine/broker), and never reads a file.
 *
 *   the run itself, all of it recorded ─► each other policy, its figures alone ─► every branch, where few enough bars are ambiguous
 */
import { certifyTrial, type InputHashes } from '../certificate.ts';
import { ColumnStore } from '../columns.ts';
import { assert, StrategyError } from '../errors.ts';
import { Workspace } from '../logs.ts';
import type { Tape } from '../model/bar.ts';
import { type Outcome, type PlayInput, play, playTrial, tapeHashOf } from '../play.ts';
import type { RunResult } from '../result.ts';
import { playBranches } from './branches.ts';
import { equityBand } from './equity-band.ts';
import {
  ambiguousBarsMax,
  type Branches,
  figuresOf,
  type Interval,
  type IntervalPolicy,
  intervalPolicies,
  type PolicyOutcome,
  type Refinement,
  rangesOf,
} from './interval.ts';

export interface IntervalInput extends Omit<PlayInput, 'recording' | 'columns' | 'workspace' | 'hashes' | 'finer'> {
  /** The hashes of a run of its own under a policy. */
  readonly hashesOf: (policy: IntervalPolicy) => InputHashes;
  /** One finer series an instrument, whole; none where there are none. */
  readonly finer: readonly Tape[];
  /** [rows played, rows in all, plays ended, plays known of] over shared memory: the rows are those of the play under way. */
  readonly progress?: Int32Array | null;
}

/** The run, under its own policy, and what the others make of it. */
export function playInterval(input: IntervalInput): { result: RunResult; interval: Interval } {
  const plays = new Plays(input);
  const own = intervalPolicies.find((policy) => policy === input.settings.ambiguity);
  assert(own !== undefined, `an interval is of a policy of its own, not of ${input.settings.ambiguity}`);
  const result = plays.own(own);
  for (const policy of ['pessimistic', 'optimistic', 'path'] as const) if (policy !== own) plays.other(policy);
  const refinement = input.finer.length === 0 ? null : refined(plays, own);
  const pessimistic = plays.of('pessimistic');
  const branches = pessimistic.ambiguousBarCount > ambiguousBarsMax ? null : plays.branches();
  const policies = plays.outcomes;
  return {
    result,
    interval: {
      policy: own,
      policies,
      envelope: rangesOf(policies.map(({ figures }) => figures)),
      branches,
      refinement,
      equity: equityBand(result.equity, plays.curves),
    },
  };
}

/** Finer bars leave a range only where a bar is ambiguous still. */
function refined(plays: Plays, own: IntervalPolicy): Refinement {
  if (own !== 'refine') plays.other('refine');
  const refine = plays.of('refine');
  const { ambiguousBarCount, notRefinedBarCount } = refine;
  const best = ambiguousBarCount === 0 ? refine : plays.other('refineOptimistic');
  return {
    with: plays.finerTimeframe,
    ambiguousBarCount,
    notRefinedBarCount,
    before: rangesOf([plays.of('pessimistic').figures, plays.of('optimistic').figures]),
    after: rangesOf([refine.figures, best.figures]),
  };
}

/** Plays over the same tapes, one after the other: columns are computed once, and memory is used again. */
class Plays {
  /** Equity of each policy. */
  readonly curves: Float64Array[] = [];
  private readonly played = new Map<IntervalPolicy, PolicyOutcome>();
  private readonly input: IntervalInput;
  private readonly columns = new ColumnStore();
  private readonly workspace = new Workspace();
  /** Of the bars that are played, without finer ones; '' until it is known. */
  private tapeHash = '';
  private endedCount = 0;

  constructor(input: IntervalInput) {
    this.input = input;
    this.note(input.finer.length === 0 ? 3 : 4);
  }

  get finerTimeframe(): Tape['key']['timeframe'] {
    return this.input.finer[0].key.timeframe;
  }

  get outcomes(): PolicyOutcome[] {
    return intervalPolicies.flatMap((policy) => this.played.get(policy) ?? []);
  }

  of(policy: IntervalPolicy): PolicyOutcome {
    const outcome = this.played.get(policy);
    assert(outcome !== undefined, `${policy} has been played`);
    return outcome;
  }

  /** The run itself, in memory of its own, since it is kept. */
  own(policy: IntervalPolicy): RunResult {
    const result = play({ ...this.inputOf(policy), recording: 'full' });
    if (!isRefining(policy)) this.tapeHash = result.certificate.tapeHash;
    this.keep(policy, { ...result, equityQuote: result.equity.equityQuote, trialHash: result.certificate.trialHash });
    return result;
  }

  other(policy: IntervalPolicy): PolicyOutcome {
    const input = { ...this.inputOf(policy), recording: 'metrics', workspace: this.workspace } as const;
    const outcome = this.under(policy, () => playTrial(input));
    const { run, broker, daily, metrics } = outcome;
    if (!isRefining(policy) && this.tapeHash === '') this.tapeHash = tapeHashOf(outcome, input);
    const tapeHash = isRefining(policy) ? tapeHashOf(outcome, input) : this.tapeHash;
    const { seed } = input.settings;
    const { trialHash } = certifyTrial({ ...input.hashes, tapeHash, seed, fillsHash: run.fills.hash(), daily, metrics });
    return this.keep(policy, { ...countsOf(broker), metrics, equityQuote: run.equityQuote.slice(), trialHash });
  }

  branches(): Branches {
    const input = { ...this.inputOf('pessimistic'), recording: 'metrics', workspace: this.workspace } as const;
    const before = this.endedCount;
    return playBranches(
      (branches) =>
        this.under('a branch', () => playTrial({ ...input, settings: { ...input.settings, ambiguity: 'branching', branches } })),
      (playedCount, knownCount) => {
        this.endedCount = before + playedCount;
        this.note(before + knownCount);
      },
    );
  }

  private inputOf(policy: IntervalPolicy): Omit<PlayInput, 'recording'> {
    const { hashesOf, ...input } = this.input;
    return { ...input, settings: { ...input.settings, ambiguity: policy }, hashes: hashesOf(policy), columns: this.columns };
  }

  private keep(
    policy: IntervalPolicy,
    played: Pick<RunResult, 'metrics' | 'ambiguousBarCount' | 'decidedBarCount' | 'notRefinedBarCount'> & {
      readonly equityQuote: Float64Array;
      readonly trialHash: string;
    },
  ): PolicyOutcome {
    const { metrics, ambiguousBarCount, decidedBarCount, notRefinedBarCount, equityQuote, trialHash } = played;
    const outcome = { policy, figures: figuresOf(metrics), ambiguousBarCount, decidedBarCount, notRefinedBarCount, trialHash };
    this.played.set(policy, outcome);
    this.curves.push(equityQuote);
    this.endedCount++;
    this.note(0);
    return outcome;
  }

  /** What the strategy throws under one policy it need not throw under another: it is said. */
  private under<T>(policy: string, task: () => T): T {
    try {
      return task();
    } catch (error) {
      if (!(error instanceof StrategyError)) throw error;
      throw new StrategyError(error.code, `under ${policy}: ${error.message}`, { ...error.fields, policy }, error.cause);
    }
  }

  private note(knownCount: number): void {
    const { progress } = this.input;
    if (progress === null || progress === undefined) return;
    Atomics.store(progress, 3, Math.max(knownCount, Atomics.load(progress, 3), this.endedCount));
    Atomics.store(progress, 2, this.endedCount);
  }
}

/** The run may rest on other bars than those that are played. */
function isRefining(policy: IntervalPolicy): boolean {
  return policy === 'refine' || policy === 'refineOptimistic';
}

function countsOf({ doubts }: Outcome['broker']): Pick<RunResult, 'ambiguousBarCount' | 'decidedBarCount' | 'notRefinedBarCount'> {
  const { ambiguousBarCount, decidedBarCount, notRefinedBarCount } = doubts;
  return { ambiguousBarCount, decidedBarCount, notRefinedBarCount };
}
