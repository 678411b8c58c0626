import type { LlamaContextSequence, Token } from 'node-llama-cpp'

interface Waiting {
  readonly tokens: readonly Token[]
  readonly take: (sequence: LlamaContextSequence) => void
}

/**
 * The sequences of all contexts. A caller gets the free one whose state shares the longest beginning with its prompt, so
 * that a common system prompt or an earlier turn is not evaluated again; where all are busy, callers wait in order.
 */
export class SequencePool {
  readonly #free: LlamaContextSequence[]
  readonly #waiting: Waiting[] = []

  constructor(sequences: readonly LlamaContextSequence[]) {
    this.#free = [...sequences]
  }

  acquire(tokens: readonly Token[]): Promise<LlamaContextSequence> {
    if (this.#free.length === 0) return new Promise((take) => this.#waiting.push({ tokens, take }))
    let best = 0
    let longest = -1
    for (const [index, sequence] of this.#free.entries()) {
      const shared = sequence.compareContextTokens(tokens as Token[]).firstDifferentIndex
      if (shared > longest) {
        best = index
        longest = shared
      }
    }
    const [sequence] = this.#free.splice(best, 1)
    return Promise.resolve(sequence as LlamaContextSequence)
  }

  release(sequence: LlamaContextSequence): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(sequence)
    else next.take(sequence)
  }
}
