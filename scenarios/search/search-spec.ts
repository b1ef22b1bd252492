/** Owns what decides the results of a search, part by part, so that one that is resumed is still the same. Never plays. */
import { relative } from 'node:path';
import { hashTexts } from '../../engine/certificate.ts';
import { GateError } from '../../engine/errors.ts';
import { canonicalJson } from '../canonical-json.ts';
import { engineHash } from '../engine-hash.ts';
import { scenarioHash } from '../resolve.ts';
import type { SearchSettings, WalkForwardSettings } from '../search-schema.ts';
import { type Search, specOf } from './search.ts';

/** Each part as a hash, under its name in messages. */
export type SpecParts = Readonly<Record<string, string>>;

/** What decides every trial of a search. */
export function specPartsOf({ prepared, settings, tapeHashTo }: Pick<Search, 'prepared' | 'settings' | 'tapeHashTo'>): SpecParts {
  const { resolved, bundle } = prepared;
  return {
    search: hashTexts('search 1', [canonicalJson(specOf(settings))]),
    scenario: scenarioHash(resolved, resolved.strategy.parameters),
    strategy: bundle.strategyHash,
    bars: tapeHashTo(resolved.window.toMs),
    engine: engineHash(),
  };
}

/** What a search was, or is now, beside the hashes of it: so much of a change can be told. */
interface Spec {
  readonly parts: SpecParts;
  readonly search: SearchSettings;
  readonly walkforward?: WalkForwardSettings;
  /** Overrides that were given. */
  readonly set?: readonly string[];
}

/** GATE: what decides the results must be what it was. noun: "sweep"; use: what it is wanted for. */
export function requireSameSpec(
  { id, noun, use = 'resumed' }: { readonly id: string; readonly noun: string; readonly use?: string },
  { before, now }: { readonly before: Spec; readonly now: Spec & { readonly strategyPath: string | undefined } },
): void {
  const changed = Object.keys(now.parts).filter((part) => before.parts[part] !== now.parts[part]);
  if (changed.length === 0) return;
  const details = [...new Set(changed.flatMap((part) => detailsOf(part, before, now)))];
  const told = details.length === 0 ? '' : ` (${details.join('; ')})`;
  throw new GateError(
    'VERIFY_FAILED',
    `${noun} ${id} cannot be ${use}: ${changed.join(', ')} changed since it began${told}; begin a new one`,
    { [noun]: id },
  );
}

function detailsOf(part: string, before: Spec, now: Spec & { readonly strategyPath: string | undefined }): string[] {
  const choice = ({ search: { objective, constraints } }: Spec): object => ({ objective, constraints });
  switch (part) {
    case 'search':
      return changesOf('search', specOf(before.search), specOf(now.search));
    case 'choice':
      return changesOf('search', choice(before), choice(now));
    case 'walkforward':
      return changesOf('walkforward', before.walkforward, now.walkforward);
    case 'scenario':
      // Where none are given it is played with those that it had.
      return (now.set ?? []).length === 0 ? [] : [`begun ${setsText(before.set)}, resumed ${setsText(now.set)}`];
    case 'strategy':
      return now.strategyPath === undefined ? [] : [relative('.', now.strategyPath)];
    default:
      return [];
  }
}

function setsText(set: readonly string[] = []): string {
  return set.length === 0 ? 'without --set' : `with ${set.map((text) => `--set ${text}`).join(' ')}`;
}

/** "search.trials from 14 to 20", key by key. */
function changesOf(path: string, before: unknown, now: unknown): string[] {
  const [old, current] = [before, now].map((value) => (value === undefined ? 'nothing' : canonicalJson(value)));
  if (old === current) return [];
  if (!isBlock(before) || !isBlock(now)) return [`${path} from ${old} to ${current}`];
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names.flatMap((name) => changesOf(`${path}.${name}`, before[name], now[name]));
}

function isBlock(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
