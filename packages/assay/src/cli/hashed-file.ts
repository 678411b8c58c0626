import { createHash } from 'node:crypto'
import type { Rereadable } from './rereadable.ts'

/** A file that is read once, and the SHA-256 (lower-case hex) and bytes of what was read by then. */
export function hashedFile(file: Pick<Rereadable, 'chunks'>, onProgress?: (bytes: number) => void) {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    async *chunks(): AsyncGenerator<Uint8Array> {
      for await (const chunk of file.chunks()) {
        hash.update(chunk)
        bytes += chunk.length
        onProgress?.(bytes)
        yield chunk
      }
    },
    digest: () => ({ sha256: hash.copy().digest('hex'), bytes }),
  }
}
