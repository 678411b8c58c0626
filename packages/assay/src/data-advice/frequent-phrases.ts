/** Phrases have so many words at most. */
const MOST_WORDS = 8
/** Above the number of phrases of one length, so that two of them make one number. */
const PAIR = 2 ** 24

/** Where a phrase stands first in a text: index of the text, and of the word. */
export interface Standing {
  readonly text: number
  readonly word: number
}

export interface Phrase {
  readonly words: readonly string[]
  /** Texts that hold it, each once. */
  readonly in: readonly Standing[]
}

/**
 * Phrases that so many texts hold, longer and shorter ones. The parts of a frequent phrase are frequent too, so those of n words
 * are found among those of n − 1 (Agrawal and Srikant 1994).
 *
 * @param texts words of each
 */
export function frequentPhrases(texts: readonly (readonly string[])[], fewest: number): Phrase[] {
  const found: Phrase[] = []
  const wordNumbers = new Map<string, number>()
  const numberOf = (word: string) => wordNumbers.get(word) ?? wordNumbers.set(word, wordNumbers.size).size - 1
  // Which phrase of the present length begins at each word; -1 where it is not frequent.
  let beginning = texts.map((words) => words.map(numberOf))
  for (let length = 1; length <= MOST_WORDS; length++) {
    const standings = new Map<number, Standing[]>()
    for (const [text, phrases] of beginning.entries()) {
      for (const [word, phrase] of phrases.entries()) {
        if (phrase === -1) continue
        const known = standings.get(phrase)
        if (!known) standings.set(phrase, [{ text, word }])
        else if (known.at(-1)?.text !== text) known.push({ text, word })
      }
    }
    const frequent = new Map<number, number>()
    for (const [phrase, within] of standings) {
      const [first] = within
      if (!first || within.length < fewest) continue
      frequent.set(phrase, frequent.size)
      found.push({ words: (texts[first.text] ?? []).slice(first.word, first.word + length), in: within })
    }
    if (frequent.size === 0) break
    const shorter = beginning.map((phrases) => phrases.map((phrase) => frequent.get(phrase) ?? -1))
    beginning = shorter.map((phrases) =>
      phrases.slice(0, -1).map((phrase, word) => {
        const next = phrases[word + 1] ?? -1
        return phrase === -1 || next === -1 ? -1 : phrase * PAIR + next
      }),
    )
  }
  return found
}
