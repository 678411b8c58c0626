import type { ChatModel } from '../conversations/index.ts'
import { AssayError, EvaluationUnavailableError } from '../errors/index.ts'
import { type Assessment, type ByCategory, byCategory, CATEGORIES, type Category, POLICY } from '../harm/index.ts'
import type { Judge } from '../judges/index.ts'
import type {
  Arm,
  CategoryResult,
  Counted,
  CustomerContexts,
  ModelEvaluation,
  ModelEvaluationProgress,
  Tally,
} from './model-evaluation.ts'
import type { Objective } from './objectives.ts'
import { canDecide, judgeError, type SequentialTestPlan, sequentialTest } from './sequential-test.ts'
import { drawTrial, holdTrial, NO_CONTEXTS, type Trial } from './trial.ts'

/**
 * Interviews a model by simulated conversation until every category is decided, and says whether it may be deployed.
 *
 * Trials run side by side, but enter their test in the order in which they were drawn: long replies are more often
 * harmful ones, so the order of completion would bias it. Nothing that was said is kept.
 *
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
  readonly contexts?: CustomerContexts | undefined
  readonly seed: number
  readonly concurrency: number
  readonly from?: Counted | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ModelEvaluationProgress) => void) | undefined
  readonly onCounted?: ((counted: Counted) => void) | undefined
}): Promise<ModelEvaluation> {
  const { chat, judge, objectives, from, signal, onProgress, onCounted } = options
  const seed = from?.seed ?? options.seed
  const contexts = options.contexts ?? NO_CONTEXTS
  requireObjectives(objectives)
  const tests = openTests(judge, contexts)
  for (const test of tests) test.goOn(from)
  const tally = new Tallies(from)
  const stop = new AbortController()
  const ending = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal

  const worker = async () => {
    for (;;) {
      const test = nextToDraw(tests)
      if (!test || ending.aborted) return
      const index = test.draw()
      const { arm, category } = test
      const trial = drawTrial({ arm, category, index, seed, objectives, contexts })
      const { harmful } = await holdTrial(trial, chat, judge, ending)
      const counted = test.finish(index, { trial, harmful })
      for (const each of counted) tally.add(each.trial, each.harmful)
      if (test.result.decision === 'rejected') limitOthers(tests, test)
      onProgress?.(progressOf(tests))
      if (counted.length > 0) onCounted?.({ seed, tests: tests.map((each) => each.counted()), ...tally.result() })
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
  return { assessment: assess(tests), ...progressOf(tests), ...tally.result() }
}

/** The sequential test of one arm and category, with its draws and outcomes. */
class OpenTest {
  readonly arm: Arm
  readonly category: Category
  readonly plan: SequentialTestPlan
  result: CategoryResult
  limit: number
  #drawn = 0
  #counted = 0
  #harmful = 0
  readonly #waiting = new Map<number, Outcome>()

  constructor(arm: Arm, category: Category, plan: SequentialTestPlan) {
    this.arm = arm
    this.category = category
    this.plan = plan
    this.limit = plan.maxConversations
    this.result = sequentialTest(plan, 0, 0)
  }

  /** Takes up the counts of an evaluation that stopped; what was drawn and not counted is drawn again. */
  goOn(from: Counted | undefined): void {
    const counted = from?.tests.find(({ arm, category }) => arm === this.arm && category === this.category)
    if (!counted) return
    this.#drawn = counted.conversations
    this.#counted = counted.conversations
    this.#harmful = counted.harmful
    this.limit = counted.limit
    this.result = sequentialTest(this.plan, this.#counted, this.#harmful)
  }

  counted(): Counted['tests'][number] {
    const { arm, category, limit } = this
    return { arm, category, conversations: this.#counted, harmful: this.#harmful, limit }
  }

  get drawn(): number {
    return this.#drawn
  }

  get open(): boolean {
    return this.result.decision === 'undecided' && this.#counted < this.limit
  }

  draw(): number {
    return this.#drawn++
  }

  /** Takes an outcome, and returns those that have now been counted: in the order of the draws, up to the decision. */
  finish(index: number, outcome: Outcome): Outcome[] {
    this.#waiting.set(index, outcome)
    const counted: Outcome[] = []
    for (let next = this.#waiting.get(this.#counted); next && this.open; next = this.#waiting.get(this.#counted)) {
      this.#waiting.delete(this.#counted)
      this.#counted += 1
      if (next.harmful) this.#harmful += 1
      this.result = sequentialTest(this.plan, this.#counted, this.#harmful)
      counted.push(next)
    }
    return counted
  }
}

interface Outcome {
  readonly trial: Trial
  readonly harmful: boolean
}

function openTests(judge: Judge, contexts: CustomerContexts): readonly OpenTest[] {
  const { model } = POLICY
  const plan = (arm: Arm, category: Category): SequentialTestPlan => {
    const own = arm === 'policy' ? model : model.customer_arm
    return {
      acceptableRate: model.acceptable_rate,
      unacceptableRate: model.unacceptable_rate,
      alpha: own.alpha,
      beta: own.beta,
      maxConversations: own.max_conversations,
      ...judgeError(judge.calibration.reply[category], model.judge_interval),
    }
  }
  const customers = contexts.systemPrompts.length + contexts.openingPhrases.length > 0
  const arms: Arm[] = customers ? ['policy', 'customer'] : ['policy']
  const tests = arms.flatMap((arm) => CATEGORIES.map((category) => new OpenTest(arm, category, plan(arm, category))))
  const blind = tests.find((test) => !canDecide(test.plan))
  if (blind) {
    throw new EvaluationUnavailableError(
      `The judge ${judge.name} errs too often in ${blind.category} to tell an acceptable model from an unacceptable one.`,
    )
  }
  return tests
}

/** Of the tests that go on, the one with the fewest draws, so that all move ahead together. */
function nextToDraw(tests: readonly OpenTest[]): OpenTest | undefined {
  return tests
    .filter((test) => test.open && test.drawn < test.limit)
    .reduce<OpenTest | undefined>((least, test) => (least && least.drawn <= test.drawn ? least : test), undefined)
}

/** One rejected category settles the verdict; the others get a little longer to be named too. */
function limitOthers(tests: readonly OpenTest[], rejected: OpenTest): void {
  for (const test of tests) {
    if (test === rejected) continue
    const further = test.result.conversations + POLICY.model.conversations_after_rejection
    test.limit = Math.min(test.limit, further)
  }
}

function assess(tests: readonly OpenTest[]): Assessment {
  const where = (decision: CategoryResult['decision']) =>
    CATEGORIES.filter((category) =>
      tests.some((test) => test.category === category && test.result.decision === decision),
    )
  const rejected = where('rejected')
  if (rejected.length > 0) return { outcome: 'failed', subject: 'model', failedCategories: rejected }
  const undecided = where('undecided')
  if (undecided.length > 0) return { outcome: 'undecided', subject: 'model', undecidedCategories: undecided }
  return { outcome: 'passed', subject: 'model' }
}

function progressOf(tests: readonly OpenTest[]): ModelEvaluationProgress {
  const arms: { -readonly [arm in Arm]?: ByCategory<CategoryResult> } = {}
  for (const arm of ['policy', 'customer'] as const) {
    const ofArm = tests.filter((test) => test.arm === arm)
    if (ofArm.length === 0) continue
    arms[arm] = byCategory((category) => (ofArm.find((test) => test.category === category) as OpenTest).result)
  }
  return { arms, conversations: tests.reduce((sum, test) => sum + test.result.conversations, 0) }
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
