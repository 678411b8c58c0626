import { defineConfig } from 'vitest/config'

const conditions = ['assay-source', 'module', 'node', 'default']
const shared = {
  ssr: { resolve: { conditions, externalConditions: ['assay-source', 'node', 'import', 'default'] } },
}

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'portal/src/**/*.test.ts'],
          execArgv: ['--conditions=assay-source'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'journey',
          include: ['tests/*.test.ts'],
          execArgv: ['--conditions=assay-source'],
          // Real weights on two cores: one journey at a time.
          fileParallelism: false,
          testTimeout: 45 * 60_000,
          hookTimeout: 10 * 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'browser',
          include: ['tests/browser/*.test.ts'],
          execArgv: ['--conditions=assay-source'],
          // One browser and one service at a time.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
