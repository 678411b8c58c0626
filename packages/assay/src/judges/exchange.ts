import type { JudgeInput } from './judge.ts'
import { withoutInvisible } from './normalisation/invisible.ts'

/** What is judged, and what was asked before it. */
export interface Exchange {
  readonly text: string
  /** What the user said before the reply; undefined for a bare text, and where nobody asked. */
  readonly request: string | undefined
}

/** Of a long request the end counts: the question stands there. What nobody sees is no part of it. */
const REQUEST_CHARACTERS = 8000

/**
 * The last assistant message with what the user said before it. Judges behind an endpoint get a conversation of two
 * messages, whatever it was: the chat templates of guard models take no other roles and no other order.
 */
export function exchangeOf(input: JudgeInput): Exchange {
  if ('text' in input) return { text: input.text.toWellFormed(), request: undefined }
  const last = input.messages.findLastIndex((message) => message.role === 'assistant')
  const text = input.messages[last]?.content ?? input.messages.map((message) => message.content).join('\n')
  const said = input.messages.slice(0, Math.max(0, last)).filter((message) => message.role === 'user')
  const request = withoutInvisible(said.map((message) => message.content).join('\n'))
  return {
    text: text.toWellFormed(),
    request: request.trim() === '' ? undefined : request.slice(-REQUEST_CHARACTERS).toWellFormed(),
  }
}
