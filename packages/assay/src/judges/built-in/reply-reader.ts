import { InferenceSession, Tensor } from 'onnxruntime-node'
import { DIMENSIONS } from './word-table.ts'

/**
 * Says whether a reply delivers what was asked: a layer of its own (int8 ONNX, python/judge/assay_judge/reply_reader.py) on the
 * five lower ones of the encoder, tuned on replies to requests for harm alone.
 */
export class ReplyReader {
  readonly #session: InferenceSession

  private constructor(session: InferenceSession) {
    this.#session = session
  }

  static async load(model: Uint8Array): Promise<ReplyReader> {
    return new ReplyReader(await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 }))
  }

  /**
   * Log-odds that the reply in a window delivers.
   * @param hidden what the encoder's lower layers made of the window, tokens × 384
   */
  async read(hidden: Float32Array, tokens: number): Promise<number> {
    const { delivered } = await this.#session.run({
      hidden: new Tensor('float32', hidden, [1, tokens, DIMENSIONS]),
      mask: new Tensor('int64', new BigInt64Array(tokens).fill(1n), [1, tokens]),
    })
    if (!delivered) throw new TypeError('the reply reader gave no result')
    return (delivered.data as Float32Array)[0] as number
  }

  close(): Promise<void> {
    return this.#session.release()
  }
}
