/** Owns what decides the results of a search, part by part, so that one that is resumed is still the same. Never plays. */
import { hashTexts } from '../../engine/certificate.ts';
import { GateError } from '../../engine/errors.ts';
import { canonicalJson } from '../canonical-json.ts';
import { engineHash } from '../engine-hash.ts';
import { scenarioHash } from '../resolve.ts';
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

/** GATE: what decides the results must be what it was. noun: "sweep"; use: what it is wanted for. */
export function requireSameSpec(
  { id, noun, use = 'resumed' }: { readonly id: string; readonly noun: string; readonly use?: string },
  { before, now }: { readonly before: SpecParts; readonly now: SpecParts },
): void {
  const changed = Object.keys(now).filter((part) => before[part] !== now[part]);
  if (changed.length > 0)
    throw new GateError('VERIFY_FAILED', `${noun} ${id} cannot be ${use}: ${changed.join(', ')} changed since it began; begin a new one`, {
      [noun]: id,
    });
}
