import { AssayError } from '../../errors/index.ts'

const WORDS = 30522
export const DIMENSIONS = 384

/** The encoder's word embeddings, as the set-up cuts them out of its package: an int8 row a word, then a float scale a row. */
export class WordTable {
  readonly #rows: Int8Array
  readonly #scales: Float32Array

  /** @throws {AssayError} `invalid_judge` when the bytes are of another size */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== WORDS * (DIMENSIONS + 4)) {
      throw new AssayError('invalid_judge', 'The word embeddings of the built-in judge are of another size.')
    }
    this.#rows = new Int8Array(bytes.buffer, bytes.byteOffset, WORDS * DIMENSIONS)
    // A copy: floats must lie at a multiple of four bytes.
    this.#scales = new Float32Array(Uint8Array.prototype.slice.call(bytes, WORDS * DIMENSIONS).buffer)
  }

  /** Writes the embedding of a word to `target`, from `offset` on. */
  write(word: number, target: Float32Array, offset: number): void {
    const from = word * DIMENSIONS
    const scale = this.#scales[word] as number
    for (let at = 0; at < DIMENSIONS; at++) target[offset + at] = (this.#rows[from + at] as number) * scale
  }
}
