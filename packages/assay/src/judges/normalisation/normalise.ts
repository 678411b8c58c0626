import { withPlainLetters } from './confusables.ts'
import { withDecoded } from './encodings.ts'
import { withoutInvisible } from './invisible.ts'
import { withPlainSpelling } from './spelling.ts'

/** The lower-case words that the judge knows, as its tokenizer has them, and the place of each: the lower, the more common. */
export type Vocabulary = ReadonlyMap<string, number>

/** The text as a reader would take it, and what stood encoded in it, by itself: what is said around it must not water it down. */
export interface Normalised {
  readonly text: string
  /** Empty where nothing was encoded, or where nothing stands around it. */
  readonly decoded: string
}

/**
 * The text as a reader would take it: without invisible and stacked characters, look-alike letters as the letters they
 * stand for, spelling tricks undone, and what is encoded in it decoded. Ordinary text, code and other scripts come back
 * as they are, but for Unicode's compatibility forms (NFKC, UAX #15).
 */
export function normalise(text: string, vocabulary: Vocabulary): Normalised {
  return withDecoded(withPlainSpelling(withPlainLetters(withoutInvisible(text), vocabulary), vocabulary), vocabulary)
}
