import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** A file that is read once, and the SHA-256 (lower-case hex) and bytes of what was read by then. */
export function hashedFile(path: string, onProgress?: (bytes: number) => void) {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    async *chunks(): AsyncGenerator<Uint8Array> {
      for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
        hash.update(chunk)
        bytes += chunk.length
        onProgress?.(bytes)
        yield chunk
      }
    },
    digest: () => ({ sha256: hash.copy().digest('hex'), bytes }),
  }
}
