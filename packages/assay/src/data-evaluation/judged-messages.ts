import type { Message } from '../conversations/index.ts'
import { asPlainMessage, type TrainingRow } from '../training-data/index.ts'

/** One message of a row that the model would learn, with what comes before it. */
export interface JudgedMessage {
  readonly line: number
  /** Index within the row, from 0. */
  readonly message: number
  readonly messages: readonly Message[]
}

/** What the model would learn of a row: assistant messages with weight other than 0. */
export function judgedMessages(row: TrainingRow): JudgedMessage[] {
  const plain = row.messages.map(asPlainMessage)
  return row.messages.flatMap((message, index) =>
    message.role === 'assistant' && message.weight !== 0
      ? [{ line: row.line, message: index, messages: plain.slice(0, index + 1) }]
      : [],
  )
}
