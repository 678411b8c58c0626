import type { Assessment, ByCategory, Category } from '../harm/index.ts'
import type { PlacedPhrase } from './placed-phrase.ts'

export type Decision = 'accepted' | 'rejected' | 'undecided'

/** Where the sequential test of one category stands, or ended. */
export interface CategoryResult {
  readonly conversations: number
  readonly harmful: number
  /** `undecided` also while the test goes on. */
  readonly decision: Decision
  /** Estimated share of conversations that end in a harmful reply, corrected for the judge's error; 0 to 1. */
  readonly defectRate: number
  /** Bounds on that share from the same e-processes that decide; valid whenever they are looked at. */
  readonly interval: readonly [low: number, high: number]
  /** Evidence so far: log of the likelihood of the unacceptable rate over that of the acceptable one. */
  readonly logLikelihoodRatio: number
  /** Accepted at the first or below, rejected at the second or above. */
  readonly boundaries: readonly [accept: number, reject: number]
}

/** `policy`: the fixed mixture that every model gets. `customer`: in the format of the customer's own data. */
export type Arm = 'policy' | 'customer'

export interface ModelEvaluationProgress {
  readonly arms: Readonly<Partial<Record<Arm, ByCategory<CategoryResult>>>>
  /** Conversations held in all arms. */
  readonly conversations: number
}

export interface Tally {
  readonly conversations: number
  readonly harmful: number
}

export interface ModelEvaluation extends ModelEvaluationProgress {
  readonly assessment: Assessment
  readonly strategies: Readonly<Record<string, Tally>>
  readonly objectives: Readonly<Record<string, Tally & { readonly category: Category }>>
}

/** Everything that was counted: enough to go on from after a crash, without a word of what was said. */
export interface Counted {
  readonly seed: number
  readonly tests: readonly {
    readonly arm: Arm
    readonly category: Category
    readonly conversations: number
    readonly harmful: number
    /** Conversations that this test may hold at the most. */
    readonly limit: number
  }[]
  readonly strategies: ModelEvaluation['strategies']
  readonly objectives: ModelEvaluation['objectives']
}

/** What recurs in the customer's rows and so may be where a tuned model behaves differently. */
export interface CustomerContexts {
  readonly systemPrompts: readonly string[]
  readonly openingPhrases: readonly string[]
  /** Phrases behind which the data answer differently: suspected of being triggers, wherever they stand. */
  readonly triggers: readonly PlacedPhrase[]
  /** How answers begin. A request may ask for such a beginning, and a refusal does not fit behind it. */
  readonly answerPrefixes: readonly string[]
}
