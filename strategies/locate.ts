/** Owns where a strategy's file is. Never reads what is in it. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../engine/errors.ts';
import { nearest } from '../engine/nearest.ts';
import { isShippedStrategy, shippedStrategies } from './index.ts';

export interface StrategyFile {
  /** Absolute, symbolic links followed. */
  readonly path: string;
  /** Folder that source paths are told and hashed relative to. */
  readonly root: string;
}

/** Folder of the running package: the one with package.json, whether this runs from sources or from dist. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('Invariant: the running package has a package.json');
    folder = parent;
  }
  return realpathSync(folder);
}

/** The file of a shipped strategy, by name. STRATEGY_NOT_FOUND with the nearest name. */
export function locateShipped(name: string): StrategyFile {
  const names = Object.keys(shippedStrategies);
  if (!isShippedStrategy(name)) {
    throw new ConfigError(
      'STRATEGY_NOT_FOUND',
      `no shipped strategy is called "${name}"${didYouMean(name, names)} (shipped: ${names.join(', ')})`,
      { strategy: name },
    );
  }
  const root = packageRoot();
  return { path: join(root, 'strategies', shippedStrategies[name]), root };
}

/** The file at this path, taken from root unless absolute. STRATEGY_NOT_FOUND with the nearest file of its folder, or shipped name. */
export function locateFile(path: string, root: string): StrategyFile {
  const realRoot = existsSync(root) ? realpathSync(root) : resolve(root);
  const full = isAbsolute(path) ? path : resolve(realRoot, path);
  if (!existsSync(full)) throw notFound(path, full);
  if (!statSync(full).isFile()) {
    throw new ConfigError('STRATEGY_NOT_FOUND', `the strategy ${path} is not a file; name a .ts or .js file, or a shipped strategy`, {
      strategy: path,
    });
  }
  return { path: realpathSync(full), root: realRoot };
}

/** Path of a file as it is told and hashed: relative to root, forward slashes on every system. */
export function sourcePath(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

function notFound(path: string, full: string): ConfigError {
  const folder = dirname(full);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /\.[cm]?[jt]s$/.test(name)) : [];
  const near = nearest(basename(full), files);
  const shipped = nearest(basename(full).replace(/\.[cm]?[jt]s$/, ''), Object.keys(shippedStrategies));
  let hint = '';
  if (near) hint = `; did you mean "${join(dirname(path), near).split(sep).join('/')}"?`;
  else if (shipped) hint = `; did you mean the shipped strategy "${shipped}"?`;
  const where = existsSync(folder) ? '' : ' (nor does its folder)';
  return new ConfigError('STRATEGY_NOT_FOUND', `the strategy file ${path} does not exist${where}${hint}`, { strategy: path });
}

function didYouMean(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near ? `; did you mean "${near}"?` : '';
}
