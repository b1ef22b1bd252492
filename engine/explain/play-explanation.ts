/** Owns playing a run under its own rules and again behind each rule that another engine has otherwise. Never says what a rule does (engine/broker), and never reads a file. */
import type { InputHashes } from '../certificate.ts';
import { ColumnStore } from '../columns.ts';
import { StrategyError } from '../errors.ts';
import { type PlayInput, play } from '../play.ts';
import type { Certificate, RunResult } from '../result.ts';
import type { Semantics } from '../settings.ts';
import { attribute, type ExplainedRun, type Explanation } from './attribute.ts';
import { ruleSwitches } from './rule-switches.ts';

export interface ExplainInput extends Omit<PlayInput, 'recording' | 'columns' | 'workspace' | 'hashes'> {
  readonly against: Semantics;
  /** The hashes of a run of its own under these rules. */
  readonly hashesOf: (semantics: Semantics) => InputHashes;
  /** [rows played, rows in all, plays ended, plays known of] over shared memory: the rows are those of the play under way. */
  readonly progress: Int32Array | null;
}

export interface PlayedExplanation extends Explanation {
  readonly quoteCurrency: string;
  /** Of the run under its own rules, and of the one under all of theirs. */
  readonly certificate: Certificate;
  readonly certificateAfter: Certificate;
}

/** Plays over the same tapes, one after the other; columns are computed once. */
export function playExplanation({ against, hashesOf, progress, ...input }: ExplainInput): PlayedExplanation {
  const switches = ruleSwitches(input.settings.semantics, against);
  const columns = new ColumnStore();
  const runs: ExplainedRun[] = [];
  const playUnder = (semantics: Semantics): RunResult => {
    if (progress !== null) Atomics.store(progress, 3, switches.length + 1);
    const settings = { ...input.settings, semantics };
    const result = play({ ...input, settings, hashes: hashesOf(semantics), recording: 'full', columns, progress });
    const { orders, fills, trades, instruments, openPositions, metrics } = result;
    runs.push({ orders, fills, trades, instruments, openPositions, metrics });
    if (progress !== null) Atomics.store(progress, 2, runs.length);
    return result;
  };
  const own = playUnder(input.settings.semantics);
  let last = own.certificate;
  for (const { rule, to, semantics } of switches) last = named(`${rule}: ${to}`, () => playUnder(semantics)).certificate;
  return { ...attribute(switches, runs), quoteCurrency: own.quoteCurrency, certificate: own.certificate, certificateAfter: last };
}

/** What the strategy throws under one rule it need not throw under another: it is said. */
function named<T>(rule: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (!(error instanceof StrategyError)) throw error;
    throw new StrategyError(error.code, `under ${rule}: ${error.message}`, { ...error.fields, rule }, error.cause);
  }
}
