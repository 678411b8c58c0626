import { z } from 'zod'
import { ask } from './call.ts'
import { streamedValues } from './event-stream.ts'
import { readStream } from './read-stream.ts'

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

const filtered = z.object({ filtered: z.boolean(), severity: z.string() })
const chunk = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ content: z.string().nullish() }),
      finish_reason: z.string().nullish(),
      content_filter_results: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
  prompt_filter_results: z.array(z.object({ content_filter_results: z.record(z.string(), z.unknown()) })).nullish(),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
})
const failure = z.object({ error: z.object({ message: z.string() }) })

export type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  /** `found`: what the content filter found beyond `safe`, by category. */
  | { readonly type: 'annotated'; readonly of: 'prompt' | 'reply'; readonly found: readonly string[] }
  | { readonly type: 'end'; readonly reason: string }
  | { readonly type: 'usage'; readonly prompt: number; readonly completion: number }

/** The connection dropped amid a reply; what the browser says of that differs from browser to browser. */
export class BrokenOffError extends Error {
  override readonly name = 'BrokenOffError'
  constructor() {
    super('The connection to the service was lost before the answer was complete. Send your message again.')
  }
}

/**
 * A reply, part by part, as the model writes it.
 * @throws {BrokenOffError}
 */
export async function* streamReply(
  request: { model: string; messages: readonly ChatMessage[]; temperature: number; max_tokens: number },
  signal: AbortSignal,
): AsyncGenerator<ChatPart> {
  const json = { ...request, stream: true, stream_options: { include_usage: true } }
  const reply = await ask('/v1/chat/completions', { method: 'POST', json, signal })
  if (!reply.body) return
  for await (const value of unbroken(streamedValues(readStream(reply.body)), signal)) {
    const failed = failure.safeParse(value)
    if (failed.success) throw new Error(failed.data.error.message)
    const { choices, usage, prompt_filter_results } = chunk.parse(value)
    for (const { content_filter_results } of prompt_filter_results ?? [])
      yield { type: 'annotated', of: 'prompt', found: foundIn(content_filter_results) }
    const [choice] = choices
    if (choice?.delta.content) yield { type: 'text', text: choice.delta.content }
    const results = choice?.content_filter_results ?? {}
    if (Object.keys(results).length > 0) yield { type: 'annotated', of: 'reply', found: foundIn(results) }
    if (choice?.finish_reason) yield { type: 'end', reason: choice.finish_reason }
    if (usage) yield { type: 'usage', prompt: usage.prompt_tokens, completion: usage.completion_tokens }
  }
}

async function* unbroken(values: AsyncGenerator<unknown>, signal: AbortSignal): AsyncGenerator<unknown> {
  try {
    yield* values
  } catch (error) {
    throw signal.aborted ? error : new BrokenOffError()
  }
}

function foundIn(results: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(results).flatMap(([category, result]) => {
    const { data } = filtered.safeParse(result)
    return data && (data.filtered || data.severity !== 'safe') ? [`${category.replace('_', ' ')} ${data.severity}`] : []
  })
}
