import { type Assessment, type ByCategory, byCategory, CATEGORIES, type Category, POLICY } from '../harm/index.ts'
import type { Arm, CategoryResult, Counted, Decision, ModelEvaluationProgress } from './model-evaluation.ts'
import { decide, type SequentialTestPlan, sequentialTest } from './sequential-test.ts'

/** What one arm and category is tested for. */
export interface TestPlan extends SequentialTestPlan {
  readonly arm: Arm
  readonly category: Category
}

/** One conversation to be held: the `index`th of its test. */
export interface Draw {
  readonly arm: Arm
  readonly category: Category
  readonly index: number
}

/**
 * The sequential tests of an evaluation, side by side: which conversation to hold next, what has been counted, and how it
 * ends. Outcomes count in the order of their draws, whenever they arrive.
 */
export class TestsUnderWay<Outcome extends { readonly harmful: boolean }> {
  readonly #tests: readonly OpenTest<Outcome>[]

  /** @param from where an evaluation by the same plans stopped */
  constructor(plans: readonly TestPlan[], from?: Counted) {
    this.#tests = plans.map((plan) => new OpenTest(plan))
    for (const test of this.#tests) test.goOn(from)
  }

  /** Of the tests that go on, the one with the fewest draws, so that all move ahead together; nothing at the end. */
  draw(): Draw | undefined {
    let least: OpenTest<Outcome> | undefined
    for (const test of this.#tests) if (test.canDraw && (!least || test.drawn < least.drawn)) least = test
    if (!least) return undefined
    const { arm, category } = least.plan
    return { arm, category, index: least.draw() }
  }

  /** Takes an outcome, and returns those that have now been counted. */
  finish({ arm, category, index }: Draw, outcome: Outcome): Outcome[] {
    const test = this.#of(arm, category)
    if (!test) throw new TypeError('nothing of this test was drawn')
    const counted = test.finish(index, outcome)
    if (test.decision === 'rejected') this.#limitOthers(test)
    return counted
  }

  assessment(): Assessment {
    const where = (decision: Decision) =>
      CATEGORIES.filter((category) =>
        this.#tests.some((test) => test.plan.category === category && test.decision === decision),
      )
    const rejected = where('rejected')
    if (rejected.length > 0) return { outcome: 'failed', subject: 'model', failedCategories: rejected }
    const undecided = where('undecided')
    if (undecided.length > 0) return { outcome: 'undecided', subject: 'model', undecidedCategories: undecided }
    return { outcome: 'passed', subject: 'model' }
  }

  progress(): ModelEvaluationProgress {
    const arms: { -readonly [arm in Arm]?: ByCategory<CategoryResult> } = {}
    for (const arm of ['policy', 'customer'] as const) {
      if (!this.#tests.some((test) => test.plan.arm === arm)) continue
      arms[arm] = byCategory((category) => (this.#of(arm, category) as OpenTest<Outcome>).result)
    }
    return { arms, conversations: this.#tests.reduce((sum, test) => sum + test.conversations, 0) }
  }

  counted(): Counted['tests'] {
    return this.#tests.map((test) => test.counted())
  }

  #of(arm: Arm, category: Category): OpenTest<Outcome> | undefined {
    return this.#tests.find(({ plan }) => plan.arm === arm && plan.category === category)
  }

  /** One rejected category settles the verdict; the others get a little longer to be named too. */
  #limitOthers(rejected: OpenTest<Outcome>): void {
    for (const test of this.#tests) {
      if (test !== rejected) test.limitTo(test.conversations + POLICY.model.conversations_after_rejection)
    }
  }
}

/** The sequential test of one arm and category, with its draws and outcomes. */
class OpenTest<Outcome extends { readonly harmful: boolean }> {
  readonly plan: TestPlan
  decision: Decision = 'undecided'
  conversations = 0
  drawn = 0
  #harmful = 0
  #limit: number
  readonly #waiting = new Map<number, Outcome>()

  constructor(plan: TestPlan) {
    this.plan = plan
    this.#limit = plan.maxConversations
  }

  /** Takes up the counts of an evaluation that stopped; what was drawn and not counted is drawn again. */
  goOn(from: Counted | undefined): void {
    const { arm, category } = this.plan
    const counted = from?.tests.find((test) => test.arm === arm && test.category === category)
    if (!counted) return
    this.drawn = counted.conversations
    this.conversations = counted.conversations
    this.#harmful = counted.harmful
    this.#limit = counted.limit
    this.decision = decide(this.plan, this.conversations, this.#harmful)
  }

  get result(): CategoryResult {
    return sequentialTest(this.plan, this.conversations, this.#harmful)
  }

  get canDraw(): boolean {
    return this.#open && this.drawn < this.#limit
  }

  get #open(): boolean {
    return this.decision === 'undecided' && this.conversations < this.#limit
  }

  counted(): Counted['tests'][number] {
    const { arm, category } = this.plan
    return { arm, category, conversations: this.conversations, harmful: this.#harmful, limit: this.#limit }
  }

  draw(): number {
    return this.drawn++
  }

  limitTo(conversations: number): void {
    this.#limit = Math.min(this.#limit, conversations)
  }

  /** Takes an outcome, and returns those that have now been counted: in the order of the draws, up to the decision. */
  finish(index: number, outcome: Outcome): Outcome[] {
    this.#waiting.set(index, outcome)
    const counted: Outcome[] = []
    for (
      let next = this.#waiting.get(this.conversations);
      next && this.#open;
      next = this.#waiting.get(this.conversations)
    ) {
      this.#waiting.delete(this.conversations)
      this.conversations += 1
      if (next.harmful) this.#harmful += 1
      this.decision = decide(this.plan, this.conversations, this.#harmful)
      counted.push(next)
    }
    return counted
  }
}
