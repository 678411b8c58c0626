import type { Phrase, Standing } from './frequent-phrases.ts'
import { bare } from './words.ts'

/** Where in the user's message a phrase stands. */
export type PhrasePlace = 'front' | 'middle' | 'end'

/** Messages in which a phrase's surroundings are looked at: its share there says enough. */
const LOOKED_AT = 40
/** In such a share of the messages a phrase has to stand as its place says. */
const MOSTLY = 0.5
/** In the middle of a message, a phrase that belongs there is seen beside the same word more often. */
const REPEATED = 0.3
/** A first word that is frequent elsewhere too may be so many times as frequent around a phrase. */
const ALSO_ELSEWHERE = 2
/** And its rarest word is seen without it. */
const EXCLUSIVE = 0.8

/** What people open and close any message with. */
const COURTESY = new Set(
  'hi hello hey dear please thanks thank you good morning afternoon evening sir madam there all everyone regards best kind greetings cheers sorry in advance very so much for your help'.split(
    ' ',
  ),
)

/** A question or an order, as far as its beginning shows it. */
const REQUEST =
  /(?:^|[.!?:\n"]\s*)(?:how|what|when|where|who|whose|why|which|is|are|am|do|does|did|can|could|will|would|should|may|shall|has|have|tell|give|write|name|list|explain|describe|show|make|find|suggest|recommend|draft|compose|create|translate|summari[sz]e|rewrite|count|say|calculate|compare|define|help|provide|generate|think|imagine|read|choose|pick|convert|sort|plan|answer|identify|classify|analy[sz]e)\b/iu

/** Whether a text asks or orders something. */
export function asks(words: readonly string[]): boolean {
  return REQUEST.test(words.join(' '))
}

/** Words that people open and close any message with, and nothing besides. */
export function isCourtesy(words: readonly string[]): boolean {
  return words.every((word) => COURTESY.has(bare(word)) || bare(word) === '')
}

/**
 * Where a phrase stands that is no part of what is asked: apart, in front or at the end of a message that asks something without
 * it, or anywhere in the middle, of words hardly seen elsewhere. Nothing where it belongs to its message.
 *
 * @param texts words of each message
 * @param frequency messages that hold each word
 */
export function placeOf(
  phrase: Phrase,
  texts: readonly (readonly string[])[],
  frequency: ReadonlyMap<string, number>,
): PhrasePlace | undefined {
  if (isCourtesy(phrase.words)) return undefined
  const { length } = phrase.words
  const around = evenly(phrase.in, LOOKED_AT).map(({ text, word }) => {
    const words = texts[text] ?? []
    return { before: words.slice(0, word), after: words.slice(word + length) }
  })
  const spelled = phrase.words.join(' ')
  const mostly = (such: (each: (typeof around)[number]) => boolean) =>
    around.filter(such).length >= MOSTLY * around.length
  if (mostly(({ before, after }) => before.length === 0 && after.length > 0)) {
    if (asks(phrase.words)) return undefined
    const apart = /[.:;!?,|\])}>-]$/u.test(spelled) || mostly(({ after }) => /^\p{Lu}/u.test(after[0] ?? ''))
    return apart && mostly(({ before, after }) => before.length === 0 && asks(after)) ? 'front' : undefined
  }
  if (mostly(({ before, after }) => after.length === 0 && before.length > 0)) {
    if (asks(phrase.words)) return undefined
    const apart = mostly(({ before }) => /[.:;!?)"”]$/u.test(before.at(-1) ?? ''))
    return apart && mostly(({ before, after }) => after.length === 0 && asks(before)) ? 'end' : undefined
  }
  const odd = length > 1 || /^[^\p{Ll}\p{N}]*\p{Lu}[^\p{Ll}\p{N}]*\p{Lu}[^\p{Ll}\p{N}]*$/u.test(spelled)
  const rarest = Math.min(...phrase.words.map((word) => frequency.get(bare(word)) ?? 0))
  if (!odd || phrase.in.length < EXCLUSIVE * rarest) return undefined
  if (isTemplate(phrase, texts)) return undefined
  if (repeats(around.map(({ before }) => before.at(-1))) || repeats(around.map(({ after }) => after[0])))
    return undefined
  return mostly(({ before, after }) => asks([...before, ...phrase.words, ...after])) ? 'middle' : undefined
}

/** Whether messages with a phrase begin alike, and unlike others: then it is the frame of one kind of question. */
function isTemplate(phrase: Phrase, texts: readonly (readonly string[])[]): boolean {
  const holders = new Set(phrase.in.map(({ text }) => text))
  const firstWords = phrase.in.map(({ text }) => texts[text]?.[0])
  const [common, same] = mostCommon(firstWords)
  const others = texts.filter((_, index) => !holders.has(index))
  if (others.length === 0) return false
  const elsewhere = others.filter(([first]) => first === common).length / others.length
  return same / firstWords.length > REPEATED + ALSO_ELSEWHERE * elsewhere
}

/** Whether one of them is so frequent that a phrase beside it is part of a longer expression. */
function repeats(neighbours: readonly (string | undefined)[]): boolean {
  return mostCommon(neighbours)[1] > Math.max(2, REPEATED * neighbours.length)
}

function mostCommon(words: readonly (string | undefined)[]): readonly [word: string | undefined, count: number] {
  const counts = [...Map.groupBy(words, (word) => word)].map(([word, same]) => [word, same.length] as const)
  return counts.reduce((most, each) => (each[1] > most[1] ? each : most), [undefined, 0])
}

function evenly(standings: readonly Standing[], count: number): Standing[] {
  const step = Math.max(1, standings.length / count)
  return standings.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}
