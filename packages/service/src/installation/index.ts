import { join } from 'node:path'

/** Whether this runs compiled, from the package `assay-service`, and not from a checkout. */
export const isInstalled = !import.meta.url.endsWith('.ts')

/** What stands beside the code, in the same folders either way: `weights`, `objectives`, `python`, `setup`, `.assay`. */
export const ROOT = isInstalled
  ? join(import.meta.dirname, '..', 'files')
  : join(import.meta.dirname, '..', '..', '..', '..')

/** The command that provides what is fetched: base models, the Python environment. */
export const SET_UP = isInstalled ? '`npx assay setup`' : '`npm run setup`'
