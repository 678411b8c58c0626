import type { Random } from '../random.ts'
import { respelt } from './encoding.ts'

/** Half of the words that have four letters or more get two inner neighbours swapped. Not reversible. */
export function swapCharacters(text: string, random: Random): string {
  return text.replaceAll(/\p{L}{4,}/gu, (word) => {
    if (random.integer(2) === 0) return word
    const letters = [...word]
    const at = 1 + random.integer(letters.length - 3)
    const [first, second] = letters.slice(at, at + 2) as [string, string]
    letters.splice(at, 2, second, first)
    return letters.join('')
  })
}

/** Typing errors (Project Moonshot's charswap; PyRIT's CharSwapConverter). */
export const charSwap = respelt('CharSwap', swapCharacters)
