import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blobs, StoredBlob } from './blobs.ts'
import { decrypt, encrypt } from './chunk-cipher.ts'

const HALF_WRITTEN = '.partial'

/** Blobs as files of one folder. `leftoverAge`: what a sweep takes has to be this old, in milliseconds. */
export async function openEncryptedBlobs(directory: string, { leftoverAge = 0 } = {}): Promise<Blobs> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = (id: string) => join(directory, id)

  return {
    async put(dataKey, content): Promise<StoredBlob> {
      const id = randomUUID()
      const temporary = path(id + HALF_WRITTEN)
      const hash = createHash('sha256')
      let bytes = 0
      async function* measured() {
        for await (const part of content) {
          hash.update(part)
          bytes += part.byteLength
          yield part
        }
      }
      try {
        const file = await open(temporary, 'wx', 0o600)
        try {
          for await (const part of encrypt(dataKey, measured())) await file.write(part)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(temporary, path(id))
        await syncDirectory(directory)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
      return { id, sha256: hash.digest('hex'), bytes }
    },

    get: (dataKey, id) => decrypt(dataKey, contentOf(path(id))),

    delete: (id) => rm(path(id), { force: true }),

    async sweep(isReferenced) {
      for (const name of await readdir(directory)) {
        const old = Date.now() - (await stat(path(name))).mtimeMs >= leftoverAge
        if (old && (name.endsWith(HALF_WRITTEN) || !(await isReferenced(name)))) await rm(path(name), { force: true })
      }
    },
  }
}

/** Opened when somebody reads: an error of a stream that nobody reads yet would end the process. */
export async function* contentOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path, { highWaterMark: 256 * 1024 })
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
