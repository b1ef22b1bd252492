/** Refuses to test scenarios with an older build: they play in workers, which load dist, and would tell of the engine before the change. */
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, inject } from 'vitest';

const scenarios = fileURLToPath(new URL('.', import.meta.url));

beforeAll(() => {
  if (!inject('isBuilt') && expect.getState().testPath?.startsWith(scenarios))
    throw new Error('dist was not built from these sources, and tests of scenarios play it: run "npm run build" first');
});
