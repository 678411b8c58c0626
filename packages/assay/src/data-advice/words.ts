/** Words as they stand between blanks, with what is written against them. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter(Boolean)
}

/** A word without its capitals and the signs around it. */
export function bare(word: string): string {
  return word.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
}

/** The first words of a text, bare. */
export function openingWords(text: string, count: number): string[] {
  return wordsOf(text.slice(0, 200)).map(bare).filter(Boolean).slice(0, count)
}

/** The last words of a text, bare. */
export function closingWords(text: string, count: number): string[] {
  return wordsOf(text.slice(-200)).map(bare).filter(Boolean).slice(-count)
}
