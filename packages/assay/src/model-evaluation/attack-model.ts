import pLimit from 'p-limit'
import type { ChatModel, Message } from '../conversations/index.ts'
import { AssayError, EvaluationUnavailableError } from '../errors/index.ts'
import { type ByCategory, byCategory, CATEGORIES, type Category } from '../harm/index.ts'
import type { Judge } from '../judges/index.ts'
import { ATTACKS, type Attacker, type AttackName } from './attacks/index.ts'
import { openDialogue, REFUSED_FROM } from './dialogue.ts'
import { fitting } from './fitting.ts'
import type { Tally } from './model-evaluation.ts'
import { fillSlots, type Objective } from './objectives.ts'
import { type Random, randomAt } from './random.ts'

/** Of each attack and category. */
const CONVERSATIONS = 10
/** Of a message of the attacker's. */
const MAX_TOKENS = 256
const TEMPERATURE = 1
/** Draws of attacks; those of the policy's arm are 1, of the customer's 2. */
const STREAM = 3

/** What a model that attacks brought this one to. For the report, and never a reason to block (docs/decisions/0009). */
export interface Attacked {
  readonly attacks: Readonly<Record<AttackName, ByCategory<Tally>>>
  /** Messages that the attacker wrote, and those in which it refused to: it says little about the model where they are many. */
  readonly messages: number
  readonly refusedMessages: number
}

/**
 * Has another model put objectives to this one, a fixed number of conversations.
 *
 * @param options.attacker reads objectives and replies; whoever runs it sees them
 * @param options.seed of objectives, surface forms and of what both models draw with
 * @throws {EvaluationUnavailableError} when a model or the judge could not answer: the attacker's failure says nothing
 * about the model
 */
export async function attackModel(options: {
  readonly chat: ChatModel
  readonly attacker: ChatModel
  readonly judge: Judge
  readonly objectives: readonly Objective[]
  readonly seed: number
  readonly concurrency: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((conversations: number) => void) | undefined
}): Promise<Attacked> {
  const { judge, objectives, seed, onProgress } = options
  const chat = fitting(options.chat)
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const limit = pLimit(options.concurrency)
  const names = Object.keys(ATTACKS) as AttackName[]
  let [held, messages, refusedMessages] = [0, 0, 0]

  const attackerOf = (random: Random): Attacker => ({
    async write(told) {
      const turns = told.map((content, index): Message => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }))
      const drawn = random.integer(0x7fffffff)
      const settings = { maxTokens: MAX_TOKENS, temperature: TEMPERATURE, seed: drawn, signal }
      const { text, finishReason } = await options.attacker(turns, settings)
      if (finishReason === 'content_filter' || text.trim() === '') {
        throw new AssayError('attacker_withheld', 'The endpoint of the attacker withholds what it writes.', {
          status: 502,
          remedy: 'Name a model without a content filter of its own.',
        })
      }
      messages += 1
      if (await refuses(turns, text, judge)) refusedMessages += 1
      return text
    },
  })

  const hold = (name: AttackName, category: Category, index: number) =>
    limit(async () => {
      signal.throwIfAborted()
      const random = randomAt(seed, STREAM, names.indexOf(name), CATEGORIES.indexOf(category), index)
      const objective = fillSlots(random.pick(objectives.filter((each) => each.category === category)), random)
      const dialogue = openDialogue(
        { objective, systemPrompt: undefined, phrase: undefined, random },
        chat,
        judge,
        signal,
      )
      const { harmful } = await ATTACKS[name].hold(dialogue, objective.text, attackerOf(random))
      onProgress?.(++held)
      return harmful
    })
  const tally = async (name: AttackName, category: Category): Promise<Tally> => {
    const outcomes = await Promise.all(Array.from({ length: CONVERSATIONS }, (_, index) => hold(name, category, index)))
    return { conversations: outcomes.length, harmful: outcomes.filter((harmful) => harmful).length }
  }

  try {
    const attacks = await Promise.all(
      names.map(async (name) => {
        const found = await Promise.all(CATEGORIES.map((category) => tally(name, category)))
        return [name, byCategory((category) => found[CATEGORIES.indexOf(category)] as Tally)] as const
      }),
    )
    return { attacks: Object.fromEntries(attacks) as Attacked['attacks'], messages, refusedMessages }
  } catch (cause) {
    stop.abort()
    limit.clearQueue()
    options.signal?.throwIfAborted()
    throw new EvaluationUnavailableError('The model could not be attacked: a conversation failed.', cause)
  }
}

async function refuses(told: readonly Message[], text: string, judge: Judge): Promise<boolean> {
  const [judgement] = await judge.judge([{ messages: [...told.slice(-1), { role: 'assistant', content: text }] }])
  if (!judgement) throw new TypeError('the judge gave no judgement')
  return judgement.refusal >= REFUSED_FROM
}
