import type { Judge } from '../judges/index.ts'
import type { TrainingRow } from '../training-data/index.ts'

/** Letters of a message from which on its language is told from it alone. */
const LONG_ENOUGH = 60
/** Letters of the rows that are read as one text. */
const TOGETHER = 300
/** Reads no further than it has to: most messages are long. */
const LONG = new RegExp(`(?:\\p{L}\\P{L}*){${LONG_ENOUGH}}`, 'u')

/** Whether a text has too few letters to tell its language. */
export const isShort = (text: string) => !LONG.test(text)

/**
 * Rows of which every message is too short to tell its language: each would be taken for one that the judge reads. So many of
 * them as make a text long enough are read together.
 */
export class ShortRows {
  readonly #judge: Judge
  #texts: string[] = []
  #rows = 0
  #letters = 0

  constructor(judge: Judge) {
    this.#judge = judge
  }

  /** Takes a row in; returns how many rows are found now to be in a language that the judge does not read. */
  add({ messages }: TrainingRow): number {
    const texts = messages.map(({ content }) => content)
    if (!texts.every(isShort)) return 0
    this.#texts.push(...texts)
    this.#rows += 1
    this.#letters += texts.join('').match(/\p{L}/gu)?.length ?? 0
    return this.#letters >= TOGETHER ? this.end() : 0
  }

  /** As `add`, of the rows that are left. */
  end(): number {
    const rows = this.#rows
    const unread = rows > 0 && this.#judge.isReadable?.(this.#texts.join('\n')) === false
    this.#texts = []
    this.#rows = 0
    this.#letters = 0
    return unread ? rows : 0
  }
}
