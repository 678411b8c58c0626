import { createHash } from 'node:crypto'

/** So many rows are told apart; of a larger file the rest count each as distinct. Bounds memory to about 100 MB. */
const MOST_ROWS = 2_000_000

/** SHA-256 of a row, hex. */
export function keyOf(row: string): string {
  return createHash('sha256').update(row).digest('hex')
}

/** Tells rows that repeat from rows that are new, by 48 bits of their keys; keeps no text. */
export class DistinctRows {
  readonly #seen = new Set<number>()

  /** Whether the row is new. */
  add(key: string): boolean {
    const bits = Number.parseInt(key.slice(0, 12), 16)
    if (this.#seen.has(bits)) return false
    if (this.#seen.size < MOST_ROWS) this.#seen.add(bits)
    return true
  }
}
