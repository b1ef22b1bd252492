/** Owns how a search that was stopped is gone on with: what it was begun with, and the command to type. Never plays. */
import { relative, resolve } from 'node:path';
import { namedHome } from '../home.ts';
import { type ReadScenario, readScenario } from '../read.ts';

/** As the head of a search keeps it. */
export interface BegunWith {
  /** From the home folder. */
  readonly scenarioPath: string;
  /** Overrides of the scenario; absent from searches of before they were kept. */
  readonly set?: readonly string[];
}

export interface GivenScenario {
  /** undefined where the command names none. */
  readonly path: string | undefined;
  readonly set: readonly string[];
}

/** The scenario that a search was begun with: of file and overrides those that are not given anew. */
export function readBegun(home: string, begun: BegunWith, { path, set }: GivenScenario): ReadScenario {
  return readScenario(path ?? relative('.', resolve(home, begun.scenarioPath)), set.length > 0 ? set : (begun.set ?? []));
}

/** What to type: it needs neither file nor overrides, wherever one stands. */
export function resumeCommand(command: 'sweep' | 'walkforward', { home, id }: { readonly home: string; readonly id: string }): string {
  const named = namedHome(home);
  return `npx playhead ${command} --resume ${id}${named === undefined ? '' : ` --home ${named}`}`;
}
