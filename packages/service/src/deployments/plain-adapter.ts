import { createHash } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** An adapter in the clear, where an engine can read it, for as long as it is used. */
export interface PlainAdapter {
  readonly path: string
  /** Of the bytes that were written here. */
  readonly sha256: string
  remove(): Promise<void>
}

/** Writes an adapter into a folder of its own under `scratch`, which only this process reads and which is wiped. */
export async function unsealAdapter(content: AsyncIterable<Uint8Array>, scratch: string): Promise<PlainAdapter> {
  const directory = await mkdtemp(join(scratch, 'adapter-'))
  const path = join(directory, 'adapter.gguf')
  const remove = () => rm(directory, { recursive: true, force: true })
  const hash = createHash('sha256')
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      for await (const part of content) {
        hash.update(part)
        await file.write(part)
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    await remove()
    throw error
  }
  return { path, sha256: hash.digest('hex'), remove }
}
