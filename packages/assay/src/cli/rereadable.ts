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
 * Files; and standard input for `-`, which comes once and is held in memory: nothing that is checked is written anywhere.
 * @throws {AssayError} as `requireFile` does, `file_too_large`, or `stdin_named_twice` before anything is read
 */
export async function rereadables(paths: readonly string[]): Promise<readonly Rereadable[]> {
  if (paths.filter((path) => path === '-').length > 1) throw stdinNamedTwice()
  const found: Rereadable[] = []
  for (const path of paths) found.push(await rereadable(path))
  return found
}

async function rereadable(path: string): Promise<Rereadable> {
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

function stdinNamedTwice(): AssayError {
  return new AssayError('stdin_named_twice', 'Standard input is named twice, and comes once.', {
    status: 400,
    remedy: 'Name - once; join what several commands write before it.',
  })
}
