/** Owns which stored run the words of a command mean, and says which one "last" was. Never reads more of it than its head. */
import { findRun, runSummary } from '../data/stores/run-store.ts';
import { timeUtc } from '../reports/format.ts';
import { type GlobalOptions, note } from './terminal.ts';

/** As findRun(). A run that failed was not stored: "last" may be another than the one that was played last. */
export function meantRun(wanted: string, options: GlobalOptions): string {
  const id = findRun(options.home, wanted);
  if (wanted !== 'last') return id;
  const { name, createdAtMs } = runSummary(options.home, id);
  note(`last is ${id}${name === '' ? '' : ` (${name})`}, played ${timeUtc(createdAtMs)} UTC`, options);
  return id;
}
