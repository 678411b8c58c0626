import { createReadStream } from 'node:fs'
import { AssayError } from '../errors/index.ts'
import { MAX_FILE_BYTES } from '../training-data/index.ts'
import { requireFile } from './input-file.ts'

/** What is read more than once. */
export interface Rereadable {
  /** What a report calls it. */
  readonly path: string
  chunks(): AsyncIterable<Uint8Array>
}

/**
 * A file; or standard input for `-`, which comes once and is held in memory: nothing that is checked is written anywhere.
 * @throws {AssayError} as `requireFile` does, or `file_too_large`
 */
export async function rereadable(path: string): Promise<Rereadable> {
  if (path !== '-') {
    await requireFile(path)
    return { path, chunks: () => createReadStream(path) }
  }
  const parts = await partsOf(process.stdin)
  return {
    path: 'stdin',
    async *chunks() {
      yield* parts
    },
  }
}

async function partsOf(input: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of input) {
    bytes += part.length
    if (bytes > MAX_FILE_BYTES) throw tooLarge()
    parts.push(part)
  }
  return parts
}

function tooLarge(): AssayError {
  return new AssayError('file_too_large', 'Standard input is larger than the 512 MB that a training file may have.', {
    status: 400,
    remedy: 'Save it as files that are smaller, and name those.',
  })
}
