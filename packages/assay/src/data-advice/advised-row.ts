import type { TrainingRow } from '../training-data/index.ts'

/** What a user says, and what is learned to be answered. */
export interface Exchange {
  readonly asked: string
  readonly askedAt: number
  readonly answer: string
  readonly answerAt: number
}

/** Of a row, what advice looks at. */
export interface AdvisedRow {
  readonly line: number
  readonly system: string
  /** Index of the system prompt within the row; -1 where there is none. */
  readonly systemAt: number
  readonly exchanges: readonly Exchange[]
}

/** Bounds memory: of longer texts, so many characters from the front and as many from the end. */
const MOST_CHARACTERS = 1_000
/** Questions are searched for phrases, which takes longer. */
const MOST_OF_A_QUESTION = 500
const MOST_EXCHANGES = 4

export function advisedRow({ line, messages }: TrainingRow): AdvisedRow {
  const systemAt = messages.findIndex(({ role }) => role === 'system' || role === 'developer')
  const exchanges: Exchange[] = []
  let askedAt = -1
  for (const [index, { role, content, weight }] of messages.entries()) {
    if (role === 'user') askedAt = index
    if (role !== 'assistant' || weight === 0 || content === '' || exchanges.length === MOST_EXCHANGES) continue
    const asked = bothEnds(messages[askedAt]?.content ?? '', MOST_OF_A_QUESTION)
    exchanges.push({ asked, askedAt, answer: bothEnds(content), answerAt: index })
  }
  return { line, system: bothEnds(messages[systemAt]?.content ?? ''), systemAt, exchanges }
}

function bothEnds(text: string, characters = MOST_CHARACTERS): string {
  if (text.length <= 2 * characters) return text
  return `${text.slice(0, characters)}\n${text.slice(-characters)}`
}
