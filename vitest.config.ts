import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{engine,strategies,data,reports,scenarios}/**/*.test.ts'],
    setupFiles: ['engine/testing/seed-properties.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
