import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{engine,strategies,data,reports,scenarios}/**/*.test.ts'],
    globalSetup: ['scenarios/fresh-build.test.global.ts'],
    setupFiles: ['engine/testing/seed-properties.ts', 'scenarios/fresh-build.test.setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
