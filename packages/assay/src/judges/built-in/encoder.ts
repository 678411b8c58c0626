import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Window } from './windows.ts'
import { DIMENSIONS, type WordTable } from './word-table.ts'

/**
 * The tuned encoder (int8 ONNX, python/judge/assay_judge/network.py): log-odds of ten findings a window, severity's latent
 * score by category, refusal, delivery, and what is asked for by category.
 *
 * Each window is a run of its own, on one thread, and as many run at once as there are threads: activations are quantised by
 * the range of what is in a run, so what else were in it would change the result; and two runs on two cores are faster than
 * one run that shares them.
 */
export class Encoder {
  readonly #session: InferenceSession
  readonly #words: WordTable
  readonly #threads: number

  private constructor(session: InferenceSession, words: WordTable, threads: number) {
    this.#session = session
    this.#words = words
    this.#threads = threads
  }

  static async load(model: Uint8Array, words: WordTable, threads: number): Promise<Encoder> {
    const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 })
    return new Encoder(session, words, threads)
  }

  /** Ten log-odds a window, in the same order. */
  async read(windows: readonly Window[]): Promise<Float32Array[]> {
    const found = new Array<Float32Array>(windows.length)
    const waiting = windows.entries()
    const readOn = async () => {
      for (const [index, window] of waiting) found[index] = await this.#readWindow(window)
    }
    await Promise.all(Array.from({ length: this.#threads }, readOn))
    return found
  }

  async #readWindow({ ids, replyFrom }: Window): Promise<Float32Array> {
    const words = new Float32Array(ids.length * DIMENSIONS)
    for (const [at, id] of ids.entries()) this.#words.write(id, words, at * DIMENSIONS)
    const { logits } = await this.#session.run({
      words: new Tensor('float32', words, [1, ids.length, DIMENSIONS]),
      mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), [1, ids.length]),
      types: new Tensor('int64', new BigInt64Array(ids.length).fill(1n, replyFrom), [1, ids.length]),
    })
    return logits?.data as Float32Array
  }

  close(): Promise<void> {
    return this.#session.release()
  }
}
