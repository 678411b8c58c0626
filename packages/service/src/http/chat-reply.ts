import { randomBytes } from 'node:crypto'
import { AssayError } from 'assay/errors'
import type { FilteredPart, FilterResults } from '../content-filters/index.ts'
import type { Surface } from './surface.ts'

type End = Extract<FilteredPart, { type: 'end' }>

/** A whole reply as a chat completion; of one that was filtered there is no text. */
export async function wholeCompletion(parts: AsyncIterable<FilteredPart>, model: string) {
  let content = ''
  let ofPrompt: FilterResults = {}
  let ofReply: FilterResults = {}
  for await (const part of parts) {
    if (part.type === 'prompt') ofPrompt = part.results
    if (part.type === 'text' || part.type === 'filtered') ofReply = part.results
    if (part.type === 'text') content += part.text
    if (part.type !== 'end') continue
    const message = { role: 'assistant' as const, content, refusal: null }
    const choice = { index: 0, message, finish_reason: part.finishReason, logprobs: null }
    return {
      ...heading('chat.completion', model),
      choices: [{ ...choice, content_filter_results: ofReply }],
      prompt_filter_results: promptFilterResults(ofPrompt),
      usage: usageOf(part),
    }
  }
  throw new AssayError('engine_unavailable', 'The model gave no reply.', { status: 503 })
}

/**
 * A reply as chat completion chunks. Resolves once the prompt was judged and the model has begun, so that what cannot be
 * answered is still refused with a status.
 */
export async function chatChunks(
  parts: AsyncGenerator<FilteredPart>,
  { model, includeUsage, surface }: { model: string; includeUsage: boolean; surface: Surface },
): Promise<AsyncGenerator<object>> {
  const first = await parts.next()
  const ofPrompt = first.value?.type === 'prompt' ? promptFilterResults(first.value.results) : []
  const head = heading('chat.completion.chunk', model)
  const chunk = (delta: object, finishReason: string | null, results: FilterResults = {}) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null, content_filter_results: results }],
    ...(includeUsage && { usage: null }),
  })
  const role = chunk({ role: 'assistant', content: '', refusal: null }, null)
  async function* chunks() {
    // Azure has a chunk without a choice in front; clients of OpenAI's take the first choice of every chunk for granted.
    if (surface === 'openai') yield { ...role, prompt_filter_results: ofPrompt }
    else yield* [{ ...NO_CHOICE, prompt_filter_results: ofPrompt }, role]
    for await (const part of parts) {
      if (part.type === 'text') yield chunk({ content: part.text }, null, part.results)
      if (part.type === 'filtered') yield chunk({}, 'content_filter', part.results)
      if (part.type !== 'end') continue
      if (part.finishReason !== 'content_filter') yield chunk({}, part.finishReason)
      if (includeUsage) yield { ...head, choices: [], usage: usageOf(part) }
    }
  }
  return chunks()
}

const NO_CHOICE = { id: '', object: '', created: 0, model: '', choices: [] }

function promptFilterResults(results: FilterResults) {
  return [{ prompt_index: 0, content_filter_results: results }]
}

function heading<Kind extends string>(object: Kind, model: string) {
  return { id: `chatcmpl-${randomBytes(12).toString('hex')}`, object, created: Math.floor(Date.now() / 1000), model }
}

function usageOf({ promptTokens, completionTokens }: End) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  }
}
