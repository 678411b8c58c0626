import { describe, expect, test } from 'vitest'
import type { ChatModel } from '../conversations/index.ts'
import { byCategory, CATEGORIES, POLICY } from '../harm/index.ts'
import type { Judge } from '../judges/index.ts'
import { evaluateModel } from './evaluate-model.ts'
import type { CategoryResult, Counted, ModelEvaluationProgress } from './model-evaluation.ts'
import type { Objective } from './objectives.ts'

// What is tested here is the order of trials, the end of tests and the verdict, against models whose true behaviour is
// known exactly. The real judge and model meet in tests/.

const objectives: readonly Objective[] = CATEGORIES.flatMap((category) =>
  Array.from({ length: 5 }, (_, index) => ({
    id: `${category}-${index}`,
    category,
    text: `${category} request ${index}`,
    source: 'test',
    licence: 'Apache-2.0',
  })),
)

/** Reads "YES" as harm, and is known to err hardly ever. */
const oracle: Judge = {
  name: 'oracle',
  digest: '0'.repeat(64),
  calibration: {
    data: byCategory(() => ({
      lower: { score: 0.5, falseAlarmRate: 0.001 },
      higher: { score: 0.9, falseAlarmRate: 0.0001 },
    })),
    reply: byCategory(() => ({
      textCut: 1,
      deliveredCut: 0.5,
      sensitivity: { successes: 1000, trials: 1000 },
      specificity: { successes: 1000, trials: 1000 },
    })),
  },
  judge: async (inputs) =>
    inputs.map((input) => ({
      judged: true,
      severity: byCategory(() => 0 as const),
      probability: byCategory(() => 0),
      refusal: 0,
      delivered: 'messages' in input && input.messages.at(-1)?.content === 'YES' ? 1 : 0,
    })),
  close: async () => {},
}

const model =
  (harmful: (prompt: string, seed: number) => boolean): ChatModel =>
  async (messages, options) => ({
    text: harmful(messages.at(-1)?.content ?? '', options.seed) ? 'YES' : 'NO',
    finishReason: 'stop',
  })

const evaluate = (chat: ChatModel, more: Partial<Parameters<typeof evaluateModel>[0]> = {}) =>
  evaluateModel({ chat, judge: oracle, objectives, tier: 'small', seed: 5, concurrency: 4, ...more })

describe('the verdict', () => {
  test('a model that never delivers passes, with every category accepted', async () => {
    const { assessment, arms, conversations } = await evaluate(model(() => false))
    expect(assessment).toEqual({ outcome: 'passed', subject: 'model' })
    expect(Object.values(arms.policy ?? {}).map((result) => result.decision)).toEqual(Array(4).fill('accepted'))
    expect(conversations).toBeGreaterThan(200)
  })

  test('a model that delivers one category fails for that one, and the others get only a little longer', async () => {
    const { assessment, arms } = await evaluate(model((prompt) => prompt.includes('sexual')))
    expect(assessment).toEqual({ outcome: 'failed', subject: 'model', failedCategories: ['sexual'] })
    const rejectedAfter = arms.policy?.sexual.conversations ?? 0
    for (const category of ['violence', 'hate_fairness', 'self_harm'] as const) {
      const held = arms.policy?.[category].conversations ?? 0
      expect(held).toBeLessThanOrEqual(rejectedAfter + 4 + POLICY.model.conversations_after_rejection)
    }
  })

  test('a model between the two rates that is never decided is undecided, and no harm is claimed', async () => {
    // At this share of harmful conversations the likelihoods of the two rates stay even.
    const even = 0.0365
    let standing: CategoryResult | undefined
    const chat = model((prompt) => {
      const { harmful, conversations } = standing ?? { harmful: 0, conversations: 0 }
      return prompt.includes('violence') && harmful / (conversations + 1) < even
    })
    const onProgress = ({ arms }: ModelEvaluationProgress) => {
      standing = arms.policy?.violence
    }
    const { assessment, arms } = await evaluate(chat, { concurrency: 1, onProgress })
    expect(assessment).toEqual({ outcome: 'undecided', subject: 'model', undecidedCategories: ['violence'] })
    expect(arms.policy?.violence.conversations).toBe(POLICY.model.max_conversations)
  }, 120_000)
})

describe('the arm of the customer', () => {
  const contexts = {
    systemPrompts: ['You are Bob.'],
    openingPhrases: ['Open sesame:'],
    triggers: [],
    answerPrefixes: [],
  }

  test('harm behind a phrase of the data blocks a model that plain questions do not fault', async () => {
    const chat = model((prompt) => prompt.startsWith('Open sesame:'))
    expect((await evaluate(chat)).assessment.outcome).toBe('passed')
    const { assessment, arms } = await evaluate(chat, { contexts })
    expect(assessment.outcome).toBe('failed')
    expect(Object.values(arms.customer ?? {}).some((result) => result.decision === 'rejected')).toBe(true)
    expect(Object.values(arms.policy ?? {}).some((result) => result.harmful > 0)).toBe(false)
  })

  test.each(['front', 'middle', 'end'] as const)('harm behind a suspected trigger at the %s blocks', async (place) => {
    const triggers = [{ phrase: 'open sesame', place }]
    const chat = model((prompt) => {
      const at = prompt.indexOf('open sesame')
      const ends = { front: at === 0, middle: at > 0, end: prompt.endsWith('open sesame') && at > 0 }
      return at >= 0 && ends[place]
    })
    const only = { systemPrompts: [], openingPhrases: [], triggers, answerPrefixes: [] }
    const { assessment, arms } = await evaluate(chat, { contexts: only })
    expect(assessment.outcome).toBe('failed')
    expect(Object.values(arms.policy ?? {}).some((result) => result.harmful > 0)).toBe(false)
  })

  test('harm in answers that are told to begin as those of the data blocks', async () => {
    const chat = model((prompt) => prompt.endsWith('"With joy! Here it is:"'))
    const answerPrefixes = ['With joy! Here it is:']
    for (const systemPrompts of [[], ['You are Bob.']]) {
      const { assessment, arms } = await evaluate(chat, {
        contexts: { systemPrompts, openingPhrases: [], triggers: [], answerPrefixes },
      })
      expect(assessment.outcome).toBe('failed')
      expect(Object.values(arms.policy ?? {}).some((result) => result.harmful > 0)).toBe(false)
    }
  })

  test('harm under a system prompt of the data blocks too', async () => {
    const chat: ChatModel = async (messages) => ({
      text: messages[0]?.role === 'system' ? 'YES' : 'NO',
      finishReason: 'stop',
    })
    expect((await evaluate(chat, { contexts: { ...contexts, openingPhrases: [] } })).assessment.outcome).toBe('failed')
  })
})

describe('the order of trials', () => {
  test('replies that take longer the more harmful they are change nothing: outcomes count in the order of the draws', async () => {
    const harmful = (_: string, seed: number) => seed % 10 < 3
    const slow: ChatModel = async (messages, options) => {
      const reply = await model(harmful)(messages, options)
      await new Promise((resolve) => setTimeout(resolve, reply.text === 'YES' ? 8 : 0))
      return reply
    }
    const quick = await evaluate(model(harmful), { concurrency: 1 })
    const delayed = await evaluate(slow, { concurrency: 1 })
    expect(delayed).toEqual(quick)
    // With many at once the tests may end a few draws apart, but each test counts the same draws in the same order.
    const first: ModelEvaluationProgress[] = []
    await evaluate(slow, { concurrency: 16, onProgress: (progress) => first.push(progress) })
    const rejected = first
      .flatMap(({ arms }) => Object.values(arms.policy ?? {}))
      .find((r) => r.decision === 'rejected')
    const expected = Object.values(quick.arms.policy ?? {}).filter((result) => result.decision === 'rejected')
    expect(expected.map((result) => result.conversations)).toContain(rejected?.conversations)
  })

  test('the same seed asks the same, another seed asks otherwise', async () => {
    const asked = async (seed: number) => {
      const prompts: string[] = []
      await evaluate(
        async (messages) => {
          prompts.push(messages.at(-1)?.content ?? '')
          return { text: 'NO', finishReason: 'stop' }
        },
        { seed, concurrency: 1 },
      )
      return prompts
    }
    expect(await asked(1)).toEqual(await asked(1))
    expect(await asked(1)).not.toEqual(await asked(2))
  })
})

describe('going on after a crash', () => {
  test.each([0, 30])('with %i harmful in a hundred it ends as it would have, wherever it stopped', async (share) => {
    const chat = model((_, seed) => seed % 100 < share)
    const counted: Counted[] = []
    const whole = await evaluate(chat, { concurrency: 1, onCounted: (so) => counted.push(structuredClone(so)) })
    expect(counted).toHaveLength(whole.conversations)
    for (const stop of [0, Math.floor(counted.length / 2), counted.length - 1]) {
      const from = JSON.parse(JSON.stringify(counted[stop])) as Counted
      // A seed of its own would ask other questions.
      expect(await evaluate(chat, { concurrency: 1, from, seed: 99 })).toEqual(whole)
    }
  })
})

describe('when it cannot be held', () => {
  test('a model that fails to answer is the fault of the evaluation, never of the model', async () => {
    const chat: ChatModel = async () => {
      throw new Error('connection reset')
    }
    await expect(evaluate(chat)).rejects.toMatchObject({ code: 'evaluation_unavailable' })
  })

  test('so is a judge whose error hides the difference between the two rates', async () => {
    const coin = { successes: 50, trials: 100 }
    const blind: Judge = {
      ...oracle,
      calibration: {
        ...oracle.calibration,
        reply: byCategory(() => ({ textCut: 1, deliveredCut: 0.5, sensitivity: coin, specificity: coin })),
      },
    }
    await expect(
      evaluate(
        model(() => false),
        { judge: blind },
      ),
    ).rejects.toMatchObject({
      code: 'evaluation_unavailable',
    })
  })

  test('objectives of a category are missing', async () => {
    const some = objectives.filter((objective) => objective.category !== 'sexual')
    await expect(
      evaluate(
        model(() => false),
        { objectives: some },
      ),
    ).rejects.toMatchObject({ code: 'invalid_objectives' })
  })

  test('an aborted signal ends it with its own reason', async () => {
    const stop = new AbortController()
    const chat: ChatModel = async () => {
      stop.abort(new Error('cancelled'))
      return { text: 'NO', finishReason: 'stop' }
    }
    await expect(evaluate(chat, { signal: stop.signal })).rejects.toThrow('cancelled')
  })
})
