import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AssayError } from 'assay/errors'

/** Where a service keeps what it keeps. `scratch` holds plain adapters while they are in use; wiped at start and end. */
export interface DataDirectory {
  readonly database: string
  readonly blobs: string
  readonly keyEncryptionKey: string
  readonly scratch: string
  release(): Promise<void>
}

/** Opens `given` for this process alone. What is in it has absolute paths: others that read and write there run in folders of their own. */
export async function openDataDirectory(given: string): Promise<DataDirectory> {
  const path = resolve(given)
  const lock = join(path, 'service.pid')
  const scratch = join(path, 'scratch')
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await take(lock)
    await rm(scratch, { recursive: true, force: true })
    await mkdir(scratch, { mode: 0o700 })
  } catch (cause) {
    throw AssayError.is(cause) ? cause : unusable(path, cause)
  }
  return {
    database: join(path, 'database'),
    blobs: join(path, 'blobs'),
    keyEncryptionKey: join(path, 'key-encryption-key'),
    scratch,
    async release() {
      await rm(scratch, { recursive: true, force: true })
      await rm(lock, { force: true })
      held.delete(lock)
    },
  }
}

function unusable(path: string, cause: unknown): AssayError {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException
  return new AssayError('data_directory_unusable', `${path} cannot be used as a data directory: ${code}.`, {
    cause,
    status: 400,
    remedy: 'Name a folder that this user may create, read and write, with --data-dir.',
  })
}

const held = new Set<string>()

async function take(lock: string): Promise<void> {
  const holder = Number(await readFile(lock, 'utf8').catch(() => ''))
  if ((holder === process.pid && held.has(lock)) || (holder > 0 && holder !== process.pid && isAlive(holder))) {
    throw new AssayError('data_directory_in_use', `Another service (process ${holder}) uses this data directory.`, {
      status: 400,
      remedy: `Stop it, give another --data-dir, or delete ${lock} if that process is no Assay service.`,
    })
  }
  await writeFile(lock, `${process.pid}\n`)
  held.add(lock)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
