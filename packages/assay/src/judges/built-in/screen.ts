import { z } from 'zod'

/** Words that are summed up together. */
const STRETCH = 64

export const screenSchema = z.object({
  /** A power of two. */
  buckets: z.int().min(2),
  /** Of one step of the int8 weights. */
  scale: z.number().gt(0),
  bias: z.number(),
  /** How much it counts what the encoder would have to find in a text, after what the n-gram models found, to reach a cut. */
  ngrams: z.number().min(0),
  /** Log-odds below which a text is cleared, and a request. */
  textCut: z.number(),
  requestCut: z.number(),
  /** int8, one a bucket, Base64. */
  weight: z.base64(),
})

/**
 * A linear model over hashed words and pairs of words that clears what is plainly harmless, so that the encoder need not
 * read it. A text is read in stretches of words, and its highest stretch counts. python/judge/assay_judge/screen.py, which
 * fits it, is the twin, number for number.
 */
export class Screen {
  readonly #weight: Int8Array
  readonly #mask: number
  readonly #scale: number
  readonly #bias: number
  readonly #ngrams: number
  readonly #textCut: number
  readonly #requestCut: number

  constructor(stored: z.infer<typeof screenSchema>) {
    const bytes = Buffer.from(stored.weight, 'base64')
    if (bytes.length !== stored.buckets || (stored.buckets & (stored.buckets - 1)) !== 0) {
      throw new RangeError('weights of another size')
    }
    this.#weight = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#mask = stored.buckets - 1
    this.#scale = stored.scale
    this.#bias = stored.bias
    this.#ngrams = stored.ngrams
    this.#textCut = stored.textCut
    this.#requestCut = stored.requestCut
  }

  /**
   * Whether the text is plainly harmless.
   * @param needed log-odds of the encoder with which the text would reach a cut
   */
  clearsText(text: string, needed: number): boolean {
    return this.read(text) - this.#ngrams * needed < this.#textCut
  }

  /** Whether the request plainly asks for no harm. */
  clearsRequest(request: string): boolean {
    return this.read(request) < this.#requestCut
  }

  /** Log-odds of the highest stretch. */
  read(text: string): number {
    let highest = Number.NEGATIVE_INFINITY
    let sum = 0
    let words = 0
    let before = 0
    let hash = 0
    // FNV-1a over UTF-16 code units; one place past the end closes the last word.
    for (let at = 0; at <= text.length; at++) {
      const unit = at < text.length ? wordUnit(text.charCodeAt(at)) : 0
      if (unit !== 0) {
        hash = Math.imul((hash === 0 ? 0x811c9dc5 : hash) ^ unit, 0x01000193)
        continue
      }
      if (hash === 0) continue
      if (words === STRETCH) {
        highest = Math.max(highest, sum)
        sum = 0
        words = 0
      }
      sum += this.#weightOf(hash)
      if (before !== 0) sum += this.#weightOf(Math.imul(before, 0x9e3779b1) ^ hash)
      before = hash
      hash = 0
      words += 1
    }
    return Math.max(highest, sum) * this.#scale + this.#bias
  }

  #weightOf(hash: number): number {
    return this.#weight[(hash ^ (hash >>> 15)) & this.#mask] as number
  }
}

/** The unit in lower case where it belongs to a word (an ASCII letter or digit, an apostrophe, anything beyond ASCII), else 0. */
function wordUnit(unit: number): number {
  if (unit >= 97 && unit <= 122) return unit
  if (unit > 127 || (unit >= 48 && unit <= 57) || unit === 39) return unit
  if (unit >= 65 && unit <= 90) return unit + 32
  return 0
}
