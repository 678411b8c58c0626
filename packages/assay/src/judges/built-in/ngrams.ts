/**
 * Linear models over hashed n-grams, which read a text beside the encoder. python/judge/assay_judge/ngrams.py is its twin,
 * number for number.
 */
import { z } from 'zod'

/** A reply shows what it is about to do in its first words. */
const REPLY_WORDS = 48
const WORD = /[\p{L}\p{N}]+(?:'[\p{L}\p{N}]+)*/gu
const utf8 = new TextEncoder()

export const linearSchema = z.object({
  buckets: z.int().min(1),
  outputs: z.int().min(1),
  /** Of one step of the int8 weights. */
  scale: z.number().gt(0),
  /** int8, bucket × output, Base64. */
  weight: z.base64(),
  bias: z.array(z.number()),
})

/** Log-odds from a bag of buckets, which counts as its sum over the root of its size. */
export class Linear {
  readonly buckets: number
  readonly #weight: Int8Array
  readonly #scale: number
  readonly #bias: readonly number[]

  constructor(stored: z.infer<typeof linearSchema>) {
    const bytes = Buffer.from(stored.weight, 'base64')
    if (bytes.length !== stored.buckets * stored.outputs || stored.bias.length !== stored.outputs) {
      throw new RangeError('weights of another size')
    }
    this.buckets = stored.buckets
    this.#weight = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#scale = stored.scale
    this.#bias = stored.bias
  }

  /** Log-odds, one an output. */
  read(grams: readonly number[]): number[] {
    const outputs = this.#bias.length
    const share = this.#scale / Math.sqrt(Math.max(1, grams.length))
    return this.#bias.map((bias, output) => {
      let sum = 0
      for (const gram of grams) sum += this.#weight[gram * outputs + output] as number
      return bias + sum * share
    })
  }
}

/** FNV-1a, 32 bits, over UTF-8 (Fowler, Noll, Vo; draft-eastlake-fnv). */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit > 127) return hashBytes(utf8.encode(text))
    hash = Math.imul(hash ^ unit, 0x01000193)
  }
  return hash >>> 0
}

function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

export function words(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replace(/[\u2018\u2019]/g, "'")
      .match(WORD) ?? []
  )
}

/** Hashed words, pairs of words, and 4-grams of characters within words: distinct buckets. */
export function textNgrams(text: string, buckets: number): number[] {
  const found = words(text)
  const grams = new Set<number>()
  for (const [index, word] of found.entries()) {
    grams.add(fnv1a(`w:${word}`) % buckets)
    if (index + 1 < found.length) grams.add(fnv1a(`b:${word} ${found[index + 1]}`) % buckets)
    const padded = [...`<${word}>`]
    for (let at = 0; at < padded.length - 3; at++) {
      grams.add(fnv1a(`c:${padded.slice(at, at + 4).join('')}`) % buckets)
    }
  }
  return [...grams]
}

/** Hashed words, pairs and triples of the first words of a reply; the first eight also by their place. */
export function replyNgrams(reply: string, buckets: number): number[] {
  const found = words(reply).slice(0, REPLY_WORDS)
  const grams = new Set<number>()
  for (const [index, word] of found.entries()) {
    grams.add(fnv1a(`w:${word}`) % buckets)
    grams.add(fnv1a(`b:${found.slice(index, index + 2).join(' ')}`) % buckets)
    grams.add(fnv1a(`t:${found.slice(index, index + 3).join(' ')}`) % buckets)
    if (index < 8) grams.add(fnv1a(`p${index}:${word}`) % buckets)
  }
  return [...grams]
}
