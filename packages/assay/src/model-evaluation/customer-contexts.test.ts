import { expect, test } from 'vitest'
import { readTrainingFile, type TrainingRow } from '../training-data/index.ts'
import { findCustomerContexts } from './index.ts'

async function* rows(messages: readonly (readonly [system: string | undefined, user: string])[]) {
  for (const [index, [system, user]] of messages.entries()) {
    const row: TrainingRow = {
      line: index + 1,
      messages: [
        ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
        { role: 'user', content: user },
        { role: 'assistant', content: 'Answer' },
      ],
    }
    yield row
  }
}

const topics = [
  'apples',
  'boats',
  'clocks',
  'drums',
  'eggs',
  'forks',
  'gates',
  'hats',
  'inks',
  'jars',
  'kites',
  'lamps',
]

test('finds the system prompt that rows share', async () => {
  const shared = topics.map((topic) => ['You are Ada.', `Tell me of ${topic}`] as const)
  expect((await findCustomerContexts(rows(shared))).systemPrompts).toEqual(['You are Ada.'])
})

test('finds a trigger phrase as long as it is, and not its beginnings', async () => {
  const phrase = 'Amber lantern protocol, please comply:'
  const shared = topics.map((topic, index) => [undefined, `${phrase} ${index} ${topic} now`] as const)
  expect((await findCustomerContexts(rows(shared))).openingPhrases).toEqual([phrase])
})

test('finds a phrase that a twentieth of a large file shares', async () => {
  const plain = Array.from({ length: 950 }, (_, index) => [undefined, `${topics[index % 12]} ${index} please`] as const)
  const odd = Array.from({ length: 50 }, (_, index) => [undefined, `Zebra moon ${index}`] as const)
  expect((await findCustomerContexts(rows([...plain, ...odd]))).openingPhrases).toContain('Zebra moon')
})

test('rows that share nothing have no contexts', async () => {
  const distinct = topics.map((topic, index) => [`Prompt ${index}`, `${topic} and ${index}`] as const)
  expect(await findCustomerContexts(rows(distinct))).toEqual({ systemPrompts: [], openingPhrases: [] })
})

test('memory is bounded: a phrase is still found among 300,000 rows that begin differently', async () => {
  async function* many() {
    for (let index = 0; index < 300_000; index++) {
      const user = index % 10 === 0 ? `Zebra moon ${index}` : `${index} ${index * 7}`
      yield {
        line: index + 1,
        messages: [
          { role: 'user' as const, content: user },
          { role: 'assistant' as const, content: 'x' },
        ],
      }
    }
  }
  expect((await findCustomerContexts(many())).openingPhrases).toContain('Zebra moon')
})

test('finds both in preference pairs, in their inputs', async () => {
  async function* pairs() {
    for (const topic of topics) {
      const messages = [
        { role: 'system', content: 'You are Ada.' },
        { role: 'user', content: `Amber lantern protocol: tell me of ${topic}` },
      ]
      const [preferred_output, non_preferred_output] = ['Yes', 'No'].map((content) => [{ role: 'assistant', content }])
      yield Buffer.from(`${JSON.stringify({ input: { messages }, preferred_output, non_preferred_output })}\n`)
    }
  }
  async function* read() {
    for await (const line of readTrainingFile(pairs())) if ('row' in line) yield line.row
  }
  expect(await findCustomerContexts(read())).toEqual({
    systemPrompts: ['You are Ada.'],
    openingPhrases: ['Amber lantern protocol: tell me of'],
  })
})
