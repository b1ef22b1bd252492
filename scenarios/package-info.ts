/** Owns what the running package knows of itself. Never loads more than its package.json. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../strategies/locate.ts';

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** Recorded beside a certificate, not hashed. */
export function runVersions(): { node: string; v8: string; cpu: string; playhead: string } {
  return { node: process.version, v8: process.versions.v8, cpu: cpus()[0]?.model.trim() ?? 'unknown', playhead: packageVersion() };
}
