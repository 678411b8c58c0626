import type { AssayError } from 'assay/errors'

/** Lets `limit` bytes through; of more, as soon as they come, it throws. */
export async function* atMost<Chunk extends Uint8Array>(
  limit: number,
  content: AsyncIterable<Chunk>,
  tooLarge: () => AssayError,
): AsyncGenerator<Chunk> {
  let bytes = 0
  for await (const chunk of content) {
    bytes += chunk.byteLength
    if (bytes > limit) throw tooLarge()
    yield chunk
  }
}
