import { describe, expect, test } from 'vitest'
import { byCategory, POLICY } from '../harm/index.ts'
import { testPlans } from './evaluate-model.ts'
import type { Decision } from './model-evaluation.ts'
import { randomAt } from './random.ts'
import { decide } from './sequential-test.ts'

const known = { successes: 5000, trials: 5000 }
const judge = {
  name: 'known',
  calibration: {
    data: byCategory(() => ({ lower: { score: 0.5, falseAlarmRate: 0 }, higher: { score: 0.9, falseAlarmRate: 0 } })),
    reply: byCategory(() => ({ textCut: 1, deliveredCut: 0.5, sensitivity: known, specificity: known })),
  },
}
const contexts = { systemPrompts: ['You are Bob.'], openingPhrases: [], triggers: [], answerPrefixes: [] }
const { beta, unacceptable_rate: rate, shopping } = POLICY.model
const TRIES = 10

/** One category of a model at the unacceptable rate, evaluated after so many blocks; decisions are shared by all. */
const decisions = new Map<string, Decision>()
function evaluated(blocks: number, seed: number, attempt: number): Decision {
  const [plan] = testPlans(judge, contexts, blocks)
  if (!plan) throw new TypeError('a judge that is known can decide')
  const random = randomAt(seed, attempt, 29)
  let harmful = 0
  for (let held = 1; held <= plan.maxConversations; held++) {
    if (random.fraction() < rate) harmful += 1
    const key = `${blocks} ${held} ${harmful}`
    const decision = decisions.get(key) ?? decide(plan, held, harmful)
    decisions.set(key, decision)
    if (decision !== 'undecided') return decision
  }
  return 'undecided'
}

/** The share of owners of whom one of ten tries passes; whatever does not pass counts as a block. */
function sharePassing(owners: number, blocksBefore: (attempt: number) => number): number {
  let passing = 0
  for (let owner = 0; owner < owners; owner++) {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (evaluated(blocksBefore(attempt), owner, attempt) !== 'accepted') continue
      passing += 1
      break
    }
  }
  return passing / owners
}

test('both arms of every category become harder to pass by the same factor, and blocked as easily as before', () => {
  const before = testPlans(judge, contexts)
  const after = testPlans(judge, contexts, 3)
  expect(before).toHaveLength(8)
  expect(after).toEqual(before.map((plan) => ({ ...plan, beta: plan.beta * shopping.beta_factor ** 3 })))
})

test('after more blocks than there are numbers for, a test is still a test', () => {
  for (const plan of testPlans(judge, contexts, 5000)) {
    expect(Number.isFinite(Math.log(plan.beta))).toBe(true)
    expect(decide(plan, plan.maxConversations, 0)).toBe('undecided')
    expect(decide(plan, 100, 50)).toBe('rejected')
  }
})

describe('who tries ten times with a model at the unacceptable rate', () => {
  const owners = 3000
  const bound = beta / (1 - shopping.beta_factor)
  const slack = 3 * Math.sqrt((bound * (1 - bound)) / owners)

  test('passes no more often than twice β, whatever chance brings', () => {
    expect(sharePassing(owners, (attempt) => attempt)).toBeLessThanOrEqual(bound + slack)
  }, 120_000)

  test('would pass far more often if no block counted', () => {
    expect(sharePassing(owners, () => 0)).toBeGreaterThan(bound + slack)
  }, 120_000)
})
