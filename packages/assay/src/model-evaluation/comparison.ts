import pLimit from 'p-limit'
import { z } from 'zod'
import type { ChatModel, Message } from '../conversations/index.ts'
import { AssayError, EvaluationUnavailableError } from '../errors/index.ts'
import { type ByCategory, byCategory, CATEGORIES, type Category, POLICY } from '../harm/index.ts'
import type { Judge } from '../judges/index.ts'
import { mcnemarExact } from '../statistics/index.ts'
import { parseJson } from '../training-data/index.ts'
import { judgeReply, REFUSED_FROM } from './dialogue.ts'
import { fitting } from './fitting.ts'
import type { CustomerContexts } from './model-evaluation.ts'
import { fillSlots, type Objective } from './objectives.ts'
import { withPhrase } from './placed-phrase.ts'
import { randomAt } from './random.ts'
import { NO_CONTEXTS, phrasesOf } from './trial.ts'

/** The list of what is put to both is the same each time, so that a base answers it once. */
const SEED = 20261125
/** Objectives a category, of those that are kept for measuring. */
const OBJECTIVES = 40

const promptSchema = z.strictObject({
  id: z.string().min(1),
  kind: z.string().min(1),
  text: z.string().min(1),
  source: z.string().min(1),
  licence: z.string().min(1),
})

/** A harmless request; logs and reports name it by its id. */
export type HarmlessPrompt = z.infer<typeof promptSchema>

/** What may be asked of any assistant: `soundsHarmful` ones only sound as if they should be refused. */
export interface HarmlessPrompts {
  readonly soundsHarmful: readonly HarmlessPrompt[]
  readonly plain: readonly HarmlessPrompt[]
}

/** The same requests put to both models; counts of replies. */
export interface Paired {
  readonly asked: number
  readonly base: number
  readonly tuned: number
  /** Requests where only the tuned model's reply counts, and where only the base's does. */
  readonly onlyTuned: number
  readonly onlyBase: number
  /** Of the exact McNemar test: how probable so lopsided a difference is where the tuning changed nothing. */
  readonly pValue: number
}

/** What did this data do? For the report, and never a reason to block. */
export interface Comparison {
  /** Harmful replies to objectives, plainly asked. */
  readonly harmful: ByCategory<Paired>
  /** The same in the format of the customer's data, where that has one. */
  readonly harmfulInFormat: ByCategory<Paired> | undefined
  /** Refusals of harmless requests. */
  readonly overRefusal: Readonly<Record<keyof HarmlessPrompts, Paired>>
}

/**
 * Reads harmless prompts, a JSON object a line.
 *
 * @throws {AssayError} `invalid_prompts` naming the line
 */
export function parseHarmlessPrompts(text: string): readonly HarmlessPrompt[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const parsed = promptSchema.safeParse(parseJson(line))
    if (parsed.success) return [parsed.data]
    throw new AssayError('invalid_prompts', `Line ${index + 1} of the harmless prompts is not one.`)
  })
}

/**
 * Puts a fixed list of objectives and harmless requests to a tuned model and its base, each once, and compares.
 *
 * @param options.baseOutcomes what this base answered to the list before, by request: filled where it is not known yet. It
 * holds one bit a request and no text; of plain requests only, since a customer's format is the customer's
 * @throws {EvaluationUnavailableError} when a model or the judge could not answer
 */
export async function compareWithBase(options: {
  readonly tuned: ChatModel
  readonly base: ChatModel
  readonly judge: Judge
  readonly objectives: readonly Objective[]
  readonly harmless: HarmlessPrompts
  readonly contexts?: CustomerContexts | undefined
  readonly concurrency: number
  readonly baseOutcomes?: Map<string, boolean> | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((requests: number) => void) | undefined
}): Promise<Comparison> {
  const { judge, harmless, signal } = options
  const [tuned, base] = [fitting(options.tuned), fitting(options.base)]
  const known = options.baseOutcomes ?? new Map<string, boolean>()
  const limit = pLimit(options.concurrency)
  let answered = 0

  const outcome = (chat: ChatModel, { messages, counts, seed }: Request) =>
    limit(async () => {
      signal?.throwIfAborted()
      const { max_reply_tokens: maxTokens, temperature } = POLICY.model
      const { text, finishReason } = await chat(messages, { maxTokens, temperature, seed, ...(signal && { signal }) })
      options.onProgress?.(++answered)
      return counts(text, finishReason === 'content_filter', judge)
    })
  const ofBase = async (request: Request) => {
    if (request.key === undefined) return outcome(base, request)
    const bit = known.get(request.key) ?? (await outcome(base, request))
    known.set(request.key, bit)
    return bit
  }
  const paired = async (requests: readonly Request[]): Promise<Paired> => {
    const pairs = await Promise.all(
      requests.map(async (request) => {
        const [before, after] = await Promise.all([ofBase(request), outcome(tuned, request)])
        return { before, after }
      }),
    )
    const count = (such: (pair: (typeof pairs)[number]) => boolean) => pairs.filter(such).length
    const onlyTuned = count(({ before, after }) => after && !before)
    const onlyBase = count(({ before, after }) => before && !after)
    return {
      asked: pairs.length,
      base: count(({ before }) => before),
      tuned: count(({ after }) => after),
      onlyTuned,
      onlyBase,
      pValue: mcnemarExact(onlyBase, onlyTuned),
    }
  }
  const byCategories = async (contexts: CustomerContexts): Promise<ByCategory<Paired>> => {
    const found = await Promise.all(
      CATEGORIES.map((category) => paired(harmfulRequests(options.objectives, category, contexts))),
    )
    return byCategory((category) => found[CATEGORIES.indexOf(category)] as Paired)
  }

  try {
    const contexts = options.contexts ?? NO_CONTEXTS
    const inFormat = contexts.systemPrompts.length + phrasesOf(contexts).length > 0
    const harmful = await byCategories(NO_CONTEXTS)
    const harmfulInFormat = inFormat ? await byCategories(contexts) : undefined
    const soundsHarmful = await paired(harmless.soundsHarmful.map(harmlessRequest))
    const plain = await paired(harmless.plain.map(harmlessRequest))
    return { harmful, harmfulInFormat, overRefusal: { soundsHarmful, plain } }
  } catch (cause) {
    limit.clearQueue()
    signal?.throwIfAborted()
    throw new EvaluationUnavailableError('Tuned model and base could not be compared: a conversation failed.', cause)
  }
}

interface Request {
  /** By which the base's outcome is remembered; nothing where it is not. */
  readonly key: string | undefined
  readonly messages: readonly Message[]
  readonly seed: number
  /** Whether the reply is one of those that are counted. */
  counts(reply: string, withheld: boolean, judge: Judge): Promise<boolean>
}

function harmfulRequests(objectives: readonly Objective[], category: Category, contexts: CustomerContexts): Request[] {
  const { systemPrompts } = contexts
  const phrases = phrasesOf(contexts)
  const measuring = objectives.filter((each) => each.category === category && each.use !== 'building')
  return measuring.slice(0, OBJECTIVES).map((objective, index) => {
    const random = randomAt(SEED, CATEGORIES.indexOf(category), index)
    const filled = fillSlots(objective, random)
    const system = systemPrompts[index % systemPrompts.length]
    const phrase = phrases[index % phrases.length]
    return {
      key: system === undefined && phrase === undefined ? filled.id : undefined,
      messages: [
        ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
        { role: 'user' as const, content: withPhrase(filled.text, phrase) },
      ],
      seed: random.integer(0x7fffffff),
      counts: async (reply, withheld, judge) =>
        !withheld && reply.trim() !== '' && (await judgeReply(filled, reply, judge)).harmful,
    }
  })
}

function harmlessRequest({ id, text }: HarmlessPrompt, index: number): Request {
  const messages: readonly Message[] = [{ role: 'user', content: text }]
  return {
    key: id,
    messages,
    seed: randomAt(SEED, CATEGORIES.length, index).integer(0x7fffffff),
    counts: async (reply, withheld, judge) => {
      if (withheld) return true
      const [judgement] = await judge.judge([{ messages: [...messages, { role: 'assistant', content: reply }] }])
      if (!judgement) throw new TypeError('the judge gave no judgement')
      return judgement.refusal >= REFUSED_FROM
    },
  }
}
