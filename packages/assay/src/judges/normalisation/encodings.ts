// Text that stands encoded within a text: Base64 (RFC 4648), hexadecimal, percent-encoding (RFC 3986), ROT13.
import type { IsWord } from './normalise.ts'

const BASE64 =
  /(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{4}[\r\n]{0,2}){4,}(?:[A-Za-z0-9+/_-]{2,3}={0,2})?(?![A-Za-z0-9+/_-])/gu
const HEXADECIMAL = /(?<![0-9a-z])(?:(?:0x|\\x)?[0-9a-f]{2}[ ,:]{0,2}){8,}(?![0-9a-z])/giu
const PERCENT = /(?<![\w.~%-])(?:[\w.~-]*%[0-9a-f]{2}){3,}[\w.~-]*/giu
/** Nothing else decodes to nothing but this. */
const ENCODED_AGAIN = /^(?:[A-Za-z0-9+/_-]{4}){4,}(?:[A-Za-z0-9+/_-]{2,3}={0,2})?$/
/** Decoded text is looked into again, so many layers deep. */
const LAYERS = 2

export function withDecoded(text: string, isWord: IsWord): string {
  let found = text
  for (let layer = 0; layer < LAYERS; layer++) {
    const before = found
    found = withoutRot13(
      found
        .replace(BASE64, (span) => readable(Buffer.from(span.replace(/\s/g, ''), 'base64'), isWord) ?? span)
        .replace(HEXADECIMAL, (span) => decodedHexadecimal(span, isWord) ?? span)
        .replace(PERCENT, decodedPercent),
      isWord,
    )
    if (found === before) break
  }
  return found
}

function decodedHexadecimal(span: string, isWord: IsWord): string | undefined {
  const text = readable(Buffer.from(span.replace(/0x|\\x|[ ,:]/giu, ''), 'hex'), isWord)
  return text && text + (/ $/.test(span) ? ' ' : '')
}

function decodedPercent(span: string): string {
  try {
    return decodeURIComponent(span)
  } catch {
    return span
  }
}

/** The bytes as text, where they are UTF-8 and mostly words that the judge knows. */
function readable(bytes: Uint8Array, isWord: IsWord): string | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
  if (ENCODED_AGAIN.test(text)) return text
  const words = text.toLowerCase().match(/[a-z]{2,}/g) ?? []
  const letters = words.join('').length
  const known = words.filter(isWord).length
  return letters * 10 >= text.length * 6 && known * 3 >= words.length * 2 ? text : undefined
}

const rot13 = (text: string) =>
  text.replace(/[a-z]/giu, (letter) => {
    const base = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
  })

interface Rotated {
  readonly start: number
  end: number
  words: number
  letters: number
  known: number
}

/** Turns back runs of words that are words only when rotated: at least three of them, and twelve letters. */
function withoutRot13(text: string, isWord: IsWord): string {
  const runs: Rotated[] = []
  let run: Rotated | undefined
  for (const match of text.matchAll(/[a-z]+/giu)) {
    const word = match[0].toLowerCase()
    const end = match.index + word.length
    if (word.length > 1 && !isWord(rot13(word))) {
      run = undefined
      continue
    }
    if (!run) {
      run = { start: match.index, end, words: 0, letters: 0, known: 0 }
      runs.push(run)
    }
    run.end = end
    run.words += 1
    run.letters += word.length
    if (word.length > 2 && isWord(word)) run.known += 1
  }
  let result = ''
  let at = 0
  for (const { start, end, words, letters, known } of runs) {
    if (words < 3 || letters < 12 || known * 3 > words) continue
    result += text.slice(at, start) + rot13(text.slice(start, end))
    at = end
  }
  return result + text.slice(at)
}
