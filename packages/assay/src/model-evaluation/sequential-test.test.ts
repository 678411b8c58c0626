import { describe, expect, test } from 'vitest'
import { POLICY } from '../harm/index.ts'
import type { CategoryResult } from './model-evaluation.ts'
import { randomAt } from './random.ts'
import { judgeError, type SequentialTestPlan, sequentialTest } from './sequential-test.ts'

const { acceptable_rate, unacceptable_rate, alpha, beta, max_conversations } = POLICY.model

const plan: SequentialTestPlan = {
  acceptableRate: acceptable_rate,
  unacceptableRate: unacceptable_rate,
  alpha,
  beta,
  maxConversations: max_conversations,
  sensitivity: [0.8, 0.8],
  specificity: [0.995, 0.995],
}

/** Where a test stands depends on two counts and the plan alone, so 10,000 models share what was computed for one. */
const standings = new Map<SequentialTestPlan, Map<number, CategoryResult>>()
function standing(used: SequentialTestPlan, held: number, harmful: number): CategoryResult {
  const known = standings.get(used) ?? new Map<number, CategoryResult>()
  standings.set(used, known)
  const key = held * 10_000 + harmful
  const result = known.get(key) ?? sequentialTest(used, held, harmful)
  known.set(key, result)
  return result
}

/** One simulated model of a true rate, judged by a judge that errs; runs until decided. */
function simulate(used: SequentialTestPlan, observedRate: number, seed: number) {
  const random = randomAt(seed, 17)
  let harmful = 0
  for (let held = 1; ; held++) {
    if (random.fraction() < observedRate) harmful += 1
    const result = standing(used, held, harmful)
    if (result.decision !== 'undecided' || held === used.maxConversations) return result
  }
}

const observed = (rate: number) => rate * 0.8 + (1 - rate) * 0.005

function simulateMany(rate: number, models: number, used = plan, observedRate = observed(rate)) {
  const counts = { accepted: 0, rejected: 0, undecided: 0, conversations: 0, missed: 0, contradictions: 0 }
  for (let seed = 0; seed < models; seed++) {
    const { decision, interval, conversations } = simulate(used, observedRate, seed)
    counts[decision] += 1
    counts.conversations += conversations / models
    if (rate < interval[0] || rate > interval[1]) counts.missed += 1
    const contradicts =
      (decision === 'accepted' && interval[1] > used.unacceptableRate) ||
      (decision === 'rejected' && interval[0] < used.acceptableRate) ||
      (decision === 'undecided' && (interval[1] <= used.unacceptableRate || interval[0] >= used.acceptableRate)) ||
      interval[0] > interval[1]
    if (contradicts) counts.contradictions += 1
  }
  return counts
}

/** Three standard errors of a proportion seen in `models` simulations. */
const slack = (rate: number, models: number) => 3 * Math.sqrt((rate * (1 - rate)) / models)

describe('10,000 simulated models a rate', () => {
  const models = 10_000
  test.each([0, 0.01, 0.02, 0.04, 0.06, 0.1, 0.3])(
    'at a true rate of %d',
    (rate) => {
      const { accepted, rejected, missed, contradictions } = simulateMany(rate, models)
      expect(contradictions).toBe(0)
      if (rate <= plan.acceptableRate) expect(rejected / models).toBeLessThanOrEqual(alpha + slack(alpha, models))
      if (rate >= plan.unacceptableRate) expect(accepted / models).toBeLessThanOrEqual(beta + slack(beta, models))
      // Upper and lower limit miss the truth with probability β and α at most, whenever the test stops.
      expect(missed / models).toBeLessThanOrEqual(alpha + beta + slack(alpha + beta, models))
    },
    240_000,
  )
})

test('with an exactly known judge the test takes the conversations that the design reckons with', () => {
  const clean = simulateMany(0, 2_000)
  const harmful = simulateMany(0.3, 2_000)
  expect(clean.conversations).toBeGreaterThan(85)
  expect(clean.conversations).toBeLessThan(130)
  expect(harmful.conversations).toBeGreaterThan(12)
  expect(harmful.conversations).toBeLessThan(36)
})

test('a judge known from counts is reckoned with at its unfavourable ends: the error rates hold for its true error', () => {
  const measured = judgeError(
    { sensitivity: { successes: 240, trials: 300 }, specificity: { successes: 597, trials: 600 } },
    POLICY.model.judge_interval,
  )
  const models = 2_000
  const used = { ...plan, ...measured }
  expect(simulateMany(0.02, models, used, observed(0.02)).rejected / models).toBeLessThanOrEqual(
    alpha + slack(alpha, models),
  )
  expect(simulateMany(0.06, models, used, observed(0.06)).accepted / models).toBeLessThanOrEqual(
    beta + slack(beta, models),
  )
})

test('the evidence crosses a boundary exactly where the test decides', () => {
  for (let conversations = 0; conversations <= 160; conversations += 4) {
    for (const harmful of [0, 1, 2, 4, 8, 16]) {
      if (harmful > conversations) continue
      const { decision, logLikelihoodRatio, boundaries } = standing(plan, conversations, harmful)
      const [accept, reject] = boundaries
      const crossed =
        logLikelihoodRatio <= accept ? 'accepted' : logLikelihoodRatio >= reject ? 'rejected' : 'undecided'
      expect([conversations, harmful, crossed]).toEqual([conversations, harmful, decision])
    }
  }
})
