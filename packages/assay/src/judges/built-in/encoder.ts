import { InferenceSession, Tensor } from 'onnxruntime-node'

const DIMENSIONS = 384
/**
 * Padded tokens that go through the encoder at once. Larger batches need more memory for attention, and are slower on two
 * cores: 16 rows a second at 256, 14 at 512, 10 at 1,536 (rows of 256 tokens).
 */
const BATCH_TOKENS = 256

/** A sentence encoder (all-MiniLM-L6-v2 as int8 ONNX): mean over tokens, unit length, 384 numbers a window. */
export class Encoder {
  readonly #session: InferenceSession

  private constructor(session: InferenceSession) {
    this.#session = session
  }

  static async load(model: Uint8Array, threads: number): Promise<Encoder> {
    const session = await InferenceSession.create(model, { intraOpNumThreads: threads, logSeverityLevel: 3 })
    return new Encoder(session)
  }

  /** One vector a window, in the same order. Windows of like length are read together, so little is padding. */
  async embed(windows: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const order = windows.map((_, index) => index)
    order.sort((a, b) => length(windows, a) - length(windows, b))
    const vectors = new Array<Float32Array>(windows.length)
    for (let start = 0; start < order.length; ) {
      let end = start + 1
      while (end < order.length && (end - start + 1) * length(windows, order[end] as number) <= BATCH_TOKENS) end++
      await this.#embedBatch(windows, order.slice(start, end), vectors)
      start = end
    }
    return vectors
  }

  async #embedBatch(windows: readonly (readonly number[])[], chosen: number[], vectors: Float32Array[]): Promise<void> {
    const width = length(windows, chosen.at(-1) as number)
    const ids = new BigInt64Array(chosen.length * width)
    const mask = new BigInt64Array(ids.length)
    for (const [row, index] of chosen.entries()) {
      for (const [column, id] of (windows[index] as readonly number[]).entries()) {
        ids[row * width + column] = BigInt(id)
        mask[row * width + column] = 1n
      }
    }
    const shape = [chosen.length, width]
    const output = await this.#session.run({
      input_ids: new Tensor('int64', ids, shape),
      attention_mask: new Tensor('int64', mask, shape),
      token_type_ids: new Tensor('int64', new BigInt64Array(ids.length), shape),
    })
    const hidden = output.last_hidden_state?.data as Float32Array
    for (const [row, index] of chosen.entries()) {
      vectors[index] = meanOfTokens(hidden, row * width * DIMENSIONS, length(windows, index))
    }
  }

  close(): Promise<void> {
    return this.#session.release()
  }
}

function length(windows: readonly (readonly number[])[], index: number): number {
  return windows[index]?.length ?? 0
}

function meanOfTokens(hidden: Float32Array, offset: number, tokens: number): Float32Array {
  const mean = new Float32Array(DIMENSIONS)
  for (let token = 0; token < tokens; token++) {
    const from = offset + token * DIMENSIONS
    for (let at = 0; at < DIMENSIONS; at++) mean[at] = (mean[at] as number) + (hidden[from + at] as number)
  }
  const norm = Math.hypot(...mean)
  return mean.map((value) => value / norm)
}
