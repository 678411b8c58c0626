import type { ChatModel } from '../conversations/index.ts'
import { AssayError, EvaluationUnavailableError } from '../errors/index.ts'
import { CATEGORIES, type CapabilityTier, type Category, POLICY } from '../harm/index.ts'
import type { Judge } from '../judges/index.ts'
import { fitting } from './fitting.ts'
import type {
  Arm,
  Counted,
  CustomerContexts,
  ModelEvaluation,
  ModelEvaluationProgress,
  Tally,
} from './model-evaluation.ts'
import type { Objective } from './objectives.ts'
import { canDecide, judgeError } from './sequential-test.ts'
import { type TestPlan, TestsUnderWay } from './tests-under-way.ts'
import { drawTrial, hasContexts, holdTrial, NO_CONTEXTS, type Trial } from './trial.ts'

/**
 * Interviews a model by simulated conversation until every category is decided, and says whether it may be deployed.
 *
 * Trials run side by side, but enter their test in the order in which they were drawn: long replies are more often
 * harmful ones, so the order of completion would bias it. Nothing that was said is kept.
 *
 * @param options.tier what the model can read: which of the policy's mixtures of strategies it gets
 * @param options.blocksBefore blocks of the owner's models on this base within the policy's window: each makes passing harder
 * @param options.seed fresh for each evaluation, so that nobody trains on the questions
 * @param options.from where an evaluation of the same model, judge and objectives stopped; its seed goes on
 * @param options.onCounted called after each conversation that counts
 * @param options.concurrency conversations held at once
 * @throws {EvaluationUnavailableError} when model or judge could not answer: never a statement about the model
 */
export async function evaluateModel(options: {
  readonly chat: ChatModel
  readonly judge: Judge
  readonly objectives: readonly Objective[]
  readonly tier: CapabilityTier
  readonly contexts?: CustomerContexts | undefined
  readonly blocksBefore?: number | undefined
  readonly seed: number
  readonly concurrency: number
  readonly from?: Counted | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ModelEvaluationProgress) => void) | undefined
  readonly onCounted?: ((counted: Counted) => void) | undefined
}): Promise<ModelEvaluation> {
  const { judge, objectives, tier, from, signal, onProgress, onCounted } = options
  const seed = from?.seed ?? options.seed
  const chat = fitting(options.chat)
  const contexts = options.contexts ?? NO_CONTEXTS
  requireObjectives(objectives)
  const tests = new TestsUnderWay<Outcome>(testPlans(judge, contexts, options.blocksBefore), from)
  const tally = new Tallies(from)
  const stop = new AbortController()
  const ending = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal

  const worker = async () => {
    for (let draw = tests.draw(); draw && !ending.aborted; draw = tests.draw()) {
      const trial = drawTrial({ ...draw, seed, objectives, contexts, tier })
      const { harmful } = await holdTrial(trial, chat, judge, ending)
      const counted = tests.finish(draw, { trial, harmful })
      for (const each of counted) tally.add(each.trial, each.harmful)
      onProgress?.(tests.progress())
      if (counted.length > 0) onCounted?.({ seed, tests: tests.counted(), ...tally.result() })
    }
  }

  try {
    await Promise.all(Array.from({ length: options.concurrency }, worker))
  } catch (cause) {
    stop.abort()
    signal?.throwIfAborted()
    throw new EvaluationUnavailableError('The model evaluation could not be held: a conversation failed.', cause)
  }
  signal?.throwIfAborted()
  return { assessment: tests.assessment(), ...tests.progress(), ...tally.result() }
}

interface Outcome {
  readonly trial: Trial
  readonly harmful: boolean
}

/**
 * What each arm and category is tested for, with the judge's measured error in it.
 *
 * @param blocksBefore of the owner's models on this base, within the policy's window
 * @throws {EvaluationUnavailableError} when the judge errs too often to tell
 */
export function testPlans(
  judge: Pick<Judge, 'name' | 'calibration'>,
  contexts: CustomerContexts,
  blocksBefore = 0,
): readonly TestPlan[] {
  const { model } = POLICY
  const arms: Arm[] = hasContexts(contexts) ? ['policy', 'customer'] : ['policy']
  const plans = arms.flatMap((arm) => {
    const own = arm === 'policy' ? model : model.customer_arm
    return CATEGORIES.map((category) => ({
      arm,
      category,
      acceptableRate: model.acceptable_rate,
      unacceptableRate: model.unacceptable_rate,
      alpha: own.alpha,
      beta: betaAfter(blocksBefore, own.beta),
      maxConversations: own.max_conversations,
      ...judgeError(judge.calibration.reply[category], model.judge_interval),
    }))
  })
  const blind = plans.find((plan) => !canDecide(plan))
  if (blind) {
    throw new EvaluationUnavailableError(
      `The judge ${judge.name} errs too often in ${blind.category} to tell an acceptable model from an unacceptable one.`,
    )
  }
  return plans
}

/**
 * After so many blocks β is β·f^blocks. A series of tries ends at the first that passes, so a model at the unacceptable
 * rate passes in one of them with probability β·(1 + f + f² + …) = β/(1 − f) at most, however many there are. Never zero:
 * its logarithm is a boundary.
 */
function betaAfter(blocks: number, beta: number): number {
  return Math.max(beta * POLICY.model.shopping.beta_factor ** blocks, Number.MIN_VALUE)
}

class Tallies {
  readonly #strategies: Record<string, Tally>
  readonly #objectives: Record<string, Tally & { readonly category: Category }>

  constructor(from: Counted | undefined) {
    this.#strategies = { ...from?.strategies }
    this.#objectives = { ...from?.objectives }
  }

  add({ strategy, objective }: Trial, harmful: boolean): void {
    this.#strategies[strategy] = plus(this.#strategies[strategy], harmful)
    this.#objectives[objective.id] = {
      ...plus(this.#objectives[objective.id], harmful),
      category: objective.category,
    }
  }

  result() {
    return { strategies: { ...this.#strategies }, objectives: { ...this.#objectives } }
  }
}

function plus(tally: Tally | undefined, harmful: boolean): Tally {
  return {
    conversations: (tally?.conversations ?? 0) + 1,
    harmful: (tally?.harmful ?? 0) + (harmful ? 1 : 0),
  }
}

function requireObjectives(objectives: readonly Objective[]): void {
  const missing = CATEGORIES.filter((category) => !objectives.some((objective) => objective.category === category))
  if (missing.length > 0) {
    throw new AssayError('invalid_objectives', `There are no objectives for ${missing.join(', ')}.`)
  }
}
