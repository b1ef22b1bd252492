/** Owns where bars and runs lie: the home folder. Never makes it. */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Name of the home folder inside a project. */
export const homeName = '.playhead';

/** The nearest folder at or above this one that holds a package.json or a .playhead folder; undefined where none does. */
export function projectFolderOf(start: string): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) || existsSync(join(folder, homeName))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The home folder as a command must name it, from the working directory; undefined where it is the one that is found without. */
export function namedHome(home: string): string | undefined {
  if (home === homeFolder(undefined)) return undefined;
  const path = relative('.', home) || '.';
  return /\s/.test(path) ? JSON.stringify(path) : path;
}

/** Absolute path of the home folder: the one asked for, otherwise .playhead of the project that the working directory lies in, or of that directory itself. */
export function homeFolder(asked: string | undefined): string {
  return asked === undefined ? join(projectFolderOf('.') ?? resolve('.'), homeName) : resolve(asked);
}
