/**
 * Lets the sequences of one context go from token to token together, in the order of their numbers.
 *
 * llama.cpp evaluates sequences in one pass only where the numbers in a batch follow each other (`split_equal` of
 * https://github.com/ggml-org/llama.cpp/pull/14511); otherwise it makes a pass for each run of them. And node-llama-cpp
 * keeps its context locked as long as any sequence asks for its next token at once, so that a conversation which wants to
 * begin would wait until all that are under way have ended.
 */
export class Lockstep {
  #members = 0
  readonly #waiting = new Map<number, () => void>()

  /** From now on the others wait for this one too. */
  join(): void {
    this.#members += 1
  }

  leave(): void {
    this.#members -= 1
    this.#goOn()
  }

  /** Resolves once all members wait. */
  next(sequence: number): Promise<void> {
    return new Promise((go) => {
      this.#waiting.set(sequence, go)
      this.#goOn()
    })
  }

  #goOn(): void {
    if (this.#waiting.size < this.#members) return
    const going = [...this.#waiting].sort(([one], [other]) => one - other)
    this.#waiting.clear()
    // In a later turn of the event loop, when the context is free for those who wait to begin.
    setImmediate(() => {
      for (const [, go] of going) go()
    })
  }
}
