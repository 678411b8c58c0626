/** One line of a file, without its end; of a line that is `tooLong` the first bytes only. */
export interface Line {
  readonly number: number
  readonly bytes: Uint8Array
  readonly tooLong: boolean
}

/** Of a line that is too long: enough to tell what it begins with. */
const FIRST_BYTES = 64

/**
 * Splits a stream of chunks at LF. Holds one line at a time: memory is bounded by `maxBytes`, whatever the file is.
 * The byte order mark at the start and the CR before an LF do not belong to a line.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  let number = 0
  let parts: Uint8Array[] = []
  let length = 0
  let started = false

  const take = (): Line => {
    number += 1
    const tooLong = length > maxBytes
    let bytes: Uint8Array = Buffer.concat(parts, tooLong ? FIRST_BYTES : length)
    if (number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3)
    if (bytes.at(-1) === 0x0d) bytes = bytes.subarray(0, -1)
    parts = []
    length = 0
    started = false
    return { number, bytes, tooLong }
  }

  for await (const chunk of chunks) {
    let from = 0
    while (from < chunk.length) {
      const end = chunk.indexOf(0x0a, from)
      const part = chunk.subarray(from, end === -1 ? chunk.length : end)
      started = true
      length += part.length
      parts.push(part)
      if (length > maxBytes) parts = [Buffer.concat(parts, FIRST_BYTES)]
      if (end === -1) break
      yield take()
      from = end + 1
    }
  }
  if (started) yield take()
}
