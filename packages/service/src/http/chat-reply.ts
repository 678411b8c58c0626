import { randomBytes } from 'node:crypto'
import { AssayError } from 'assay/errors'
import type { EngineReply, StreamPart } from '../engines/index.ts'

/** A whole reply as a chat completion. */
export async function wholeCompletion(parts: AsyncIterable<StreamPart>, model: string) {
  for await (const part of parts) {
    if (part.type !== 'end') continue
    const message = { role: 'assistant' as const, content: part.text, refusal: null }
    return {
      ...heading('chat.completion', model),
      choices: [{ index: 0, message, finish_reason: part.finishReason, logprobs: null }],
      usage: usageOf(part),
    }
  }
  throw new AssayError('engine_unavailable', 'The model gave no reply.', { status: 503 })
}

/**
 * A reply as chat completion chunks. Resolves once the first part is there, so that what cannot be answered is still
 * refused with a status.
 */
export async function chatChunks(
  parts: AsyncGenerator<StreamPart>,
  model: string,
  includeUsage: boolean,
): Promise<AsyncGenerator<object>> {
  const first = await parts.next()
  const head = heading('chat.completion.chunk', model)
  const chunk = (delta: object, finishReason: string | null) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }],
    ...(includeUsage && { usage: null }),
  })
  async function* chunks() {
    yield chunk({ role: 'assistant', content: '', refusal: null }, null)
    for (let next = first; !next.done; next = await parts.next()) {
      const part = next.value
      if (part.type === 'text') {
        yield chunk({ content: part.text }, null)
        continue
      }
      yield chunk({}, part.finishReason)
      if (includeUsage) yield { ...head, choices: [], usage: usageOf(part) }
    }
  }
  return chunks()
}

function heading<Kind extends string>(object: Kind, model: string) {
  return { id: `chatcmpl-${randomBytes(12).toString('hex')}`, object, created: Math.floor(Date.now() / 1000), model }
}

function usageOf({ promptTokens, completionTokens }: EngineReply) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  }
}
