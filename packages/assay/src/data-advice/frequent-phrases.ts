import { wordsOf } from './words.ts'

/** Phrases have so many words at most. */
const MOST_WORDS = 12
/** Phrases counted at once; beyond, the rare ones are dropped (lossy counting, Manku and Motwani 2002). */
const MOST_COUNTED = 200_000

export interface Phrase {
  readonly words: readonly string[]
  /** Texts that hold it, by index. */
  readonly texts: ReadonlySet<number>
}

/**
 * Phrases that so many texts hold, longer and shorter ones. The parts of a frequent phrase are frequent too, so those of n words
 * are found among those of n − 1 (Agrawal and Srikant 1994).
 */
export function frequentPhrases(texts: readonly string[], fewest: number): Phrase[] {
  const words = texts.map(wordsOf)
  const found: Phrase[] = []
  let shorter: ReadonlySet<string> | undefined
  for (let length = 1; length <= MOST_WORDS; length++) {
    const holders = new Map<string, number[]>()
    for (const [index, ofText] of words.entries()) {
      for (const phrase of phrasesIn(ofText, length, shorter)) {
        const known = holders.get(phrase)
        if (known) known.push(index)
        else holders.set(phrase, [index])
      }
      if (holders.size > MOST_COUNTED) for (const [phrase, by] of holders) if (by.length === 1) holders.delete(phrase)
    }
    const frequent = [...holders].filter(([, by]) => by.length >= fewest)
    if (frequent.length === 0) break
    for (const [phrase, by] of frequent) found.push({ words: phrase.split(' '), texts: new Set(by) })
    shorter = new Set(frequent.map(([phrase]) => phrase))
  }
  return found
}

/** The distinct phrases of a text whose two shorter halves are frequent. */
function phrasesIn(words: readonly string[], length: number, shorter: ReadonlySet<string> | undefined): Set<string> {
  const phrases = new Set<string>()
  for (let at = 0; at + length <= words.length; at++) {
    const phrase = words.slice(at, at + length).join(' ')
    if (shorter && !shorter.has(words.slice(at, at + length - 1).join(' '))) continue
    if (shorter && !shorter.has(words.slice(at + 1, at + length).join(' '))) continue
    phrases.add(phrase)
  }
  return phrases
}
