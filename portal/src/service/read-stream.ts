/** The parts of a stream as they come. Safari's streams cannot be iterated over by themselves. */
export async function* readStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  } finally {
    // Whoever stops reading wants no more of it.
    await reader.cancel().catch(() => {})
  }
}
