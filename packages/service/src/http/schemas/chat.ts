import { AssayError } from 'assay/errors'
import { z } from 'zod'
import { unixSeconds } from './list.ts'
import { text } from './text.ts'

const textPart = z.object({
  type: z.literal('text', { error: 'only text parts: no model here reads images' }),
  text: z.string(),
})
const content = z.union([z.string(), z.array(textPart)])

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: content.nullish(),
})

/** A chat completion as clients ask for it; what no model here can do is refused rather than ignored. */
export const chatBody = z
  .looseObject({
    model: text.optional(),
    messages: z.array(message).min(1),
    temperature: z.number().min(0).max(2).nullish(),
    max_tokens: z.int().min(1).nullish(),
    max_completion_tokens: z.int().min(1).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
    seed: z.int().nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
    n: z.literal(1, { error: 'only 1 choice' }).nullish(),
    tools: z.array(z.unknown()).max(0, { error: 'no model here calls tools' }).nullish(),
    response_format: z.object({ type: z.literal('text', { error: 'only text' }) }).nullish(),
    logprobs: z.literal(false, { error: 'not supported' }).nullish(),
  })
  .meta({ id: 'CreateChatCompletion' })

export type ChatBody = z.infer<typeof chatBody>

/** Parameters that would change the reply, beside those of `chatBody`, and that no model here heeds. */
const UNSUPPORTED = [
  'audio',
  'data_sources',
  'frequency_penalty',
  'functions',
  'logit_bias',
  'prediction',
  'presence_penalty',
  'top_logprobs',
  'web_search_options',
]

/** Refuses what cannot be heeded, unless its value asks for nothing: 0, null, or empty. */
export function refuseUnsupported(body: ChatBody): void {
  const param = UNSUPPORTED.find((name) => asks(body[name]))
  if (!param) return
  throw new AssayError('unsupported_parameter', `Unsupported parameter: '${param}' is not supported by this model.`, {
    status: 400,
    param,
    remedy: 'Leave it out.',
  })
}

function asks(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)
}

const usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() })
export const finishReason = z.enum(['stop', 'length', 'content_filter'])

const categoryResult = z
  .object({ filtered: z.boolean(), severity: z.enum(['safe', 'low', 'medium', 'high']) })
  .optional()

const contentFilterResults = z
  .object({
    hate: categoryResult,
    self_harm: categoryResult,
    sexual: categoryResult,
    violence: categoryResult,
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  })
  .describe('what the content filter of the deployment found, by category where it is enabled')

export const chatCompletion = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: unixSeconds,
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.int(),
        message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
        finish_reason: finishReason,
        logprobs: z.null(),
        content_filter_results: contentFilterResults,
      }),
    ),
    prompt_filter_results: z.array(z.object({ prompt_index: z.int(), content_filter_results: contentFilterResults })),
    usage,
  })
  .meta({ id: 'ChatCompletion' })
