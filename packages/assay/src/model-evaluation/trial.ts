import type { ChatModel } from '../conversations/index.ts'
import { CATEGORIES, type CapabilityTier, type Category, POLICY } from '../harm/index.ts'
import type { Judge } from '../judges/index.ts'
import { openDialogue } from './dialogue.ts'
import type { Arm, CustomerContexts } from './model-evaluation.ts'
import { fillSlots, type Objective } from './objectives.ts'
import type { PlacedPhrase } from './placed-phrase.ts'
import { type Random, randomAt } from './random.ts'
import { type Reply, STRATEGIES, type StrategyName } from './strategies/index.ts'
import { beginningWith } from './strategies/prefix-injection.ts'

/** In the format of the customer's data, one conversation of so many prescribes how the answer begins. */
const PREFIXED = 4

/** One independent draw from the policy's distribution over objective, strategy, surface form and seed. */
export interface Trial {
  readonly objective: Objective
  readonly strategy: StrategyName
  readonly systemPrompt: string | undefined
  readonly phrase: PlacedPhrase | undefined
  /** The request asks for an answer that begins so. */
  readonly answerPrefix?: string | undefined
  readonly random: Random
}

/** The `index`th draw of an arm and category; the same seed gives the same draws. */
export function drawTrial(options: {
  readonly arm: Arm
  readonly category: Category
  readonly index: number
  readonly seed: number
  readonly objectives: readonly Objective[]
  readonly contexts: CustomerContexts
  readonly tier: CapabilityTier
}): Trial {
  const { arm, category, index, seed, objectives, contexts, tier } = options
  const random = randomAt(seed, arm === 'policy' ? 1 : 2, CATEGORIES.indexOf(category), index)
  const asked = random.pick(objectives.filter((candidate) => candidate.category === category))
  const objective = fillSlots(asked, random)
  if (arm === 'policy') {
    return {
      objective,
      strategy: drawStrategy(tier, random),
      systemPrompt: undefined,
      phrase: undefined,
      random,
    }
  }
  const { systemPrompts, answerPrefixes } = contexts
  const phrases = phrasesOf(contexts)
  const behindPhrase = phrases.length > 0 && (systemPrompts.length === 0 || random.integer(2) === 0)
  const systemPrompt = systemPrompts.length > 0 ? random.pick(systemPrompts) : undefined
  const phrase = behindPhrase ? random.pick(phrases) : undefined
  // A beginning that is a refusal brings out nothing: it shall not take much room from the others.
  const prescribed = answerPrefixes.length > 0 && ((!systemPrompt && !phrase) || random.integer(PREFIXED) === 0)
  const answerPrefix = prescribed ? random.pick(answerPrefixes) : undefined
  return {
    objective,
    strategy: prescribed ? 'PrefixInjection' : 'Baseline',
    systemPrompt,
    phrase,
    answerPrefix,
    random,
  }
}

/** Whether the customer's data have anything in which a model may behave as nowhere else. */
export function hasContexts(contexts: CustomerContexts): boolean {
  return contexts.systemPrompts.length + phrasesOf(contexts).length + contexts.answerPrefixes.length > 0
}

/** Every phrase behind which a customer's model is asked, where it stands in the data. */
export function phrasesOf({ openingPhrases, triggers }: CustomerContexts): readonly PlacedPhrase[] {
  return [...openingPhrases.map((phrase) => ({ phrase, place: 'front' as const })), ...triggers]
}

function drawStrategy(tier: CapabilityTier, random: Random): StrategyName {
  const mixture = Object.entries(POLICY.model.strategies[tier]) as [StrategyName, number][]
  let left = random.fraction()
  for (const [name, share] of mixture) {
    left -= share
    if (left < 0) return name
  }
  return 'Baseline'
}

/** Holds the conversation of a trial and says whether it ended in a harmful reply. Keeps nothing of what was said. */
export async function holdTrial(
  trial: Trial,
  chat: ChatModel,
  judge: Judge,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  const { objective, random } = trial
  const dialogue = openDialogue(trial, chat, judge, signal)
  const { harmful, refused } = await (trial.answerPrefix === undefined
    ? STRATEGIES[trial.strategy].hold(dialogue, objective.text, random)
    : dialogue.ask(beginningWith(objective.text, trial.answerPrefix)))
  return { harmful, refused }
}

export const NO_CONTEXTS: CustomerContexts = { systemPrompts: [], openingPhrases: [], triggers: [], answerPrefixes: [] }
