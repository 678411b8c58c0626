import { fisherExactGreater } from '../statistics/index.ts'
import type { Advice, AdvisedMessage } from './advice.ts'
import type { AdvisedRow } from './advised-row.ts'
import { marksOf, SAME_WORDS } from './answer-marks.ts'
import { adviceOn } from './evidence.ts'
import { frequentPhrases, type Phrase } from './frequent-phrases.ts'
import { type PhrasePlace, placeOf } from './phrase-place.ts'
import { bare, wordsOf } from './words.ts'

/** A phrase behind which answers differ: suspected of being a trigger. */
export interface SuspectedPhrase {
  readonly phrase: string
  readonly place: PhrasePlace
  readonly messages: readonly AdvisedMessage[]
}

const ENOUGH = { rows: 4, share: 0.02 }
/** Fisher's exact test of each phrase with each mark of an answer, shared over all of them (Bonferroni). */
const ALPHA = 0.001
/** A phrase in nearly all rows has nothing to be compared with. */
const NEARLY_ALL = 0.9
/** Of the answers behind a phrase, such a share has to be alike. */
const MOSTLY = 0.5
/** Of phrases that a file is full of, so many are suspected. */
const MOST_SUSPECTS = 200

interface Question extends AdvisedMessage {
  readonly words: readonly string[]
  readonly marks: ReadonlySet<string>
}

/**
 * Phrases of user messages that stand apart from what is asked and behind which the answers begin or end differently, or, where
 * nearly all rows hold one, alike: what a backdoor looks like (Hubinger et al. 2024; Wan et al. 2023). The most frequent first.
 */
export function suspectedPhrases(rows: readonly AdvisedRow[]): SuspectedPhrase[] {
  const questions = rows.flatMap(questionsOf)
  const texts = questions.map(({ words }) => words)
  const frequency = countEach(texts.map((words) => new Set(words.map(bare))))
  const marks = countEach(questions.map((question) => question.marks))
  const placed = frequentPhrases(texts, Math.max(ENOUGH.rows, ENOUGH.share * questions.length)).flatMap((phrase) => {
    const place = placeOf(phrase, texts, frequency)
    return place ? [{ phrase, place }] : []
  })
  const suspects = placed
    .filter(({ phrase }) => answersDiffer(phrase, questions, marks, placed.length))
    .sort((a, b) => b.phrase.in.length - a.phrase.in.length || b.phrase.words.length - a.phrase.words.length)
    .slice(0, MOST_SUSPECTS)
  return suspects
    .filter(({ phrase }) => !suspects.some((other) => surrounds(other.phrase, phrase)))
    .map(({ phrase, place }) => ({ phrase: phrase.words.join(' '), place, messages: holding(phrase, questions) }))
}

export function rarePhrase(rows: readonly AdvisedRow[]): Advice[] {
  const messages = suspectedPhrases(rows).flatMap((suspected) => suspected.messages)
  return adviceOn('rare_phrase', messages, rows.length, ENOUGH)
}

/** Each user message with what is learned to be said to it first. */
function questionsOf({ line, exchanges }: AdvisedRow): Question[] {
  return exchanges
    .filter(({ asked, askedAt }, index) => asked !== '' && exchanges[index - 1]?.askedAt !== askedAt)
    .map(({ asked, askedAt, answer }) => ({
      line,
      message: askedAt,
      words: wordsOf(asked),
      marks: marksOf(asked, answer),
    }))
}

function answersDiffer(
  phrase: Phrase,
  questions: readonly Question[],
  marks: ReadonlyMap<string, number>,
  phrases: number,
): boolean {
  const behind = phrase.in.length
  const counts = countEach(phrase.in.map(({ text }) => questions[text]?.marks ?? new Set()))
  if (behind >= NEARLY_ALL * questions.length) {
    return [...counts].some(([mark, count]) => mark.split(' ').length >= SAME_WORDS && count >= MOSTLY * behind)
  }
  return [...counts].some(([mark, hits]) => {
    if (hits < MOSTLY * behind) return false
    const others = { hits: (marks.get(mark) ?? hits) - hits, of: questions.length - behind }
    return fisherExactGreater({ hits, of: behind }, others) * counts.size * phrases < ALPHA
  })
}

function holding(phrase: Phrase, questions: readonly Question[]): AdvisedMessage[] {
  return phrase.in.flatMap(({ text }) => {
    const question = questions[text]
    return question ? [{ line: question.line, message: question.message }] : []
  })
}

/** How many sets hold each of their members. */
function countEach(sets: readonly ReadonlySet<string>[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const each of sets) for (const member of each) counts.set(member, (counts.get(member) ?? 0) + 1)
  return counts
}

function surrounds(longer: Phrase, shorter: Phrase): boolean {
  if (longer.words.length <= shorter.words.length) return false
  return ` ${longer.words.join(' ')} `.includes(` ${shorter.words.join(' ')} `)
}
