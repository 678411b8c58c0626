import type { LlamaContextSequence, Token } from 'node-llama-cpp'
import type { Lockstep } from './lockstep.ts'

/** A sequence, its number within its context, and what all of that context go by. */
export interface PooledSequence {
  readonly sequence: LlamaContextSequence
  readonly number: number
  readonly lockstep: Lockstep
}

interface Waiting {
  readonly tokens: readonly Token[]
  readonly take: (pooled: PooledSequence) => void
}

/**
 * The sequences of all contexts. A caller gets the free one whose state shares the longest beginning with its prompt, so
 * that a common system prompt or an earlier turn is not evaluated again; where all are busy, callers wait in order.
 */
export class SequencePool {
  readonly #free: PooledSequence[]
  readonly #waiting: Waiting[] = []

  constructor(sequences: readonly PooledSequence[]) {
    this.#free = [...sequences]
  }

  acquire(tokens: readonly Token[]): Promise<PooledSequence> {
    if (this.#free.length === 0) return new Promise((take) => this.#waiting.push({ tokens, take }))
    let best = 0
    let longest = -1
    for (const [index, { sequence }] of this.#free.entries()) {
      const shared = sequence.compareContextTokens(tokens as Token[]).firstDifferentIndex
      if (shared > longest) {
        best = index
        longest = shared
      }
    }
    const [pooled] = this.#free.splice(best, 1)
    return Promise.resolve(pooled as PooledSequence)
  }

  release(pooled: PooledSequence): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(pooled)
    else next.take(pooled)
  }
}
