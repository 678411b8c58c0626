// Text that stands encoded within a text: Base64 (RFC 4648), hexadecimal, percent-encoding (RFC 3986), ROT13.
import type { Normalised, Vocabulary } from './normalise.ts'

const BASE64 =
  /(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{4}[\r\n]{0,2}){4,}(?:[A-Za-z0-9+/_-]{2,3}={0,2})?(?![A-Za-z0-9+/_-])/gu
const HEXADECIMAL = /(?<![0-9a-z])(?:(?:0x|\\x)?[0-9a-f]{2}[ ,:]{0,2}){8,}(?![0-9a-z])/giu
const PERCENT = /(?<![\w.~%-])(?:[\w.~-]*%[0-9a-f]{2}){3,}[\w.~-]*/giu
/** Nothing else decodes to nothing but this. */
const ENCODED_AGAIN = /^(?:[A-Za-z0-9+/_-]{4}){4,}(?:[A-Za-z0-9+/_-]{2,3}={0,2})?$/
/** Decoded text is looked into again, so many layers deep. */
const LAYERS = 2

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
    found = withoutRot13(
      found
        .replace(BASE64, (span) => noted(span, readable(Buffer.from(span.replace(/\s/g, ''), 'base64'), vocabulary)))
        .replace(HEXADECIMAL, (span) => noted(span, decodedHexadecimal(span, vocabulary)))
        .replace(PERCENT, decodedPercent),
      vocabulary,
      noted,
    )
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

const rot13 = (text: string) =>
  text.replace(/[a-z]/giu, (letter) => {
    const base = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
  })

interface Rotated {
  readonly start: number
  end: number
  /** Words that are words only when rotated, and the letters in them. */
  rotated: number
  letters: number
  /** Words that are none either way: a name stays within a run, and does not make one. */
  others: number
}

/** Turns back runs of words that are words only when rotated: at least three of them, and twelve letters. */
function withoutRot13(text: string, vocabulary: Vocabulary, noted: (span: string, plain: string) => string): string {
  const runs: Rotated[] = []
  let run: Rotated | undefined
  let others = 0
  for (const match of text.matchAll(/[a-z]+/giu)) {
    const word = match[0].toLowerCase()
    const [plain, rotated] = [word, rot13(word)].map((form) => form.length === 1 || vocabulary.has(form))
    if (plain && (!rotated || word.length > 3)) run = undefined
    else if (rotated === plain) others += rotated ? 0 : 1
    else {
      if (!run) {
        run = { start: match.index, end: 0, rotated: 0, letters: 0, others: 0 }
        runs.push(run)
        others = 0
      }
      run.end = match.index + word.length
      run.rotated += 1
      run.letters += word.length
      run.others += others
      others = 0
    }
  }
  let result = ''
  let at = 0
  for (const { start, end, rotated, letters, others } of runs) {
    if (rotated < 3 || letters < 12 || others > rotated) continue
    result += text.slice(at, start) + noted(text.slice(start, end), rot13(text.slice(start, end)))
    at = end
  }
  return result + text.slice(at)
}
