import { z } from 'zod'
import { Endpoint, ReplyInvalidError, RequestRefusedError } from '../endpoints/index.ts'
import type { ChatModel, ChatOptions, ChatReply } from './chat-model.ts'
import type { Message } from './message.ts'

/** An answer that cannot be read, or is empty, is asked for so many times, each time under another seed. */
const ATTEMPTS = 3

const replySchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
})

export interface ChatCompletionsOptions {
  /** Base address of an OpenAI-compatible API, `https://api.openai.com/v1`. */
  readonly baseUrl: string
  readonly model: string
  readonly apiKey?: string | undefined
  /** For one answer, in milliseconds. */
  readonly timeoutMs?: number | undefined
  readonly fetch?: typeof fetch | undefined
  /** What its errors call it. */
  readonly role?: 'model' | 'attacker' | undefined
}

/**
 * A model behind an OpenAI-compatible endpoint (`POST chat/completions`, OpenAI's API reference). What the endpoint's own
 * filter withholds comes back as `content_filter`; a refusal in its own field is text like any other.
 *
 * @throws {AssayError} of the chat model: `model_unavailable`, `model_refused_request`, `model_reply_invalid`, or
 * the same of the role `attacker`
 */
export function chatCompletionsModel(options: ChatCompletionsOptions): ChatModel {
  const { model } = options
  const endpoint = new Endpoint({
    role: options.role ?? 'model',
    name: model,
    url: options.baseUrl,
    headers: options.apiKey === undefined ? {} : { Authorization: `Bearer ${options.apiKey}` },
    timeoutMs: options.timeoutMs,
    fetch: options.fetch,
  })
  // Models of OpenAI since o1 take it under the second name only.
  let limit: 'max_tokens' | 'max_completion_tokens' = 'max_tokens'

  const ask = async (messages: readonly Message[], { maxTokens, temperature, seed, signal }: ChatOptions) => {
    const body = { model, messages, temperature, seed, [limit]: maxTokens }
    try {
      return readReply(
        model,
        await endpoint.post('chat/completions', body, replySchema, signal ?? new AbortController().signal),
      )
    } catch (error) {
      // Azure withholds a request that its filter does not pass with a 400.
      if (error instanceof RequestRefusedError && error.reason.code === 'content_filter') return WITHHELD
      throw error
    }
  }

  return async (messages, asked) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask(messages, { ...asked, seed: (asked.seed + attempt - 1) % 2 ** 31 })
      } catch (error) {
        if (limit === 'max_tokens' && wantsOtherName(error)) {
          limit = 'max_completion_tokens'
          continue
        }
        if (!(error instanceof ReplyInvalidError) || attempt >= ATTEMPTS) throw error
      }
    }
  }
}

const WITHHELD: ChatReply = { text: '', finishReason: 'content_filter' }

function readReply(model: string, { choices: [choice] }: z.infer<typeof replySchema>): ChatReply {
  const text = choice?.message.content || choice?.message.refusal || ''
  const finish = choice?.finish_reason
  if (finish === 'content_filter') return { text, finishReason: 'content_filter' }
  // Taken for a reply, silence would count as a refusal, and an endpoint that says nothing would pass.
  if (text.trim() === '') throw new ReplyInvalidError('model', model, 'it is empty')
  return { text, finishReason: finish === 'length' ? 'length' : 'stop' }
}

function wantsOtherName(error: unknown): boolean {
  return (
    error instanceof RequestRefusedError &&
    error.reason.code === 'unsupported_parameter' &&
    error.reason.param === 'max_tokens'
  )
}
