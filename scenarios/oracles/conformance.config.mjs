import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{engine,strategies,data,reports,scenarios}/**/*.test.ts'],
    setupFiles: ['engine/testing/seed-properties.ts', fileURLToPath(new URL('./record-expectations.mjs', import.meta.url))],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
