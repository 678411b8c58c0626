import { z } from 'zod'
import { unixSeconds } from './list.ts'

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
    model: z.string().optional(),
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

const usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() })
export const finishReason = z.enum(['stop', 'length', 'content_filter'])

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
      }),
    ),
    usage,
  })
  .meta({ id: 'ChatCompletion' })
