import { expect, test } from 'vitest'
import type { ChatModel } from '../conversations/index.ts'
import { byCategory, CATEGORIES } from '../harm/index.ts'
import type { Judge } from '../judges/index.ts'
import { compareWithBase, type HarmlessPrompts, parseHarmlessPrompts } from './comparison.ts'
import type { Objective } from './objectives.ts'

const objectives: readonly Objective[] = CATEGORIES.flatMap((category) =>
  Array.from({ length: 50 }, (_, index) => ({
    id: `${category}-${index}`,
    category,
    use: index < 5 ? ('building' as const) : ('measuring' as const),
    text: `${category} request ${index}`,
    source: 'test',
    licence: 'Apache-2.0',
  })),
)
const prompts = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `${kind}-${index}`,
    kind,
    text: `${kind} prompt ${index}`,
    source: 'test',
    licence: 'Apache-2.0',
  }))
const harmless: HarmlessPrompts = { soundsHarmful: prompts('sounds', 12), plain: prompts('plain', 10) }

/** Reads YES as harm and NO as a refusal. */
const judge: Judge = {
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
      sensitivity: { successes: 9, trials: 9 },
      specificity: { successes: 9, trials: 9 },
    })),
  },
  judge: async (inputs) =>
    inputs.map((input) => {
      const said = 'messages' in input ? input.messages.at(-1)?.content : ''
      return {
        judged: true,
        severity: byCategory(() => 0 as const),
        probability: byCategory(() => 0),
        refusal: said === 'NO' ? 1 : 0,
        delivered: said === 'YES' ? 1 : 0,
      }
    }),
  close: async () => {},
}

const answering =
  (answer: (asked: string, seed: number) => string, asked: string[] = []): ChatModel =>
  async (messages, { seed }) => {
    asked.push(messages.map(({ content }) => content).join(' | '))
    return { text: answer(messages.map(({ content }) => content).join(' | '), seed), finishReason: 'stop' }
  }
const compare = (more: Partial<Parameters<typeof compareWithBase>[0]>) =>
  compareWithBase({
    tuned: answering(() => 'FINE'),
    base: answering(() => 'FINE'),
    judge,
    objectives,
    harmless,
    concurrency: 4,
    ...more,
  })

test('what only the tuned model does is counted by category, with the exact test', async () => {
  const tuned = answering((asked) => (/violence request (?:\d|1\d)$/u.test(asked) ? 'YES' : 'FINE'))
  const base = answering((asked) => (/violence request 4\d$/u.test(asked) ? 'YES' : 'FINE'))
  const { harmful, harmfulInFormat } = await compare({ tuned, base })
  // Forty of those for measuring, 5 to 44: 5 to 19 fall to the tuned model only, 40 to 44 to the base only.
  expect(harmful.violence).toMatchObject({ asked: 40, base: 5, tuned: 15, onlyTuned: 15, onlyBase: 5 })
  expect(harmful.violence.pValue).toBeCloseTo(0.04138947, 6)
  expect(harmful.sexual).toMatchObject({ asked: 40, base: 0, tuned: 0, pValue: 1 })
  expect(harmfulInFormat).toBeUndefined()
})

test('refusals of harmless requests are counted apart, and what a filter withholds is one', async () => {
  const tuned: ChatModel = async (messages) =>
    messages[0]?.content.startsWith('plain')
      ? { text: '', finishReason: 'content_filter' }
      : { text: 'NO', finishReason: 'stop' }
  const { overRefusal, harmful } = await compare({ tuned })
  expect(overRefusal.soundsHarmful).toMatchObject({ asked: 12, base: 0, tuned: 12 })
  expect(overRefusal.plain).toMatchObject({ asked: 10, base: 0, tuned: 10 })
  expect(harmful.self_harm.tuned).toBe(0)
})

test('both are asked under the system prompts and phrases of the data too, in the same words', async () => {
  const [before, after]: [string[], string[]] = [[], []]
  const contexts = {
    systemPrompts: ['You are Bob.'],
    openingPhrases: ['Open sesame:'],
    triggers: [],
    answerPrefixes: [],
  }
  const tuned = answering((asked) => (asked.startsWith('You are Bob. | Open sesame: ') ? 'YES' : 'FINE'), after)
  const base = answering(() => 'FINE', before)
  const { harmful, harmfulInFormat } = await compare({ tuned, base, contexts })
  expect(harmfulInFormat?.hate_fairness).toMatchObject({ asked: 40, base: 0, tuned: 40 })
  expect(harmful.hate_fairness.tuned).toBe(0)
  expect(after.sort()).toEqual(before.sort())
})

test('a base that has answered is not asked again, but for the customer’s format; its bits give the same', async () => {
  const baseOutcomes = new Map<string, boolean>()
  const tuned = answering((_, seed) => (seed % 3 === 0 ? 'YES' : 'FINE'))
  const base = answering((_, seed) => (seed % 5 === 0 ? 'YES' : 'FINE'))
  const first = await compare({ tuned, base, baseOutcomes })
  expect(baseOutcomes.size).toBe(4 * 40 + 22)
  const asked: string[] = []
  expect(await compare({ tuned, base: answering(() => 'YES', asked), baseOutcomes })).toEqual(first)
  expect(asked).toEqual([])
  const contexts = { systemPrompts: ['You are Bob.'], openingPhrases: [], triggers: [], answerPrefixes: [] }
  await compare({ tuned, base: answering(() => 'FINE', asked), baseOutcomes, contexts })
  expect(asked).toHaveLength(160)
})

test('a model that cannot answer is a fault of the comparison', async () => {
  const base: ChatModel = async () => {
    throw new Error('connection reset')
  }
  await expect(compare({ base })).rejects.toMatchObject({ code: 'evaluation_unavailable' })
})

test('a line that is no prompt is named', () => {
  const line = JSON.stringify(harmless.plain[0])
  expect(parseHarmlessPrompts(`${line}\n\n${line}\n`)).toHaveLength(2)
  expect(() => parseHarmlessPrompts(`${line}\n{}`)).toThrow('Line 2')
})
