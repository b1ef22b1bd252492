/** Owns whether a file or folder asked for can be written, told before the work that fills it. Never writes. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../engine/errors.ts';

/** Absolute path of a file that can be written, its folders made later where they are missing. USAGE names the option and what stands in the way. */
export function outputFile(path: string, option: string): string {
  const absolute = resolve(path);
  if (statOf(absolute)?.isDirectory() || /[/\\]$/.test(path)) throw refusal(option, path, 'which is a folder, expected the name of a file');
  return writable(absolute, path, option);
}

/** As outputFile(), of a folder. */
export function outputFolder(path: string, option: string): string {
  const absolute = resolve(path);
  if (statOf(absolute)?.isDirectory() === false) throw refusal(option, path, 'which is a file, expected a folder');
  return writable(absolute, path, option);
}

function writable(absolute: string, path: string, option: string): string {
  let nearest = absolute;
  let stat = statOf(nearest);
  while (stat === undefined && nearest !== dirname(nearest)) {
    nearest = dirname(nearest);
    stat = statOf(nearest);
  }
  const isFileItself = nearest === absolute && stat?.isFile() === true;
  if (!isFileItself && stat?.isDirectory() !== true) throw refusal(option, path, `but ${nearest} is a file and no folder`);
  try {
    accessSync(nearest, constants.W_OK);
  } catch (cause) {
    throw refusal(option, path, `but ${nearest} cannot be written to; name another place, or change its rights`, cause);
  }
  return absolute;
}

/** Below a file there is nothing. */
function statOf(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function refusal(option: string, path: string, text: string, cause?: unknown): ConfigError {
  return new ConfigError('USAGE', `${option}: was "${path}", ${text}`, { option, path }, cause);
}
