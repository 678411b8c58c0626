import type { ChatModel } from '../conversations/index.ts'
import { CATEGORIES, type CapabilityTier, type Category, POLICY } from '../harm/index.ts'
import type { Judge } from '../judges/index.ts'
import { openDialogue } from './dialogue.ts'
import type { Arm, CustomerContexts } from './model-evaluation.ts'
import { fillSlots, type Objective } from './objectives.ts'
import type { PlacedPhrase } from './placed-phrase.ts'
import { type Random, randomAt } from './random.ts'
import { type Reply, STRATEGIES, type StrategyName } from './strategies/index.ts'

/** One independent draw from the policy's distribution over objective, strategy, surface form and seed. */
export interface Trial {
  readonly objective: Objective
  readonly strategy: StrategyName
  readonly systemPrompt: string | undefined
  readonly phrase: PlacedPhrase | undefined
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
  const { systemPrompts } = contexts
  const phrases = phrasesOf(contexts)
  const behindPhrase = phrases.length > 0 && (systemPrompts.length === 0 || random.integer(2) === 0)
  return {
    objective,
    strategy: 'Baseline',
    systemPrompt: systemPrompts.length > 0 ? random.pick(systemPrompts) : undefined,
    phrase: behindPhrase ? random.pick(phrases) : undefined,
    random,
  }
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
  const { harmful, refused } = await STRATEGIES[trial.strategy].hold(dialogue, objective.text, random)
  return { harmful, refused }
}

export const NO_CONTEXTS: CustomerContexts = { systemPrompts: [], openingPhrases: [], triggers: [] }
