/** Owns playing what a walk-forward has chosen over its tests, as one account. Never chooses. */
import type { StoredChoice } from '../../data/stores/walkforward-store.ts';
import { ConfigError } from '../../engine/errors.ts';
import { partOfRun } from '../../engine/optimiser/part-of-run.ts';
import { type Stitched, stitch } from '../../engine/optimiser/stitched.ts';
import type { Metrics, RunResult } from '../../engine/result.ts';
import type { PlayOptions, WorkerRun } from '../play-in-worker.ts';
import { playPrepared, playPreparedWhole } from '../play-refined.ts';
import type { PreparedRun } from '../prepare.ts';
import { withWindow } from '../resolve.ts';
import type { WalkForwardSettings } from '../search-schema.ts';

/** One fold's part of the one account. */
export interface FoldRun {
  /** Of the run that is the test, or of the one run that all tests are parts of. */
  readonly runHash: string;
  /** Equity that it began with. */
  readonly initialCapitalQuote: number;
  readonly metrics: Metrics;
  /** The close at which its parameters began to decide; NaN where a position of others outlasted the test. */
  readonly tookOverMs: number;
  /** Worth, at its last close, of what a test that closes what it holds could not close, as too small to be sold: the next begins with it as cash. */
  readonly leftOpenQuote: number;
}

export interface PlayedTests {
  /** By fold. */
  readonly runs: readonly FoldRun[];
  readonly stitched: Stitched;
}

export interface TestsInput {
  readonly prepared: PreparedRun;
  readonly home: string;
  readonly positions: WalkForwardSettings['positions'];
  readonly options: PlayOptions;
}

/** USAGE where folds of one run could not be told apart in money. */
export function requireDivisible({ resolved }: Pick<PreparedRun, 'resolved'>, { positions }: WalkForwardSettings): void {
  const { account, conversions } = resolved;
  if (positions === 'flatten' || (conversions.length === 0 && Object.keys(account.balances).length === 0)) return;
  throw new ConfigError(
    'USAGE',
    `walkforward.positions: was ${positions} with an account of several currencies, whose fees and profits cannot be told by fold; expected flatten`,
    { at: 'walkforward.positions' },
  );
}

/** The tests of all folds in time order. */
export function playTests(choices: readonly StoredChoice[], input: TestsInput): Promise<PlayedTests> {
  return input.positions === 'flatten' ? playApart(choices, input) : playThrough(choices, input, input.positions);
}

/** A run for each, which begins with the capital that the one before it ended with and closes what it holds at its last close. */
async function playApart(choices: readonly StoredChoice[], { prepared, home, options }: TestsInput): Promise<PlayedTests> {
  const parts: RunResult[] = [];
  for (const { test, parameters } of choices) {
    // The same run as of a scenario with this window, these parameters, this capital and endOfRun: closeAtLastClose.
    const initialCapital = parts.at(-1)?.equity.equityQuote.at(-1) ?? prepared.resolved.account.initialCapital;
    const resolved = {
      ...withWindow(prepared.resolved, test),
      account: { ...prepared.resolved.account, initialCapital },
      semantics: { ...prepared.resolved.semantics, endOfRun: 'closeAtLastClose' as const },
      strategy: { ...prepared.resolved.strategy, parameters: { ...parameters } },
    };
    parts.push(await playPrepared({ ...prepared, resolved }, home, options));
  }
  const runs = parts.map((part) => ({
    ...{ runHash: part.certificate.runHash, initialCapitalQuote: part.initialCapitalQuote, metrics: part.metrics },
    tookOverMs: part.equity.timeMs[0],
    leftOpenQuote: leftOpenQuoteOf(part),
  }));
  return { runs, stitched: stitch(parts, ratesOf(prepared)) };
}

/** One run from the first test to the end of the last, in which parameters take over from each other. */
async function playThrough(
  choices: readonly StoredChoice[],
  { prepared, home, options }: TestsInput,
  positions: 'handOver' | 'carry',
): Promise<PlayedTests> {
  const [first, ...later] = choices;
  const window = { fromMs: first.test.fromMs, toMs: choices[choices.length - 1].test.toMs };
  const resolved = {
    ...withWindow(prepared.resolved, window),
    strategy: { ...prepared.resolved.strategy, parameters: { ...first.parameters } },
  };
  const takeovers = later.map(({ test, parameters }) => ({ fromMs: test.fromMs, parameters }));
  const run: WorkerRun = { ...prepared, resolved, relay: { positions, takeovers } };
  const { result, takenMs } = await playPreparedWhole(run, home, options);
  const rates = ratesOf(prepared);
  const runs = choices.map(({ test }, k) => ({
    ...partOfRun(result, { from: test.fromMs, to: test.toMs }, rates),
    runHash: result.certificate.runHash,
    tookOverMs: k === 0 ? result.equity.timeMs[0] : takenMs[k - 1],
    leftOpenQuote: 0,
  }));
  return { runs, stitched: stitch([result], rates) };
}

function leftOpenQuoteOf({ openPositions, instruments }: RunResult): number {
  return openPositions.reduce(
    (sum, { instrumentIndex, sizeBase, markPriceQuote }) =>
      sum + Math.abs(sizeBase) * markPriceQuote * instruments[instrumentIndex].multiplier,
    0,
  );
}

function ratesOf({ resolved }: PreparedRun): { readonly periodsPerYear: number; readonly riskFreeAnnual: number } {
  const { periodsPerYear, riskFree: riskFreeAnnual } = resolved.metrics;
  return { periodsPerYear, riskFreeAnnual };
}
