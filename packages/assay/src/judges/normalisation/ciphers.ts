// Words written in a cipher that people know by heart: ROT13, and from back to front.
import type { Vocabulary } from './normalise.ts'

type Cipher = (text: string) => string

const rot13: Cipher = (text) =>
  text.replace(/[a-z]/giu, (letter) => {
    const base = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
  })
const reversed: Cipher = (text) => Array.from(text).reverse().join('')
/** Each undoes itself. */
const CIPHERS = [rot13, reversed]

/** @param noted Called with each span and what it says; returns what is to stand in its place. */
export function withoutCiphers(
  text: string,
  vocabulary: Vocabulary,
  noted: (span: string, plain: string) => string,
): string {
  return CIPHERS.reduce((found, cipher) => withoutCipher(found, cipher, vocabulary, noted), text)
}

const WORD = /[a-z]+/giu
const LEAST_WORDS = 3
const LEAST_LETTERS = 12

interface Run {
  readonly start: number
  end: number
  /** Words that are words only when deciphered, and the letters in them. */
  deciphered: number
  letters: number
  /** Words that are none either way: a name stays within a run, and does not make one. */
  others: number
}

/** Deciphers runs of words that are words only then: at least three of them, and twelve letters. */
function withoutCipher(
  text: string,
  cipher: Cipher,
  vocabulary: Vocabulary,
  noted: (span: string, plain: string) => string,
): string {
  // Next to no text has three such words: then it is not gone through word by word.
  const words = text.match(WORD)?.map((word) => word.toLowerCase()) ?? []
  if (words.filter((word) => !vocabulary.has(word) && vocabulary.has(cipher(word))).length < LEAST_WORDS) return text
  const runs: Run[] = []
  let run: Run | undefined
  for (const match of text.matchAll(WORD)) {
    const word = match[0].toLowerCase()
    const plain = word.length === 1 || vocabulary.has(word)
    const deciphered = word.length === 1 || vocabulary.has(cipher(word))
    if (plain && !deciphered) {
      run = undefined
      continue
    }
    if (!run) {
      run = { start: match.index, end: 0, deciphered: 0, letters: 0, others: 0 }
      runs.push(run)
    }
    run.end = match.index + word.length
    if (!plain && !deciphered) run.others += 1
    if (!plain && deciphered) {
      run.deciphered += 1
      run.letters += word.length
    }
  }
  let result = ''
  let at = 0
  for (const { start, end, deciphered, letters, others } of runs) {
    if (deciphered < LEAST_WORDS || letters < LEAST_LETTERS || others > deciphered) continue
    result += text.slice(at, start) + noted(text.slice(start, end), cipher(text.slice(start, end)))
    at = end
  }
  return result + text.slice(at)
}
