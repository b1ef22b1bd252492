/** Owns what is kept of a sweep beside its trials: of each kind of study one document, the last that was made. Never plays or judges. */
import { loadSearchPart, saveSearchPart } from './search-folder.ts';
import { sweepKind } from './sweep-store.ts';

export type SweepStudy = 'robustness' | 'permutations';

export function saveStudy(
  home: string,
  sweepId: string,
  { study, document }: { readonly study: SweepStudy; readonly document: object },
): void {
  saveSearchPart(home, sweepKind, { id: sweepId, file: `${study}.json`, part: document });
}

/** Null where none was made; RUN_CORRUPT where it cannot be read. */
export function loadStudy<Document>(home: string, sweepId: string, study: SweepStudy): Document | null {
  return loadSearchPart(home, sweepKind, { id: sweepId, file: `${study}.json` });
}
