import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Encoder } from './encoder.ts'
import type { Window } from './windows.ts'
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

  /** Log-odds that the reply in this window delivers. */
  async read(window: Window, encoder: Encoder): Promise<number> {
    const length = window.ids.length
    const { delivered } = await this.#session.run({
      hidden: new Tensor('float32', await encoder.hidden(window), [1, length, DIMENSIONS]),
      mask: new Tensor('int64', new BigInt64Array(length).fill(1n), [1, length]),
    })
    if (!delivered) throw new TypeError('the reply reader gave no result')
    return (delivered.data as Float32Array)[0] as number
  }

  close(): Promise<void> {
    return this.#session.release()
  }
}
