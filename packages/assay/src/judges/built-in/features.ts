/**
 * What the judge's heads read of a text: hashed n-grams, and windows of tokens for the encoder.
 * python/judge/assay_judge/features.py is its twin, number for number.
 */
import type { Tokenizer } from '@huggingface/tokenizers'

/** Tokens of the encoder in one window, [CLS] and [SEP] included. */
export const WINDOW_TOKENS = 256
/** Of a longer text, so many windows are read at its beginning, and as many at its end. */
export const MAX_WINDOWS = 16
/** A reply shows what it is about to do in its first tokens and words. */
export const REPLY_TOKENS = 64
const REPLY_WORDS = 48
/** Of what the user said, the last characters are read. */
export const REQUEST_CHARACTERS = 1200

const CLS = 101
const SEP = 102
const WORD = /[\p{L}\p{N}]+(?:'[\p{L}\p{N}]+)*/gu
const utf8 = new TextEncoder()

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

/** The windows of a text: token ids with [CLS] and [SEP]; at least one, also for an empty text. */
export function windowsOf(tokenizer: Tokenizer, text: string): number[][] {
  const ids = tokenIds(tokenizer, text)
  const size = WINDOW_TOKENS - 2
  const windows: number[][] = []
  for (let at = 0; at < Math.max(ids.length, 1); at += size) {
    windows.push([CLS, ...ids.slice(at, at + size), SEP])
  }
  if (windows.length <= 2 * MAX_WINDOWS) return windows
  return [...windows.slice(0, MAX_WINDOWS), ...windows.slice(-MAX_WINDOWS)]
}

/** The beginning of a reply as one window. */
export function replyWindow(tokenizer: Tokenizer, reply: string): number[] {
  const ids = tokenIds(tokenizer, reply.slice(0, REPLY_TOKENS * 20))
  return [CLS, ...ids.slice(0, REPLY_TOKENS - 2), SEP]
}

function tokenIds(tokenizer: Tokenizer, text: string): number[] {
  return tokenizer.encode(text, { add_special_tokens: false }).ids
}
