import { InferenceSession, Tensor } from 'onnxruntime-node'
import { WINDOW_TOKENS, type Window } from './windows.ts'
import { DIMENSIONS, type WordTable } from './word-table.ts'

export interface ReadWindow {
  readonly tokens: number
  /** Ten log-odds. */
  readonly logits: Float32Array
  /** Of the lower layers, for the reply reader: tokens × 384. */
  readonly hidden: Float32Array | undefined
}

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
    for (const output of ['logits', 'hidden'])
      if (!session.outputNames.includes(output)) throw new TypeError(`the encoder has no output ${output}`)
    return new Encoder(session, words)
  }

  /**
   * What it says of each window, in the same order.
   * @param withHidden whether what the lower layers make of a window is wanted too
   */
  async read(windows: readonly Window[], withHidden: (window: Window) => boolean): Promise<ReadWindow[]> {
    // Of one call's windows one is read at a time, so they share the room; another call has its own.
    const room = new Float32Array(WINDOW_TOKENS * DIMENSIONS)
    const found: ReadWindow[] = []
    for (const window of windows) found.push(await this.#run(window, room, withHidden(window)))
    return found
  }

  async #run({ ids, replyFrom }: Window, room: Float32Array, withHidden: boolean): Promise<ReadWindow> {
    const words = room.subarray(0, ids.length * DIMENSIONS)
    for (const [at, id] of ids.entries()) this.#words.write(id, words, at * DIMENSIONS)
    const inputs = {
      words: new Tensor('float32', words, [1, ids.length, DIMENSIONS]),
      mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), [1, ids.length]),
      types: new Tensor('int64', new BigInt64Array(ids.length).fill(1n, replyFrom), [1, ids.length]),
    }
    const found = await this.#session.run(inputs, withHidden ? ['logits', 'hidden'] : ['logits'])
    return {
      tokens: ids.length,
      logits: found.logits?.data as Float32Array,
      hidden: found.hidden?.data as Float32Array | undefined,
    }
  }

  close(): Promise<void> {
    return this.#session.release()
  }
}
