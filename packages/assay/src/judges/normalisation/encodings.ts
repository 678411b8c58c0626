// Text that stands encoded within a text: Base64 (RFC 4648), hexadecimal, percent-encoding (RFC 3986).
import { withoutCiphers } from './ciphers.ts'
import type { Normalised, Vocabulary } from './normalise.ts'

const BASE64 =
  /(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{4}[\r\n]{0,2}){4,}(?:[A-Za-z0-9+/_-]{2,3}={0,2})?(?![A-Za-z0-9+/_-])/gu
const HEXADECIMAL = /(?<![0-9a-z])(?:(?:0x|\\x)?[0-9a-f]{2}[ ,:]{0,2}){8,}(?![0-9a-z])/giu
const PERCENT = /(?<![\w.~%-])(?:[\w.~-]*%[0-9a-f]{2}){3,}[\w.~-]*/giu
/** Nothing else decodes to nothing but this. */
const ENCODED_AGAIN = /^(?:[A-Za-z0-9+/_-]{4}){4,}(?:[A-Za-z0-9+/_-]{2,3}={0,2})?$/
/** Decoded text is looked into again, so many layers deep: two encodings and a cipher. */
const LAYERS = 3

export function withDecoded(text: string, vocabulary: Vocabulary): Normalised {
  let found = text
  let decoded: string[] = []
  for (let layer = 0; layer < LAYERS; layer++) {
    const inThisLayer: string[] = []
    const noted = (span: string, plain: string | undefined) => {
      if (plain === undefined || plain === span) return span
      inThisLayer.push(plain)
      return plain
    }
    const before = found
    found = found
      .replace(BASE64, (span) => noted(span, readable(Buffer.from(span.replace(/\s/g, ''), 'base64'), vocabulary)))
      .replace(HEXADECIMAL, (span) => noted(span, decodedHexadecimal(span, vocabulary)))
      .replace(PERCENT, decodedPercent)
    // Only where nothing is encoded: what was encoded twice may look like a cipher in between.
    if (found === before) found = withoutCiphers(found, vocabulary, noted)
    if (found === before) break
    // What was encoded twice is in the second layer as it was meant.
    if (inThisLayer.length > 0) decoded = [...decoded.filter((plain) => found.includes(plain)), ...inThisLayer]
  }
  const hidden = decoded.join('\n').trim()
  return { text: found, decoded: hidden === found.trim() ? '' : hidden }
}

function decodedHexadecimal(span: string, vocabulary: Vocabulary): string | undefined {
  const text = readable(Buffer.from(span.replace(/0x|\\x|[ ,:]/giu, ''), 'hex'), vocabulary)
  return text && text + (/ $/.test(span) ? ' ' : '')
}

function decodedPercent(span: string): string {
  try {
    return decodeURIComponent(span)
  } catch {
    return span
  }
}

/** The bytes as text, where they are UTF-8 and half of it words that the judge knows. */
function readable(bytes: Uint8Array, vocabulary: Vocabulary): string | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
  if (ENCODED_AGAIN.test(text)) return text
  const words = text.toLowerCase().match(/[a-z]{2,}/g) ?? []
  const letters = words.join('').length
  const known = words.filter((word) => vocabulary.has(word)).length
  return letters * 10 >= text.length * 6 && known * 2 >= words.length ? text : undefined
}
