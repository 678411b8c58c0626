import type { Message } from '../conversations/index.ts'

export interface ToolCall {
  readonly id?: string | undefined
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

/** One message of a training row, as OpenAI's chat format has it. `weight` 0: read, but not learned. */
export interface TrainingMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function'
  readonly content: string
  readonly weight?: 0 | 1 | undefined
  readonly name?: string | undefined
  readonly tool_calls?: readonly ToolCall[] | undefined
  readonly tool_call_id?: string | undefined
}

/** What a training file holds: conversations to imitate, or pairs of outputs of which one is preferred. */
export type TrainingFormat = 'supervised' | 'preference'

/** One example of a training file. */
export interface TrainingRow {
  /** Line in the file, from 1. */
  readonly line: number
  /** What is taught, with what comes before it. Of a preference pair: its input, where nothing is learned, and the preferred output. */
  readonly messages: readonly TrainingMessage[]
  readonly tools?: readonly unknown[] | undefined
  /** Preference pairs only: the output that training moves away from, in place of the last message. */
  readonly nonPreferred?: TrainingMessage | undefined
}

export function formatOf(row: Pick<TrainingRow, 'nonPreferred'>): TrainingFormat {
  return row.nonPreferred ? 'preference' : 'supervised'
}

/** One fault of one line, for the person who has to mend it. Never holds the text of the row. */
export interface Fault {
  /** Line in the file, from 1; 0 where the file as a whole is at fault. */
  readonly line: number
  /** JSON path within the line, `messages[2].role`; empty where the line as a whole is at fault. */
  readonly path: string
  /** Stable, machine-readable. */
  readonly code: string
  readonly reason: string
}

/** What the model reads of a message: tool calls as the text the model would have to produce. */
export function asPlainMessage(message: TrainingMessage): Message {
  const role = message.role === 'developer' ? 'system' : message.role === 'function' ? 'tool' : message.role
  const calls = message.tool_calls?.map((call) => `${call.function.name}(${call.function.arguments})`).join('\n')
  return { role, content: calls ? [message.content, calls].filter(Boolean).join('\n') : message.content }
}
