/** Owns a thread of a search: the strategy compiled once, trials played one after the other. Never decides what is tried. */
import { workerData } from 'piscina';
import { tapeFromTransfer } from '../../data/columns.ts';
import type { ColumnNode } from '../../engine/columns.ts';
import { ColumnStore, columnNode } from '../../engine/columns.ts';
import { DataError } from '../../engine/errors.ts';
import { Workspace } from '../../engine/logs.ts';
import { metricNames } from '../../engine/metrics/catalogue.ts';
import { computeColumns, shareableColumns } from '../../engine/optimiser/column-plan.ts';
import { TrialPlayer, type TrialSetting } from '../../engine/optimiser/trial.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { PlayInput } from '../../engine/play.ts';
import { compileStrategy } from '../../strategies/evaluate.ts';
import { fenceLocale, muteSink } from '../../strategies/fence.ts';
import { engineHash } from '../engine-hash.ts';
import { scenarioHash, settingsOf, withWindow } from '../resolve.ts';
import { sentError, tracedError } from '../sent-error.ts';
import { AlteredPlayer } from './play-altered.ts';
import {
  type ComputedColumns,
  failedTrial,
  type PlanAnswer,
  type SearchAnswer,
  type SearchTask,
  type SearchWorkerData,
  type SharedColumn,
  type TrialAnswer,
  type TrialsAnswer,
  type TrialWindow,
} from './protocol.ts';

const data: SearchWorkerData = workerData;
const { resolved, strategyHash } = data;
const strategy = compileStrategy(data.code, muteSink);
const shared = new Map<string, ColumnNode>();
/** Which computing of each column it is. */
const versions = new Map<string, number>();
const engine = engineHash();

const setting: TrialSetting = {
  tapes: data.tapes.map(tapeFromTransfer),
  finer: (data.finer ?? []).map(tapeFromTransfer),
  instruments: data.instruments,
  conversions: data.conversions.map((one) => ({ ...one, tape: tapeFromTransfer(one.tape) })),
  settings: settingsOf(resolved),
  strategy,
  tapeHash: data.tapeHash,
  columns: new ColumnStore(shared),
  hashesOf: (parameters) => ({ strategyHash, scenarioHash: scenarioHash(resolved, parameters), engineHash: engine }),
};
const workspace = new Workspace();
const player = new TrialPlayer(setting, workspace);
const alteredPlayer = new AlteredPlayer({
  setting,
  workspace,
  sentError: (error) => sentError(tracedError(error, data, true)),
  goesOn: (place, slot) => {
    Atomics.store(slot, 0, place);
    Atomics.store(slot, 1, place + 2);
    Atomics.add(data.control, 1, 1);
    return Atomics.load(data.control, 0) === 0;
  },
});
/** Of the window that trials were last played in, where it is not the whole. */
let windowPlayer: { readonly window: TrialWindow; readonly player: TrialPlayer } | null = null;

/** The one function that the pool calls. What a strategy throws is an answer, not an end of the thread. */
export default function answer(task: SearchTask): SearchAnswer {
  const lift = fenceLocale();
  try {
    return answerTo(task);
  } catch (error) {
    return { error: sentError(tracedError(error, data, true)) };
  } finally {
    lift();
  }
}

function answerTo(task: SearchTask): SearchAnswer {
  switch (task.kind) {
    case 'describe': {
      const { name, parameters } = strategy();
      return { strategy: { name, parameters } };
    }
    case 'plan':
      return plan(task.sets, task.slot);
    case 'columns': {
      Atomics.store(task.slot, 1, 1);
      const known = new Map(task.known.map((column) => [column.key, columnNode(column.key, column)]));
      const wanted = new Set(task.wanted);
      const { targets } = task;
      const computed = orNone(() => computeColumns(inputOf(task.parameters), { wanted, known, targets })).map(computedColumn);
      const used = new Set(computed.map(({ values }) => values));
      return { computed, unused: targets.filter((target) => !used.has(target)) };
    }
    case 'altered':
      Atomics.store(task.slot, 1, 1);
      return { altered: alteredPlayer.play(task) };
    case 'trades':
      return { tradeReturns: alteredPlayer.tradeReturns(task.parameters) };
    default:
      share(task.columns);
      return playAll(playerOf(task.window), task.sets, task.slot);
  }
}

function playerOf(window: TrialWindow | null): TrialPlayer {
  if (window === null) return player;
  if (windowPlayer?.window.fromMs !== window.fromMs || windowPlayer.window.toMs !== window.toMs) {
    const variant = withWindow(resolved, window);
    windowPlayer = {
      window,
      player: new TrialPlayer(
        {
          ...setting,
          settings: settingsOf(variant),
          tapeHash: window.tapeHash,
          hashesOf: (parameters) => ({ strategyHash, scenarioHash: scenarioHash(variant, parameters), engineHash: engine }),
        },
        workspace,
      ),
    };
  }
  return windowPlayer.player;
}

function plan(sets: readonly ParameterValues[], slot: Int32Array): PlanAnswer {
  const columns = new Map<string, ColumnNode>();
  const keysOf = sets.map((parameters, k) => {
    Atomics.store(slot, 0, k);
    Atomics.store(slot, 1, k + 1);
    const declared = orNone(() => shareableColumns(inputOf(parameters)));
    for (const node of declared) columns.set(node.key, node);
    return declared.map(({ key }) => key);
  });
  return { keysOf, columns: [...columns.values()].map(({ key, inputs }) => ({ key, inputs })) };
}

/** A setup or an indicator that throws does so again where the trial is played, and costs that trial alone; missing bars are no trial's doing. */
function orNone(columns: () => readonly ColumnNode[]): readonly ColumnNode[] {
  try {
    return columns();
  } catch (error) {
    if (error instanceof DataError) throw error;
    return [];
  }
}

function inputOf(parameters: ParameterValues): PlayInput {
  const { hashesOf, tapeHash: _hash, columns: _columns, ...shared } = setting;
  return { ...shared, parameters, hashes: hashesOf(parameters), recording: 'metrics', workspace };
}

function computedColumn({ key, source: { values, decimals }, inputs, isShareable }: ColumnNode): ComputedColumns['computed'][number] {
  return { key, values, decimals, inputs, isShareable };
}

/** The columns of this task's trials are read from here on; those of earlier tasks that it does not name are let go. */
function share(columns: readonly SharedColumn[]): void {
  const named = new Set(columns.map(({ key }) => key));
  for (const key of [...shared.keys()]) if (!named.has(key)) shared.delete(key);
  for (const column of columns) {
    if (shared.has(column.key) && versions.get(column.key) === column.version) continue;
    shared.set(column.key, columnNode(column.key, column));
    versions.set(column.key, column.version);
  }
}

function playAll(player: TrialPlayer, sets: readonly ParameterValues[], slot: Int32Array): TrialsAnswer {
  const trials: TrialAnswer[] = [];
  let dayMs: Float64Array = new Float64Array(0);
  const started = performance.now();
  Atomics.store(slot, 1, 1);
  for (let k = 0; k < sets.length && Atomics.load(data.control, 0) === 0; k++) {
    Atomics.store(slot, 0, k);
    try {
      const { trialHash, metrics, daily, ambiguousBarCount } = player.play(sets[k]);
      dayMs = daily.timeMs;
      const figures = Float64Array.from(metricNames, (name) => metrics[name]);
      trials.push({ trialHash, metrics: figures, dailyQuote: daily.equityQuote, ambiguousBarCount, error: null });
    } catch (error) {
      trials.push(failedTrial(sentError(tracedError(error, data, true))));
    }
    Atomics.store(slot, 1, k + 2);
    Atomics.add(data.control, 1, 1);
  }
  return { trials, dayMs, elapsedMs: performance.now() - started };
}
