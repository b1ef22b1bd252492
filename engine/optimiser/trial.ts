/** Owns one trial: the scenario played with one parameter set, of which metrics, daily equity and the trial hash stay. Never keeps its records. */
import { certifyTrial, type InputHashes } from '../certificate.ts';
import type { ColumnStore } from '../columns.ts';
import { Workspace } from '../logs.ts';
import type { ParameterValues } from '../parameters.ts';
import { type PlayInput, playTrial, tapeHashOf } from '../play.ts';
import type { EquityColumns, Metrics } from '../result.ts';

/** What all trials of a search share. */
export interface TrialSetting extends Pick<PlayInput, 'tapes' | 'finer' | 'instruments' | 'settings' | 'conversions' | 'strategy'> {
  readonly hashesOf: (parameters: ParameterValues) => InputHashes;
  /** Hash of the bars where no finer ones stand in for any. */
  readonly tapeHash: string;
  /** Columns of earlier trials over the same tapes. */
  readonly columns: ColumnStore;
}

export interface Trial {
  readonly trialHash: string;
  readonly metrics: Metrics;
  /** At the last bar of each UTC day; the times belong to the player, and are the same for all of its trials. */
  readonly daily: EquityColumns;
  readonly ambiguousBarCount: number;
}

/** Plays trials one after the other in one memory. */
export class TrialPlayer {
  private readonly setting: TrialSetting;
  private readonly workspace: Workspace;

  /** workspace: memory that several players of one thread may take turns with. */
  constructor(setting: TrialSetting, workspace = new Workspace()) {
    this.setting = setting;
    this.workspace = workspace;
  }

  /** The same figures and the same trialHash as of a single run of these parameters. Throws what the run would. */
  play(parameters: ParameterValues): Trial {
    const { hashesOf, tapeHash, ...shared } = this.setting;
    // What the last trial computed for itself alone is not kept.
    shared.columns.release();
    const hashes = hashesOf(parameters);
    const input: PlayInput = { ...shared, parameters, hashes, recording: 'metrics', workspace: this.workspace };
    const outcome = playTrial(input);
    const { run, broker, daily, metrics } = outcome;
    const { trialHash } = certifyTrial({
      ...hashes,
      tapeHash: broker.finer.used().length === 0 ? tapeHash : tapeHashOf(outcome, input),
      seed: input.settings.seed,
      fillsHash: run.fills.hash(),
      daily,
      metrics,
    });
    return { trialHash, metrics, daily, ambiguousBarCount: broker.doubts.ambiguousBarCount };
  }
}
