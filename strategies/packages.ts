/** Owns which npm packages a bundle took in, and what pins each. Never installs and never refuses. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** integrity: that of the nearest package-lock.json; where none names the package, "files:" and the SHA-256 of the files taken in. */
export interface StrategyPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** A file that went into the bundle: absolute path and SHA-256 of its LF bytes, hex. */
export interface BundledFile {
  readonly path: string;
  readonly sha256: string;
}

/** The packages these files belong to, by name and version; none for files that are not in a node_modules as seen from root. */
export function packagesOf(files: readonly BundledFile[], root: string): StrategyPackage[] {
  const byFolder = new Map<string, BundledFile[]>();
  for (const file of files) {
    const folder = packageFolder(file.path, root);
    if (folder === '') continue;
    const members = byFolder.get(folder);
    if (members) members.push(file);
    else byFolder.set(folder, [file]);
  }
  const packages = [...byFolder].map(([folder, members]) => describePackage(folder, members));
  return packages.sort((left, right) => compare(`${left.name}@${left.version}`, `${right.name}@${right.version}`));
}

export function isInPackage(path: string, root: string): boolean {
  return packageFolder(path, root) !== '';
}

/** …/node_modules/name or …/node_modules/@scope/name; '' outside. From root on only: the root itself may be an installed package. */
function packageFolder(path: string, root: string): string {
  const parts = relative(root, path).split(sep);
  const at = parts.lastIndexOf('node_modules');
  if (at < 0) return '';
  return join(root, ...parts.slice(0, at + (parts[at + 1].startsWith('@') ? 3 : 2)));
}

function describePackage(folder: string, files: readonly BundledFile[]): StrategyPackage {
  const { name = '', version = '' } = readJson(join(folder, 'package.json')) as { name?: string; version?: string };
  return { name, version, integrity: lockIntegrity(folder) ?? filesIntegrity(folder, files) };
}

function lockIntegrity(folder: string): string | undefined {
  for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
    const lockPath = join(above, 'package-lock.json');
    if (!existsSync(lockPath)) continue;
    const { packages = {} } = readJson(lockPath) as { packages?: Record<string, { integrity?: string }> };
    return packages[relative(above, folder).split(sep).join('/')]?.integrity;
  }
  return undefined;
}

function filesIntegrity(folder: string, files: readonly BundledFile[]): string {
  const lines = files.map((file) => `${relative(folder, file.path).split(sep).join('/')} ${file.sha256}`).sort(compare);
  return `files:${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
}

function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

/** By code units: the same order under every locale. */
export function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
