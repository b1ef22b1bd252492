/** Owns what the tests of searches share: a document of a search, and a search that is ended on its way. Never used outside tests. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { searchIds } from '../../data/stores/search-folder.ts';
import { cli, type Desk } from '../desk.test.helper.ts';

/** Plays a search, without a report, and returns its JSON document; whatever it says beside that is a failure. */
export function documentOf<Document>(desk: Desk, args: readonly string[]): Document {
  const { code, out, error } = desk.playhead([...args, '--json', '-q', '--no-report']);
  if (code !== 0 || error !== '') throw new Error(`${args.join(' ')} ended with ${code}: ${error}${out}`);
  return JSON.parse(out) as Document;
}

export const setsOf = (sets: readonly string[]): string[] => sets.flatMap((set) => ['--set', set]);

/** Ids of one kind of search that have begun, oldest first. */
export function idsOf(desk: Desk, folder: 'sweeps' | 'walkforwards'): string[] {
  const headFile = `${folder.slice(0, -1)}.json`;
  return searchIds(join(desk.path, '.playhead'), { folder, headFile, logFile: '', noun: '' });
}

/** Whole lines of a search's log; 0 where there is none yet. */
export function lineCountOf(
  desk: Desk,
  folder: 'sweeps' | 'walkforwards',
  { id, log }: { readonly id: string; readonly log: string },
): number {
  const path = join(desk.path, '.playhead', folder, id, log);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}

export interface EndMoment {
  readonly log: string;
  readonly lineCount: number;
  readonly signal: NodeJS.Signals;
  /** Searches that are not its own; default: those there are when it starts. */
  readonly known?: ReadonlySet<string>;
}

/** Starts a search and sends its process a signal once its log holds so many lines. code: null where that ended it without a word. */
export function endedAt(
  desk: Desk,
  [command, ...args]: readonly ['sweep' | 'walkforward', ...string[]],
  { log, lineCount, signal, known }: EndMoment,
): Promise<{ readonly code: number | null; readonly error: string }> {
  const folder = `${command}s` as const;
  const before = known ?? new Set(idsOf(desk, folder));
  const child = spawn(process.execPath, [cli, command, ...args, '--no-report'], { cwd: desk.path, stdio: ['ignore', 'ignore', 'pipe'] });
  let error = '';
  child.stderr.on('data', (text: Buffer) => {
    error += text.toString('utf8');
  });
  const watch = setInterval(() => {
    const id = idsOf(desk, folder).find((one) => !before.has(one));
    if (id === undefined || lineCountOf(desk, folder, { id, log }) < lineCount) return;
    // Once: a second one ends the program at once.
    clearInterval(watch);
    child.kill(signal);
  }, 1);
  return new Promise((resolve) =>
    child.once('close', (code) => {
      clearInterval(watch);
      resolve({ code, error });
    }),
  );
}
