import { z } from 'zod'
import { Endpoint, ReplyInvalidError } from '../../endpoints/index.ts'
import { digestOf } from '../digest-of.ts'
import { type Exchange, exchangeOf } from '../exchange.ts'
import type { Judgement, Reader } from '../judge.ts'
import { judgeEach } from '../judge-each.ts'
import { judgementOf, NOTHING_SAID } from '../judgement-of.ts'
import { isReadable } from '../language.ts'
import { partsOf } from '../parts-of.ts'
import { worstOf } from '../worst-of.ts'
import { GRANITE_GUARDIAN_3_3, GRANITE_GUARDIAN_4_1 } from './granite-guardian.ts'
import { type Answer, type GuardModel, type Question, type Reading, UnreadableAnswer } from './guard-model.ts'
import { LLAMA_GUARD_3, LLAMA_GUARD_4 } from './llama-guard.ts'
import { QWEN3_GUARD } from './qwen3-guard.ts'
import { SHIELD_GEMMA } from './shield-gemma.ts'

export const GUARD_MODELS = {
  'llama-guard-3': LLAMA_GUARD_3,
  'llama-guard-4': LLAMA_GUARD_4,
  'qwen3-guard': QWEN3_GUARD,
  'shield-gemma': SHIELD_GEMMA,
  'granite-guardian-3.3': GRANITE_GUARDIAN_3_3,
  'granite-guardian-4.1': GRANITE_GUARDIAN_4_1,
} as const satisfies Readonly<Record<string, GuardModel>>

export type GuardModelName = keyof typeof GUARD_MODELS

/** With its request and prompt a part fits the 8,192 tokens that the smallest of these models are served with. */
const MOST_CHARACTERS = 4000
/** Of few possible answers the likeliest are enough. */
const TOP_LOGPROBS = 5

const alternative = z.object({ token: z.string(), logprob: z.number() })
/** Chat completion (OpenAI's API reference); `logprobs` is null or missing where an endpoint does not have it. */
const replySchema = z
  .object({
    choices: z
      .array(
        z.object({
          message: z.object({ content: z.string() }),
          logprobs: z
            .object({
              content: z.array(alternative.extend({ top_logprobs: z.array(alternative).nullish() })).nullish(),
            })
            .nullish(),
        }),
      )
      .min(1),
  })
  .transform(({ choices }): Answer => {
    const [choice] = choices
    const tokens = choice?.logprobs?.content ?? []
    return {
      text: choice?.message.content ?? '',
      tokens: tokens.map((token) => ({ ...token, top_logprobs: token.top_logprobs ?? [] })),
    }
  })

export interface GuardModelOptions {
  readonly judge: GuardModelName
  /** Base address of an OpenAI-compatible server that applies the model's chat template, `http://127.0.0.1:8000/v1`. */
  readonly endpoint: string
  /** The name under which the server has the model. */
  readonly model: string
  readonly apiKey?: string | undefined
  readonly fetch?: typeof fetch | undefined
}

/** A guard model behind any OpenAI-compatible endpoint. It reads a reply with its request; of a long one the worst part counts. */
export function guardModelReader(options: GuardModelOptions): Reader {
  const guard: GuardModel = GUARD_MODELS[options.judge]
  const endpoint = new Endpoint({
    role: 'judge',
    name: guard.name,
    url: options.endpoint,
    headers: options.apiKey === undefined ? {} : { Authorization: `Bearer ${options.apiKey}` },
    fetch: options.fetch,
  })

  const ask = ({ messages, templateArguments }: Question, signal: AbortSignal): Promise<Answer> => {
    const body = {
      model: options.model,
      messages,
      temperature: 0,
      max_tokens: guard.maxTokens,
      logprobs: true,
      top_logprobs: TOP_LOGPROBS,
      ...(templateArguments ? { chat_template_kwargs: templateArguments } : {}),
    }
    return endpoint.post('chat/completions', body, replySchema, signal)
  }

  const reads = (text: string) => guard.languages === 'many' || isReadable(text)
  const judgePart = async (exchange: Exchange, signal: AbortSignal): Promise<Judgement> => {
    const answers = await Promise.all(guard.questions(exchange).map((question) => ask(question, signal)))
    const { probability, refusal } = reading(guard, answers, exchange)
    return judgementOf(probability, {
      refusal,
      judged: reads(exchange.text) && reads(exchange.request ?? ''),
    })
  }

  return {
    name: guard.name,
    digest: digestOf({ judge: guard.name, model: options.model }),
    isReadable: reads,
    judge: (inputs) =>
      judgeEach(inputs, async (input, signal) => {
        const { text, request } = exchangeOf(input)
        const parts = partsOf(text, MOST_CHARACTERS)
        if (parts.length === 0) return NOTHING_SAID
        return worstOf(await Promise.all(parts.map((part) => judgePart({ text: part, request }, signal))))
      }),
    close: async () => {},
  }
}

function reading(guard: GuardModel, answers: readonly Answer[], exchange: Exchange): Reading {
  try {
    return guard.read(answers, exchange)
  } catch (error) {
    if (error instanceof UnreadableAnswer) throw new ReplyInvalidError('judge', guard.name, error.message)
    throw error
  }
}
