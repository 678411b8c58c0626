import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { PGlite } from '@electric-sql/pglite'

/** Our tables are small: the 128 MB that Postgres takes by default would fill, and help nothing. */
const SHARED_BUFFERS = '8MB'

/** Opens PGlite in `directory`, and creates the database there at the first time; in memory where there is none. */
export async function openEmbeddedPostgres(directory: string | undefined): Promise<PGlite> {
  if (directory !== undefined && !existsSync(join(directory, 'PG_VERSION'))) await createApart(directory)
  return startPglite(directory)
}

export async function startPglite(directory: string | undefined): Promise<PGlite> {
  // V8 takes 500 MB for a moment to optimise one function of Postgres. What its first compiler makes is nearly as fast
  // (bench/RESULTS.md). Functions are compiled when they are first called, so the flags stay, for the whole process.
  setFlagsFromString('--no-wasm-tier-up')
  setFlagsFromString('--no-wasm-dynamic-tiering')
  const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`]
  return PGlite.create({ startParams, ...(directory === undefined ? {} : { dataDir: directory }) })
}

/**
 * Creates the database in a process of its own: that takes two engines and copies of their memory, 550 MB, which would
 * stay with this process. It is there as a whole or not at all.
 */
async function createApart(directory: string): Promise<void> {
  const unfinished = `${directory}-unfinished`
  await rm(unfinished, { recursive: true, force: true })
  const script = `./create-embedded-postgres.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), unfinished])
  await rename(unfinished, directory)
}
