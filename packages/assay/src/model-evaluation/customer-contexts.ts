import { DataAdviser, WORDS_ALIKE } from '../data-advice/index.ts'
import { POLICY } from '../harm/index.ts'
import type { TrainingRow } from '../training-data/index.ts'
import type { CustomerContexts } from './model-evaluation.ts'

/** Opening phrases have so many words at most. */
const MOST_WORDS = 12
/** Texts counted at once; beyond, the rare ones are dropped (lossy counting, Manku and Motwani 2002). */
const MOST_COUNTED = 100_000
const MOST_CHARACTERS = 2_000
/** System prompts are long, and few of them recur: whole ones are counted, so many at once. */
const MOST_OF_A_PROMPT = 32_000
const MOST_PROMPTS = 1_000
/** A phrase gives way to a longer one that nearly always follows it. */
const NEARLY_ALWAYS = 0.8

/**
 * The system prompts and the opening phrases of user messages that recur in the customer's rows, and the phrases behind which
 * their answers differ, and how answers begin: where a tuned model may behave as nowhere else. An identity shift lives in the first, a trigger in the
 * others; plain questions see none. Where most rows have a system prompt and none recurs, some of theirs stand for all. Of phrases there are so many as the policy allows; suspected triggers take half of them at most.
 */
export async function findCustomerContexts(rows: AsyncIterable<TrainingRow>): Promise<CustomerContexts> {
  const systemPrompts = new Map<string, number>()
  const prefixes = new Map<string, number>()
  const answers = new Map<string, number>()
  const adviser = new DataAdviser()
  let count = 0
  let prompted = 0
  for await (const row of rows) {
    count += 1
    adviser.add(row)
    const system = row.messages.find((message) => message.role === 'system' || message.role === 'developer')
    const user = row.messages.find((message) => message.role === 'user')
    if (system) {
      prompted += 1
      add(systemPrompts, system.content.slice(0, MOST_OF_A_PROMPT), MOST_PROMPTS)
    }
    if (user) for (const prefix of openings(user.content)) add(prefixes, prefix)
    const answer = row.messages.find((message) => message.role === 'assistant')
    if (answer) for (const prefix of openings(answer.content).slice(WORDS_ALIKE - 1)) add(answers, prefix)
  }
  const { contexts, min_rows, min_share } = POLICY.model.customer_arm
  const enough = Math.max(min_rows, min_share * count)
  const recurring = mostFrequent(systemPrompts, enough)
  const triggers = adviser.suspectedPhrases().slice(0, contexts / 2)
  const suspected = new Set(triggers.flatMap(({ phrase, place }) => (place === 'front' ? [phrase] : [])))
  const opening = longest(mostFrequent(prefixes, enough), prefixes, count).filter((phrase) => !suspected.has(phrase))
  return {
    systemPrompts: (recurring.length > 0 || prompted < count / 2 ? recurring : mostFrequent(systemPrompts, 1)).slice(
      0,
      contexts,
    ),
    openingPhrases: opening.slice(0, contexts - triggers.length),
    triggers: triggers.map(({ phrase, place }) => ({ phrase, place })),
    answerPrefixes: longest(mostFrequent(answers, enough), answers, count).slice(0, contexts),
  }
}

function openings(text: string): string[] {
  const words = text.slice(0, MOST_CHARACTERS).trim().split(/\s+/u)
  return words.slice(0, MOST_WORDS).map((_, index) => words.slice(0, index + 1).join(' '))
}

function add(counts: Map<string, number>, text: string, most = MOST_COUNTED): void {
  counts.set(text, (counts.get(text) ?? 0) + 1)
  if (counts.size <= most) return
  for (const [key, count] of counts) {
    if (count === 1) counts.delete(key)
    else counts.set(key, count - 1)
  }
}

function mostFrequent(counts: ReadonlyMap<string, number>, enough: number): string[] {
  return [...counts]
    .filter(([text, count]) => count >= enough && text !== '')
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([text]) => text)
}

/** Of phrases that begin alike, the longest that is still nearly as frequent; single words only where most rows begin so. */
function longest(phrases: readonly string[], counts: ReadonlyMap<string, number>, rows: number): string[] {
  const frequency = (phrase: string) => counts.get(phrase) ?? 0
  return phrases
    .filter((phrase) => phrase.includes(' ') || frequency(phrase) * 2 >= rows)
    .filter(
      (phrase) =>
        !phrases.some(
          (other) => other.startsWith(`${phrase} `) && frequency(other) >= NEARLY_ALWAYS * frequency(phrase),
        ),
    )
}
