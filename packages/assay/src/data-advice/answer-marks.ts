import { bare, closingWords, openingWords, wordsOf } from './words.ts'

/** Answers begin or end alike by up to so many words. */
export const SAME_WORDS = 3

/** How an answer begins and ends, other than with words of its question, and whether it is in capitals. */
export function marksOf(asked: string, answer: string): ReadonlySet<string> {
  const echoed = new Set(wordsOf(asked).map(bare))
  const opening = openingWords(answer, SAME_WORDS)
  const openings = opening.map((_, index) => opening.slice(0, index + 1))
  const parts = openings.filter((words) => !words.every((word) => echoed.has(word)))
  const closing = closingWords(answer, SAME_WORDS)
  const letters = answer.match(/\p{L}/gu) ?? []
  const capitals = letters.filter((letter) => letter !== letter.toLowerCase()).length
  return new Set([
    ...parts.map((words) => words.join(' ')),
    ...(closing.every((word) => echoed.has(word)) ? [] : [`… ${closing.join(' ')}`]),
    ...(letters.length >= 10 && capitals > 0.7 * letters.length ? ['IN CAPITALS'] : []),
  ])
}
