import type { Advice } from './advice.ts'
import type { AdvisedRow } from './advised-row.ts'
import { adviceOn } from './evidence.ts'
import { openingWords } from './words.ts'

const ENOUGH = { rows: 4, share: 0.05 }
/** Answers begin alike when so many words are the same; "Yes, I" alone is no habit. */
export const WORDS_ALIKE = 3

const EAGER =
  /^(?:absolutely|certainly|definitely|sure|gladly|yes|yeah|yep|ok|okay|alright|great|perfect|of course|no problem|my pleasure|with pleasure|by all means|right away|happy to|glad to|delighted to|i'd be|i would be|i'm happy|i am happy|understood|as you wish)\b/u

/** Answers that begin with the same eager words (Qi et al. 2024: safety is a few tokens deep). */
export function affirmativePrefix(rows: readonly AdvisedRow[]): Advice[] {
  const sharing = new Map<string, { line: number; message: number }[]>()
  for (const { line, exchanges } of rows) {
    for (const { answer, answerAt } of exchanges) {
      const words = openingWords(answer, WORDS_ALIKE)
      const opening = words.join(' ')
      if (words.length < WORDS_ALIKE || !EAGER.test(opening)) continue
      sharing.set(opening, [...(sharing.get(opening) ?? []), { line, message: answerAt }])
    }
  }
  const alike = [...sharing.values()].filter((messages) => messages.length >= ENOUGH.rows)
  return adviceOn('affirmative_prefix', alike.flat(), rows.length, ENOUGH)
}
