/** Owns the fingerprint of the running engine. Never caches: it is asked for once a run. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Hex SHA-256 over the engine's files: path, length and LF bytes of each, in order of path. Built files, or the sources where those run. */
export function engineHash(folder: string = fileURLToPath(new URL('../engine', import.meta.url))): string {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const hash = createHash('sha256');
  for (const path of engineFiles(folder, extension)) {
    const bytes = Buffer.from(readFileSync(join(folder, path), 'utf8').replaceAll('\r\n', '\n'), 'utf8');
    hash.update(`${path}\n${bytes.length}\n`);
    hash.update(bytes);
  }
  return hash.digest('hex');
}

/** Relative paths with forward slashes, sorted; tests and the helpers of tests can touch no result. */
function engineFiles(folder: string, extension: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith(extension) && !path.endsWith(`.test${extension}`) && !path.startsWith('testing/'))
    .sort();
}
