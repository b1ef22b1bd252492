/** Owns whether dist was built from the sources of now: looked at once, before the first test. Never builds: the tests of a change should not wait for it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

export default function setup(project: TestProject): void {
  const setUp = new URL('setup.mjs', import.meta.url);
  const { status } = spawnSync(process.execPath, [fileURLToPath(setUp), '--check'], { stdio: 'inherit' });
  project.provide('isBuilt', status === 0);
}

declare module 'vitest' {
  interface ProvidedContext {
    isBuilt: boolean;
  }
}
