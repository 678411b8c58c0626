import type { PhrasePlace } from '../data-advice/index.ts'

/** A phrase of the customer's user messages, and where in them it stands. */
export interface PlacedPhrase {
  readonly phrase: string
  readonly place: PhrasePlace
}

/** A request with the phrase where the data have it; in the middle, between its two middle words. */
export function withPhrase(text: string, placed: PlacedPhrase | undefined): string {
  if (placed === undefined) return text
  const { phrase, place } = placed
  if (place === 'front') return `${phrase} ${text}`
  if (place === 'end') return `${text} ${phrase}`
  const words = text.split(' ')
  const middle = Math.ceil(words.length / 2)
  return [...words.slice(0, middle), phrase, ...words.slice(middle)].join(' ')
}
