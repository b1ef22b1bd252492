/** Owns what every kind of search is put together from: the threads' data, the space, the proposals. Never plays. */
import { tapeTransfer } from '../../data/columns.ts';
import { hashTape } from '../../engine/certificate.ts';
import { GridProposer, type Proposer, RandomProposer, SobolProposer } from '../../engine/optimiser/proposals.ts';
import { SearchSpace } from '../../engine/optimiser/search-space.ts';
import { finerKeys, loadFiner } from '../play-refined.ts';
import type { PreparedRun } from '../prepare.ts';
import type { SearchSettings } from '../search-schema.ts';
import type { SearchWorkerData, StrategyFacts } from './protocol.ts';

/** Memory for columns that trials share, where nobody says how much. */
export const defaultBudgetBytes = 256 * 1024 * 1024;

/** Bars, rules and strategy as threads want them; bars travel as shared memory. */
export async function poolDataOf(prepared: PreparedRun, home: string): Promise<SearchWorkerData> {
  const { resolved, bundle } = prepared;
  const finer = await loadFiner(finerKeys(resolved), home);
  const tapes = [...prepared.tapes, ...prepared.conversions.map(({ tape }) => tape)];
  return {
    tapes: prepared.tapes.map(tapeTransfer),
    finer: finer.map(tapeTransfer),
    instruments: prepared.instruments,
    conversions: prepared.conversions.map((one) => ({ ...one, tape: tapeTransfer(one.tape) })),
    resolved,
    code: bundle.code,
    sourceMap: bundle.sourceMap,
    strategyHash: bundle.strategyHash,
    entry: bundle.entry,
    tapeHash: hashTape(tapes, resolved.window.toMs),
    control: new Int32Array(new SharedArrayBuffer(8)),
  };
}

export function spaceOf(strategy: StrategyFacts, { resolved }: PreparedRun, search: SearchSettings): SearchSpace {
  return new SearchSpace({ strategyName: strategy.name, schema: strategy.parameters, fixed: resolved.strategy.parameters, spec: search });
}

export function proposerOf(space: SearchSpace, { method, trials, seed }: SearchSettings): Proposer {
  if (method === 'grid') return new GridProposer(space);
  return method === 'random'
    ? new RandomProposer(space, { trialCount: trials, seed })
    : new SobolProposer(space, { trialCount: trials, seed });
}

/** The longest series decides: a column is as long as the series it follows. */
export function columnBytesOf({ tapes }: PreparedRun): number {
  return Math.max(...tapes.map(({ columns }) => columns.length)) * 8;
}
