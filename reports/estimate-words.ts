/** Owns the estimate of a sweep in words, as a terminal prints it. Never predicts. */
import { count, counted, duration, fixed } from './format.ts';

interface SpanView {
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
}

export interface EstimateView {
  /** Sets at most. */
  readonly setCount: number;
  /** Plays at most, in all rungs. */
  readonly trialCount: number;
  readonly barCount: number;
  readonly sampleCount: number;
  readonly failures: readonly string[];
  readonly trial: SpanView;
  readonly times: readonly (SpanView & { readonly jobs: number })[];
  readonly columns: { readonly count: number; readonly isWhole: boolean; readonly bytesEach: number; readonly waveCount: number };
  readonly memory: { readonly tape: number; readonly columns: number; readonly results: number; readonly process: number };
}

/** A row for each thing that is predicted. */
export function estimateRows(view: EstimateView): string[][] {
  const { setCount, trialCount, barCount, columns, trial, times, memory } = view;
  const plays = trialCount > setCount ? `${count(setCount)}, ${counted(trialCount, 'trial')} in all rungs` : count(setCount);
  const waves = columns.waveCount > 1 ? `, computed in ${count(columns.waveCount)} waves of trials: --memory has no room for all` : '';
  return [
    ['sets', plays],
    ['bars', count(barCount)],
    ['columns', `${columns.isWhole ? '' : 'at least '}${count(columns.count)} of ${bytesText(columns.bytesEach)}${waves}`],
    ['one trial', spanText(trial)],
    ...times.map(({ jobs, ...span }) => [`all, ${counted(jobs, 'thread')}`, spanText(span)]),
    [
      'memory',
      `about ${bytesText(memory.process)}: bars ${bytesText(memory.tape)}, columns ${bytesText(memory.columns)}, results ${bytesText(memory.results)}, threads and code the rest`,
    ],
  ];
}

/** What stands under the rows. */
export function estimateNotes({ sampleCount, setCount, failures }: EstimateView): string[] {
  return [
    `from ${count(sampleCount)} of ${counted(setCount, 'set')}, played for their time alone: no figure of them is shown, and nothing goes into the ledger`,
    ...(failures.length === 0 ? [] : ['of these trials failed:', ...failures.slice(0, 5).map((text) => `  ${text}`)]),
  ];
}

function spanText({ ms, lowMs, highMs }: SpanView): string {
  return `${timeText(ms)} (${timeText(lowMs)} to ${timeText(highMs)})`;
}

function timeText(ms: number): string {
  if (ms < 1_000) return `${fixed(ms, ms < 10 ? 1 : 0)} ms`;
  return ms < 120_000 ? `${fixed(ms / 1_000, 1)} s` : duration(ms);
}

function bytesText(bytes: number): string {
  if (bytes < 100_000) return `${count(Math.round(bytes / 1_000))} kB`;
  const megabytes = bytes / 1_000_000;
  return megabytes < 10 ? `${fixed(megabytes, 1)} MB` : `${count(Math.round(megabytes))} MB`;
}
