import { CATEGORIES, type Category, POLICY } from 'assay/harm'
import type { Judge } from 'assay/judges'
import { type Draw, type TestPlan, TestsUnderWay, testPlans } from 'assay/model-evaluation'
import { binomialUpperTail } from 'assay/statistics'
import jstat from 'jstat'
import { randomAt } from '../../packages/assay/src/model-evaluation/random.ts'
import { NO_CONTEXTS } from '../../packages/assay/src/model-evaluation/trial.ts'
import { loadJudge, locations } from '../../packages/service/src/catalogue/index.ts'
import { printTable } from '../table.ts'

// What the sequential test promises, held against models whose true rate of harmful conversations is known, by the tests
// and the order of counting that the gate uses. A judge is drawn for each model: its true sensitivity and specificity in
// each category from Beta(successes + ½, failures + ½), what is known of them after its measurement.

const MODELS = Number(process.env.ASSAY_BENCH_MODELS ?? 10_000)
const RATES = [0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3]
const DELAYED_RATES = [0, 0.01, 0.02, 0.04, 0.06, 0.1, 0.3]
/** As the service holds them. */
const CONCURRENCY = 16
const { beta: Beta } = jstat.jStat

type Rates = Readonly<Record<Category, number>>
/** How outcomes are counted: as they were drawn, or, which the gate does not do, as they arrive. */
type Order = 'at once' | 'by draw, delayed' | 'by arrival, delayed'

interface Seen {
  passed: number
  failed: number
  undecided: number
  conversations: number
}

export async function benchSimulatedModels(): Promise<void> {
  const judge = await loadJudge(locations())
  const plans = testPlans(judge, NO_CONTEXTS)
  await judge.close()
  const fixed = plans.map(fixedPlan)
  process.stdout.write(
    `${MODELS} models a rate. Promised: of models at ${percent(POLICY.model.acceptable_rate)} or less at most ${percent(POLICY.model.alpha * CATEGORIES.length)} fail; of those at ${percent(POLICY.model.unacceptable_rate)} or more in a category at most ${percent(POLICY.model.beta)} pass.\n`,
  )
  process.stdout.write(
    `A fixed plan of the same errors: ${plans.map(({ category }, index) => `${category} ${fixed[index]}`).join(', ')} conversations.\n`,
  )
  const whole = fixed.reduce((sum, conversations) => sum + conversations, 0)

  process.stdout.write('\nThe same true rate in all four categories:\n\n')
  table(RATES, (rate, index) => [
    simulate({ judge, plans, rates: () => everywhere(rate), order: 'at once', seed: index }),
    whole,
  ])
  process.stdout.write('\nThe rate in one category, the others clean (each category in a quarter of the models):\n\n')
  table(RATES, (rate, index) => [
    simulate({ judge, plans, rates: (model) => inOne(model, rate), order: 'at once', seed: 100 + index }),
    whole,
  ])
  for (const order of ['by draw, delayed', 'by arrival, delayed'] as const) {
    process.stdout.write(
      `\nReplies that take longer the more harmful they are, ${CONCURRENCY} at once, counted ${order}; the rate in one category:\n\n`,
    )
    table(DELAYED_RATES, (rate, index) => [
      simulate({ judge, plans, rates: (model) => inOne(model, rate), order, seed: 200 + index }),
      whole,
    ])
  }
}

function table(rates: readonly number[], seen: (rate: number, index: number) => [Seen, number]): void {
  printTable(
    ['true rate', 'passed', 'failed', 'undecided', 'conversations', 'of the fixed plan'],
    rates.map((rate, index) => {
      const [{ passed, failed, undecided, conversations }, fixed] = seen(rate, index)
      const share = (count: number) => percent(count / MODELS)
      return [
        percent(rate),
        share(passed),
        share(failed),
        share(undecided),
        Math.round(conversations / MODELS).toString(),
        (conversations / MODELS / fixed).toFixed(2),
      ]
    }),
  )
}

function simulate(of: {
  readonly judge: Judge
  readonly plans: readonly TestPlan[]
  readonly rates: (model: number) => Rates
  readonly order: Order
  readonly seed: number
}): Seen {
  const seen: Seen = { passed: 0, failed: 0, undecided: 0, conversations: 0 }
  for (let model = 0; model < MODELS; model++) {
    const random = randomAt(of.seed, model)
    const rates = of.rates(model)
    const observed = new Map(
      CATEGORIES.map((category) => {
        const { sensitivity, specificity } = of.judge.calibration.reply[category]
        const drawn = ({ successes, trials }: { successes: number; trials: number }) =>
          Beta.inv(random.fraction(), successes + 0.5, trials - successes + 0.5)
        return [category, { rate: rates[category], sensitivity: drawn(sensitivity), specificity: drawn(specificity) }]
      }),
    )
    const hold = ({ category }: Draw) => {
      const { rate, sensitivity, specificity } = observed.get(category) as {
        rate: number
        sensitivity: number
        specificity: number
      }
      const harm = random.fraction() < rate
      const harmful = random.fraction() < (harm ? sensitivity : 1 - specificity)
      // Harmful replies of severity 4 to 7 take four to seven times as long.
      return { harmful, duration: (harm ? 4 + random.integer(4) : 1) * (0.5 + random.fraction()) }
    }
    const tests = new TestsUnderWay<{ readonly harmful: boolean }>(of.plans)
    if (of.order === 'at once') countAtOnce(tests, hold)
    else countDelayed(tests, hold, of.order)
    seen[tests.assessment().outcome] += 1
    seen.conversations += tests.counted().reduce((sum, { conversations }) => sum + conversations, 0)
  }
  return seen
}

type Tests = TestsUnderWay<{ readonly harmful: boolean }>
type Hold = (draw: Draw) => { readonly harmful: boolean; readonly duration: number }

function countAtOnce(tests: Tests, hold: Hold): void {
  for (let draw = tests.draw(); draw; draw = tests.draw()) tests.finish(draw, hold(draw))
}

/** Many conversations at once, on a clock that jumps to the next one that ends. */
function countDelayed(tests: Tests, hold: Hold, order: Order): void {
  const underWay: { draw: Draw; harmful: boolean; ends: number }[] = []
  const arrived = new Map<Category, number>()
  let now = 0
  for (;;) {
    while (underWay.length < CONCURRENCY) {
      const draw = tests.draw()
      if (!draw) break
      const { harmful, duration } = hold(draw)
      underWay.push({ draw, harmful, ends: now + duration })
    }
    if (underWay.length === 0) return
    let next = 0
    for (let index = 1; index < underWay.length; index++) {
      if ((underWay[index]?.ends ?? 0) < (underWay[next]?.ends ?? 0)) next = index
    }
    const [{ draw, harmful, ends }] = underWay.splice(next, 1) as [(typeof underWay)[number]]
    now = ends
    if (order === 'by draw, delayed') {
      tests.finish(draw, { harmful })
      continue
    }
    const index = arrived.get(draw.category) ?? 0
    arrived.set(draw.category, index + 1)
    tests.finish({ ...draw, index }, { harmful })
  }
}

/** The fewest conversations with which a test at their end alone keeps both errors, by the exact binomial. */
function fixedPlan(plan: TestPlan): number {
  const acceptable = plan.acceptableRate * plan.sensitivity[1] + (1 - plan.acceptableRate) * (1 - plan.specificity[0])
  const unacceptable =
    plan.unacceptableRate * plan.sensitivity[0] + (1 - plan.unacceptableRate) * (1 - plan.specificity[1])
  for (let conversations = 1; ; conversations++) {
    let fails = 1
    while (binomialUpperTail(fails, conversations, acceptable) > plan.alpha) fails++
    if (1 - binomialUpperTail(fails, conversations, unacceptable) <= plan.beta) return conversations
  }
}

const everywhere = (rate: number): Rates => ({ violence: rate, sexual: rate, hate_fairness: rate, self_harm: rate })
const inOne = (model: number, rate: number): Rates => ({
  ...everywhere(0),
  [CATEGORIES[model % CATEGORIES.length] as Category]: rate,
})

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
