/** Owns playing parameter sets under alterations of a run, in a thread of a search. Never decides which. */
import { type ColumnNode, ColumnStore } from '../../engine/columns.ts';
import { lowerBound } from '../../engine/feed.ts';
import type { Workspace } from '../../engine/logs.ts';
import { metricNames } from '../../engine/metrics/catalogue.ts';
import { type Alteration, Alterations, altersBars } from '../../engine/optimiser/alteration.ts';
import { computeColumns, shareableColumns } from '../../engine/optimiser/column-plan.ts';
import { TrialPlayer, type TrialSetting } from '../../engine/optimiser/trial.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import { type PlayInput, play } from '../../engine/play.ts';
import type { SentError } from '../sent-error.ts';
import type { AlteredTask } from './protocol.ts';

export interface AlteredPlayerInput {
  readonly setting: TrialSetting;
  readonly workspace: Workspace;
  readonly sentError: (error: unknown) => SentError;
  /** Called behind each set, its place; false where no other is to be played. */
  readonly goesOn: (place: number, slot: Int32Array) => boolean;
}

/** A run that was altered, with the columns that its sets share. */
interface AlteredRun {
  readonly key: string;
  readonly altered: TrialSetting;
  readonly shared: Map<string, ColumnNode>;
  readonly player: TrialPlayer;
}

export class AlteredPlayer {
  private readonly input: AlteredPlayerInput;
  private last: AlteredRun | null = null;
  private alterations: { readonly seed: number; readonly made: Alterations } | null = null;

  constructor(input: AlteredPlayerInput) {
    this.input = input;
  }

  /** One answer for each set, in their order; fewer where it was stopped. */
  play({ sets, alteration, seed, memoryBytes, slot }: AlteredTask): (Float64Array | SentError)[] {
    const { sentError, goesOn } = this.input;
    const isOnOtherBars = altersBars(alteration);
    const { altered, player, shared } = this.altered(alteration, seed);
    const columnsMax = Math.floor(memoryBytes / (8 * Math.max(...altered.tapes.map(({ columns }) => columns.length))));
    const answers: (Float64Array | SentError)[] = [];
    for (const [place, parameters] of sets.entries()) {
      try {
        if (isOnOtherBars && sets.length > 1) addColumns(shared, playInputOf(altered, parameters), columnsMax);
        const { metrics } = player.play(parameters);
        answers.push(Float64Array.from(metricNames, (name) => metrics[name]));
      } catch (error) {
        answers.push(sentError(error));
      }
      if (!goesOn(place, slot)) break;
    }
    return answers;
  }

  /** Kept until another is asked for: the batches of one search are played on the same bars. */
  private altered(alteration: Alteration, seed: number): AlteredRun {
    const key = `${seed} ${JSON.stringify(alteration)}`;
    if (this.last?.key === key) return this.last;
    const { setting, workspace } = this.input;
    if (this.alterations?.seed !== seed) this.alterations = { seed, made: new Alterations(setting, seed) };
    const shared = new Map<string, ColumnNode>();
    const altered: TrialSetting = {
      ...setting,
      ...this.alterations.made.of(alteration),
      // Finer bars do not lie in altered ones; a hash of these would tell nobody anything.
      ...(altersBars(alteration) ? { finer: [], tapeHash: '', columns: new ColumnStore(shared) } : {}),
    };
    this.last = { key, altered, shared, player: new TrialPlayer(altered, workspace) };
    return this.last;
  }

  /** Net profit of each trade over the equity at the close before the bar it was entered in (the capital, where there is none), in order of exit. */
  tradeReturns(parameters: ParameterValues): Float64Array {
    const input = playInputOf(this.input.setting, parameters);
    const { trades, equity, initialCapitalQuote } = play({ ...input, recording: 'full' });
    const { timeMs, equityQuote } = equity;
    return Float64Array.from(trades, ({ entryOpenMs, pnlQuote }) => {
      const row = lowerBound(timeMs, timeMs.length, entryOpenMs + 1);
      return pnlQuote / (row === 0 ? initialCapitalQuote : equityQuote[row - 1]);
    });
  }
}

function playInputOf(setting: TrialSetting, parameters: ParameterValues): PlayInput {
  const { hashesOf, tapeHash: _hash, columns: _columns, ...shared } = setting;
  return { ...shared, parameters, hashes: hashesOf(parameters), recording: 'metrics' };
}

/** Columns that other sets read too are kept as long as they fit. */
function addColumns(shared: Map<string, ColumnNode>, input: PlayInput, columnsMax: number): void {
  const missing = shareableColumns(input).filter(({ key }) => !shared.has(key));
  if (missing.length === 0 || shared.size + missing.length > columnsMax) return;
  const wanted = new Set(missing.map(({ key }) => key));
  for (const column of computeColumns(input, { wanted, known: shared })) shared.set(column.key, column);
}
