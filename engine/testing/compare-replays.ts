/** Owns what it means that sparse replay is dense replay: every record of the run, and what a trial is told by. Never says which of them is right. */
import { certifyTrial } from '../certificate.ts';
import { type PlayInput, play, playTrial } from '../play.ts';
import type { Recording } from '../run-state.ts';
import type { ReplayMode } from '../settings.ts';
import { wakingInput } from './play-program.ts';
import { programOf } from './random-program.ts';
import { testHashes } from './settings.ts';

export interface ReplayComparison {
  readonly fillCount: number;
  /** Rows that the trial leapt over. */
  readonly leaptRowCount: number;
  /** '' where the two agree. */
  readonly difference: string;
}

export type InputOf = (more: { readonly replay: ReplayMode; readonly recording: Recording }) => PlayInput;

/** Plays both ways, as a run with all its records and as a trial. */
export function compareReplays(inputOf: InputOf): ReplayComparison {
  const dense = play(inputOf({ replay: 'dense', recording: 'full' }));
  const sparse = play(inputOf({ replay: 'sparse', recording: 'full' }));
  const denseTrial = trialOf(inputOf({ replay: 'dense', recording: 'metrics' }));
  const sparseTrial = trialOf(inputOf({ replay: 'sparse', recording: 'metrics' }));
  const { parameters: _ours, ...denseRecords } = dense;
  const { parameters: _theirs, ...sparseRecords } = sparse;
  const difference = firstDifference(denseRecords, sparseRecords) || firstDifference(denseTrial.told, sparseTrial.told);
  return { fillCount: dense.fills.length, leaptRowCount: sparseTrial.leaptRowCount, difference };
}

/** Of the program of a seed, called where it acts; a program of several instruments is none to leap over. */
export function compareReplaySeed(seed: number): ReplayComparison {
  const program = programOf(seed);
  if (program.instruments.length > 1) return { fillCount: 0, leaptRowCount: 0, difference: '' };
  const compared = compareReplays((more) => wakingInput(program, more));
  return { ...compared, difference: compared.difference === '' ? '' : `seed ${seed}: ${compared.difference}` };
}

function trialOf(input: PlayInput): { readonly told: Readonly<Record<string, unknown>>; readonly leaptRowCount: number } {
  const { run, daily, metrics } = playTrial(input);
  const { trialHash } = certifyTrial({ ...testHashes, tapeHash: 'tape', seed: 1, fillsHash: run.fills.hash(), daily, metrics });
  return { told: { metrics, daily, trialHash }, leaptRowCount: run.held?.leaptRowCount ?? 0 };
}

/** The first record of one that is another in the other, with both. */
function firstDifference(dense: Readonly<Record<string, unknown>>, sparse: Readonly<Record<string, unknown>>): string {
  for (const record of Object.keys(dense)) {
    const one = textOf(dense[record]);
    const other = textOf(sparse[record]);
    if (one !== other) return `${record} was ${one} dense, is ${other} sparse`;
  }
  return '';
}

/** NaN, −0 and the infinities are told apart, which JSON does not. */
function textOf(record: unknown): string {
  return JSON.stringify(record, (_key, value: unknown) => {
    if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, numberText);
    return typeof value === 'number' ? numberText(value) : value;
  });
}

function numberText(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
}
