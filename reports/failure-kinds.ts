/** Owns how failed trials are told: those that failed in one way together, wherever on the tape. Never decides what a failure is. */
import type { ParameterValues } from '../engine/parameters.ts';
import { count, counted } from './format.ts';

interface EndedTrial {
  readonly index: number;
  readonly parameters: ParameterValues;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface FailureKind {
  readonly code: string;
  /** Of the first. */
  readonly message: string;
  readonly count: number;
  readonly first: EndedTrial;
}

/** The most frequent first. */
export function failureKinds(trials: readonly EndedTrial[]): FailureKind[] {
  const kinds = new Map<string, FailureKind>();
  for (const trial of trials) {
    const { failure } = trial;
    if (failure === null) continue;
    const key = `${failure.code} ${withoutBar(failure.message)}`;
    const kind = kinds.get(key) ?? { ...failure, count: 0, first: trial };
    kinds.set(key, { ...kind, count: kind.count + 1 });
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count);
}

const kindsShownMax = 5;

/** "6 trials failed: 4 × STRATEGY_THREW …; first trial 3: fast=5 slow=20", one line where there is one way, otherwise a line each; none where none failed. */
export function failureLines(trials: readonly EndedTrial[], dimensions: readonly string[]): string[] {
  const kinds = failureKinds(trials);
  if (kinds.length === 0) return [];
  const failedCount = kinds.reduce((sum, kind) => sum + kind.count, 0);
  const shown = kinds.slice(0, kindsShownMax);
  const restCount = failedCount - shown.reduce((sum, kind) => sum + kind.count, 0);
  return [
    `${counted(failedCount, 'trial')} failed:`,
    ...shown.map((kind) => `  ${kindText(kind, dimensions)}`),
    ...(restCount === 0 ? [] : [`  … and ${count(restCount)} in other ways`]),
  ];
}

function kindText({ code, message, count: times, first }: FailureKind, dimensions: readonly string[]): string {
  const set = dimensions.map((name) => `${name}=${String(first.parameters[name])}`).join(' ');
  return `${count(times)} × ${code}: ${message}; ${times === 1 ? '' : 'first '}trial ${first.index}: ${set}`;
}

/** A message names the bar at which it happened; the same fault happens at another under other parameters. */
function withoutBar(message: string): string {
  return message.replaceAll(/\b(?:bar|row) [\d,]+|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '');
}
