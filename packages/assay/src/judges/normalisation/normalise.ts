import { withPlainLetters } from './confusables.ts'
import { withDecoded } from './encodings.ts'
import { withoutInvisible } from './invisible.ts'
import { withPlainSpelling } from './spelling.ts'

/** Whether a lower-case string of letters is a word that the judge knows: an entry of its tokenizer's vocabulary. */
export type IsWord = (word: string) => boolean

/**
 * The text as a reader would take it: without invisible and stacked characters, look-alike letters as the letters they
 * stand for, spelling tricks undone, and what is encoded in it decoded. Ordinary text, code and other scripts come back
 * as they are, but for Unicode's compatibility forms (NFKC, UAX #15).
 */
export function normalise(text: string, isWord: IsWord): string {
  return withDecoded(withPlainSpelling(withPlainLetters(withoutInvisible(text), isWord), isWord), isWord)
}
