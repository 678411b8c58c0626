import { createHash } from 'node:crypto'
import type { TrainingRow } from '../training-data/index.ts'
import { type AdvisedRow, advisedRow } from './advised-row.ts'

/** A file of so many distinct rows is looked at as a whole. */
export const MOST_ROWS = 2_000

/**
 * The distinct rows of a stream, or of a large one a sample of them, by the lowest SHA-256 of a row: the same file gives the
 * same sample, a repeated row counts once, and memory does not grow with the stream (bottom-k sampling, Cohen and Kaplan 2007).
 */
export class RowSample {
  #rows = new Map<string, AdvisedRow>()
  #highest = 'g'

  add(row: TrainingRow): void {
    const key = createHash('sha256').update(JSON.stringify(row.messages)).digest('hex')
    if (key >= this.#highest || this.#rows.has(key)) return
    this.#rows.set(key, advisedRow(row))
    if (this.#rows.size === 2 * MOST_ROWS) this.#shrink()
  }

  /** In the order of the file. */
  rows(): readonly AdvisedRow[] {
    if (this.#rows.size > MOST_ROWS) this.#shrink()
    return [...this.#rows.values()].sort((a, b) => a.line - b.line)
  }

  #shrink(): void {
    const lowest = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MOST_ROWS)
    this.#highest = lowest.at(-1)?.[0] ?? this.#highest
    this.#rows = new Map(lowest)
  }
}
