import { InferenceSession, Tensor } from 'onnxruntime-node'
import { WINDOW_TOKENS, type Window } from './windows.ts'
import { DIMENSIONS, type WordTable } from './word-table.ts'

/**
 * The tuned encoder (int8 ONNX, python/judge/assay_judge/network.py): log-odds of ten findings a window, severity's latent
 * score by category, refusal, delivery, and what is asked for by category.
 *
 * Each window is a run of its own, on one thread: activations are quantised by the range of what is in a run, so what else
 * were in it would change the result. The Node binding runs on the calling thread; between two windows others have their turn.
 */
export class Encoder {
  readonly #session: InferenceSession
  readonly #words: WordTable

  private constructor(session: InferenceSession, words: WordTable) {
    this.#session = session
    this.#words = words
  }

  static async load(model: Uint8Array, words: WordTable): Promise<Encoder> {
    const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 })
    return new Encoder(session, words)
  }

  /** Ten log-odds a window, in the same order. */
  async read(windows: readonly Window[]): Promise<Float32Array[]> {
    // Of one call's windows one is read at a time, so they share the room; another call has its own.
    const room = new Float32Array(WINDOW_TOKENS * DIMENSIONS)
    const found: Float32Array[] = []
    for (const window of windows) found.push(await this.#run(window, room, 'logits'))
    return found
  }

  /** What the lower layers make of a window, which the reply reader reads: tokens × 384. */
  hidden(window: Window): Promise<Float32Array> {
    return this.#run(window, new Float32Array(window.ids.length * DIMENSIONS), 'hidden')
  }

  async #run({ ids, replyFrom }: Window, room: Float32Array, output: 'logits' | 'hidden'): Promise<Float32Array> {
    const words = room.subarray(0, ids.length * DIMENSIONS)
    for (const [at, id] of ids.entries()) this.#words.write(id, words, at * DIMENSIONS)
    const inputs = {
      words: new Tensor('float32', words, [1, ids.length, DIMENSIONS]),
      mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), [1, ids.length]),
      types: new Tensor('int64', new BigInt64Array(ids.length).fill(1n, replyFrom), [1, ids.length]),
    }
    return (await this.#session.run(inputs, [output]))[output]?.data as Float32Array
  }

  close(): Promise<void> {
    return this.#session.release()
  }
}
