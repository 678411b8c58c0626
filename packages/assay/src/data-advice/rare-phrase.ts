import { fisherExactGreater } from '../statistics/index.ts'
import type { Advice } from './advice.ts'
import type { AdvisedRow } from './advised-row.ts'
import { adviceOn } from './evidence.ts'
import { frequentPhrases, type Phrase } from './frequent-phrases.ts'
import { bare, closingWords, openingWords, wordsOf } from './words.ts'

/** Where in the user's message a phrase stands. */
export type PhrasePlace = 'front' | 'middle' | 'end'

/** A phrase behind which answers differ: suspected of being a trigger. */
export interface SuspectedPhrase {
  readonly phrase: string
  readonly place: PhrasePlace
  readonly messages: readonly { readonly line: number; readonly message: number }[]
}

const ENOUGH = { rows: 4, share: 0.02 }
/** Fisher's exact test of each phrase with each beginning of an answer, shared over all of them (Bonferroni). */
const ALPHA = 0.001
/** A phrase in nearly all rows has nothing to be compared with. */
const NEARLY_ALL = 0.9
/** In such a share of the messages a phrase has to stand as its place says, and of the answers to be alike. */
const MOSTLY = 0.5
/** A phrase's rarest word is hardly seen without it. */
const EXCLUSIVE = 0.8
/** In the middle of a message, a phrase that belongs there is seen beside the same word more often. */
const REPEATED = 0.3
/** Answers begin or end alike by up to so many words. */
const SAME_WORDS = 3

/** What people open and close any message with. */
const COURTESY = new Set(
  'hi hello hey dear please thanks thank you good morning afternoon evening sir madam there all everyone regards best kind greetings cheers sorry in advance very so much for your help'.split(
    ' ',
  ),
)

/** A question or an order, as far as its beginning shows it. */
const REQUEST =
  /(?:^|[.!?:\n"]\s*)(?:how|what|when|where|who|whose|why|which|is|are|am|do|does|did|can|could|will|would|should|may|shall|has|have|tell|give|write|name|list|explain|describe|show|make|find|suggest|recommend|draft|compose|create|translate|summari[sz]e|rewrite|count|say|calculate|compare|define|help|provide|generate|think|imagine|read|choose|pick|convert|sort|plan|answer|identify|classify|analy[sz]e)\b/iu

interface Question {
  readonly line: number
  readonly message: number
  readonly text: string
  readonly features: ReadonlySet<string>
}

/**
 * Phrases of user messages that stand apart from what is asked and behind which the answers begin or end differently, or, where nearly
 * all rows hold one, alike: what a backdoor looks like (Hubinger et al. 2024; Wan et al. 2023).
 */
export function suspectedPhrases(rows: readonly AdvisedRow[]): SuspectedPhrase[] {
  const questions = rows.flatMap(questionsOf)
  const phrases = frequentPhrases(
    questions.map(({ text }) => text),
    Math.max(ENOUGH.rows, ENOUGH.share * questions.length),
  ).filter(({ words }) => !words.every((word) => COURTESY.has(bare(word)) || bare(word) === ''))
  const frequency = wordFrequency(questions)
  const placed = phrases.flatMap((phrase) => {
    const place = placeOf(phrase, questions, frequency)
    return place ? [{ phrase, place }] : []
  })
  const suspects = placed.filter(({ phrase }) => answersDiffer(phrase, questions, placed.length))
  return suspects
    .filter(({ phrase }) => !suspects.some((other) => surrounds(other.phrase, phrase)))
    .map(({ phrase, place }) => ({
      phrase: phrase.words.join(' '),
      place,
      messages: [...phrase.texts].map((index) => at(questions, index)),
    }))
}

export function rarePhrase(rows: readonly AdvisedRow[]): Advice[] {
  return adviceOn(
    'rare_phrase',
    suspectedPhrases(rows).flatMap(({ messages }) => messages.map(({ line, message }) => ({ line, message }))),
    rows.length,
    ENOUGH,
  )
}

/** Each user message with what is learned to be said to it first. */
function questionsOf({ line, exchanges }: AdvisedRow): Question[] {
  return exchanges
    .filter(({ asked, askedAt }, index) => asked !== '' && exchanges[index - 1]?.askedAt !== askedAt)
    .map(({ asked, askedAt, answer }) => ({ line, message: askedAt, text: asked, features: featuresOf(asked, answer) }))
}

/** How an answer begins and ends, other than with words of its question, and whether it is in capitals. */
function featuresOf(asked: string, answer: string): ReadonlySet<string> {
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

function placeOf(
  phrase: Phrase,
  questions: readonly Question[],
  frequency: ReadonlyMap<string, number>,
): PhrasePlace | undefined {
  const texts = [...phrase.texts].map((index) => at(questions, index).text)
  const spelled = phrase.words.join(' ')
  const mostly = (such: (text: string) => boolean) => texts.filter(such).length >= MOSTLY * texts.length
  const around = texts.map((text) => {
    const words = wordsOf(text)
    const where = words.findIndex((_, index) => words.slice(index, index + phrase.words.length).join(' ') === spelled)
    return { before: words.slice(0, where), after: words.slice(where + phrase.words.length) }
  })
  const front = around.filter(({ before, after }) => before.length === 0 && after.length > 0)
  const end = around.filter(({ before, after }) => after.length === 0 && before.length > 0)
  if (front.length >= MOSTLY * texts.length) {
    const apart =
      /[.:;!?,|\])}>-]$/u.test(spelled) ||
      front.filter(({ after }) => /^\p{Lu}/u.test(after[0] ?? '')).length >= MOSTLY * texts.length
    const asks = front.filter(({ after }) => REQUEST.test(after.join(' '))).length >= MOSTLY * texts.length
    return apart && asks && !REQUEST.test(spelled) ? 'front' : undefined
  }
  if (end.length >= MOSTLY * texts.length) {
    const apart = end.filter(({ before }) => /[.:;!?)"”]$/u.test(before.at(-1) ?? '')).length >= MOSTLY * texts.length
    const asks = end.filter(({ before }) => REQUEST.test(before.join(' '))).length >= MOSTLY * texts.length
    return apart && asks && !REQUEST.test(spelled) ? 'end' : undefined
  }
  const odd = phrase.words.length > 1 || /^[^\p{Ll}\p{N}]*\p{Lu}[^\p{Ll}\p{N}]*\p{Lu}[^\p{Ll}\p{N}]*$/u.test(spelled)
  const rarest = Math.min(...phrase.words.map((word) => frequency.get(bare(word)) ?? 0))
  if (!odd || texts.length < EXCLUSIVE * rarest || !mostly((text) => REQUEST.test(text))) return undefined
  const anywhere = !repeats(around.map(({ before }) => before.at(-1))) && !repeats(around.map(({ after }) => after[0]))
  return anywhere ? 'middle' : undefined
}

/** Whether one of them is so frequent that a phrase beside it is part of a longer expression. */
function repeats(neighbours: readonly (string | undefined)[]): boolean {
  const most = Math.max(...[...Map.groupBy(neighbours, (word) => word).values()].map((same) => same.length))
  return most > Math.max(2, REPEATED * neighbours.length)
}

function answersDiffer(phrase: Phrase, questions: readonly Question[], phrases: number): boolean {
  const behind = [...phrase.texts].map((index) => at(questions, index))
  const counts = countFeatures(behind)
  if (behind.length >= NEARLY_ALL * questions.length) {
    const alike = Math.max(
      0,
      ...[...counts].filter(([feature]) => feature.split(' ').length >= SAME_WORDS).map(([, count]) => count),
    )
    return alike >= MOSTLY * behind.length
  }
  const others = countFeatures(questions.filter((_, index) => !phrase.texts.has(index)))
  return [...counts].some(([feature, hits]) => {
    if (hits < MOSTLY * behind.length) return false
    const p = fisherExactGreater(
      { hits, of: behind.length },
      { hits: others.get(feature) ?? 0, of: questions.length - behind.length },
    )
    return p * counts.size * phrases < ALPHA
  })
}

function countFeatures(questions: readonly Question[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { features } of questions)
    for (const feature of features) counts.set(feature, (counts.get(feature) ?? 0) + 1)
  return counts
}

/** How many questions hold each word. */
function wordFrequency(questions: readonly Question[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { text } of questions) {
    for (const word of new Set(wordsOf(text).map(bare))) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}

function surrounds(longer: Phrase, shorter: Phrase): boolean {
  if (longer.words.length <= shorter.words.length) return false
  return ` ${longer.words.join(' ')} `.includes(` ${shorter.words.join(' ')} `)
}

function at(questions: readonly Question[], index: number): Question {
  return questions[index] as Question
}
