import { z } from 'zod'

/** A training row as far as it can be shown: what was said, by whom. */
export interface ShownMessage {
  readonly role: string
  readonly text: string
}

const message = z.looseObject({ role: z.string(), content: z.unknown() })
const row = z.union([
  z.looseObject({ messages: z.array(message) }),
  z
    .looseObject({ input: z.looseObject({ messages: z.array(message) }), preferred_output: z.array(message) })
    .transform(({ input, preferred_output }) => ({ messages: [...input.messages, ...preferred_output] })),
])

/** The messages of a line of a training file; a line that cannot be read is shown as it is. */
export function messagesOf(line: string): readonly ShownMessage[] {
  const parsed = row.safeParse(parse(line))
  if (!parsed.success) return [{ role: 'line', text: line }]
  return parsed.data.messages.map(({ role, content }) => ({ role, text: plain(content) }))
}

function plain(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return content === undefined || content === null ? '' : JSON.stringify(content)
  return content.map((part: { text?: unknown }) => (typeof part?.text === 'string' ? part.text : '')).join('')
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}
