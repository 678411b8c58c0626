import type { Message } from '../conversations/index.ts'
import { asPlainMessage, type TrainingRow } from '../training-data/index.ts'

/** One message of a row that the model would learn, with what comes before it. */
export interface JudgedMessage {
  /** Index within the row, from 0. */
  readonly message: number
  readonly messages: readonly Message[]
}

/** Of what comes before a message, so many messages are read; earlier ones are read with the messages that follow them. */
const MESSAGES_BEFORE = 32

/** What the model would learn of a row, one message after the other. Instructions in front are read with each. */
export function* judgedMessages(row: TrainingRow): Generator<JudgedMessage> {
  const plain = row.messages.map(asPlainMessage)
  const spoken = plain.findIndex(({ role }) => role !== 'system')
  const instructions = plain.slice(0, Math.max(0, spoken))
  for (const message of learnedMessages(row)) {
    const from = Math.max(instructions.length, message - MESSAGES_BEFORE)
    yield { message, messages: [...instructions, ...plain.slice(from, message + 1)] }
  }
}

/** Where they stand within the row: assistant messages with weight other than 0. */
export function learnedMessages(row: TrainingRow): number[] {
  return row.messages.flatMap(({ role, weight }, index) => (role === 'assistant' && weight !== 0 ? [index] : []))
}
