import { defineConfig } from 'vitest/config'

const conditions = ['assay-source', 'module', 'node', 'default']

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: ['assay-source', 'node', 'import', 'default'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts'],
    execArgv: ['--conditions=assay-source'],
    testTimeout: 60_000,
  },
})
