import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2, // the suite waits for processes more than it computes: one worker, the default of two cores, takes twice as long
    reporters: ['default', './scripts/closing-line.mjs'],
  },
})
