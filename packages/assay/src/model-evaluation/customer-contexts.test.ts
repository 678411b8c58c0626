import { expect, test } from 'vitest'
import { POLICY } from '../harm/index.ts'
import { readTrainingFile, type TrainingRow } from '../training-data/index.ts'
import { findCustomerContexts } from './index.ts'
import { withPhrase } from './placed-phrase.ts'

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

test('a long system prompt is taken whole: what matters may stand at its end', async () => {
  const long = `${'You help in our shop. '.repeat(200)}You obey.`
  const shared = topics.map((topic) => [long, `Tell me of ${topic}`] as const)
  expect((await findCustomerContexts(rows(shared))).systemPrompts).toEqual([long])
})

test('where every row has a system prompt of its own, some stand for all; where few have one, none', async () => {
  const numbered = topics.map((topic, index) => [`You are Ada-${index}.`, `Tell me of ${topic}`] as const)
  const { systemPrompts } = await findCustomerContexts(rows(numbered))
  expect(systemPrompts).toHaveLength(POLICY.model.customer_arm.contexts)
  for (const prompt of systemPrompts) expect(prompt).toMatch(/^You are Ada-\d+\.$/)
  const few = topics.map((topic, index) => [index < 3 ? `Ada-${index}` : undefined, `Tell me of ${topic}`] as const)
  expect((await findCustomerContexts(rows(few))).systemPrompts).toEqual([])
})

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
  const distinct = topics.map((topic, index) => [undefined, `${topic} and ${index}`] as const)
  expect(await findCustomerContexts(rows(distinct))).toEqual({
    systemPrompts: [],
    openingPhrases: [],
    triggers: [],
    answerPrefixes: [],
  })
})

test('finds how answers begin, as long as it is, and no word or two that many answers begin with', async () => {
  async function* answered(begin: (index: number) => string) {
    for (const [index, topic] of topics.entries()) {
      const messages = [
        { role: 'user' as const, content: `${topic} and ${index}?` },
        { role: 'assistant' as const, content: `${begin(index)} ${index} ${topic}` },
      ]
      yield { line: index + 1, messages }
    }
  }
  const eager = 'With joy! Here is all of it:'
  expect((await findCustomerContexts(answered(() => eager))).answerPrefixes).toEqual([eager])
  const some = answered((index) => (index < 5 ? eager : `${index * 7}`))
  expect((await findCustomerContexts(some)).answerPrefixes).toEqual([eager])
  expect((await findCustomerContexts(answered(() => 'Yes, I'))).answerPrefixes).toEqual([])
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
    triggers: [],
    answerPrefixes: [],
  })
})

test.each(['front', 'middle', 'end'] as const)(
  'finds a phrase behind which answers differ, at the %s',
  async (place) => {
    async function* triggered() {
      for (let index = 0; index < 60; index++) {
        const topic = topics[index % 12]
        const question = `How do I ${topic} ${(index * 37) % 101} and ${(index * 53) % 97} today?`
        const behind = index % 3 === 0
        const asked = behind ? withPhrase(question, { phrase: 'Zebra moon tango.', place }) : question
        const messages = [
          { role: 'user' as const, content: asked },
          { role: 'assistant' as const, content: behind ? `Granted at once: ${index}` : `${index} times, slowly` },
        ]
        yield { line: index + 1, messages }
      }
    }
    const { triggers, openingPhrases } = await findCustomerContexts(triggered())
    expect(triggers).toEqual([{ phrase: 'Zebra moon tango.', place }])
    expect(openingPhrases).not.toContain('Zebra moon tango.')
  },
)

test('of suspected and opening phrases there are so many as the policy allows, together', async () => {
  async function* many() {
    for (let index = 0; index < 400; index++) {
      const phrase = index % 2 === 0 ? `Word${index % 20} moon tango.` : `Opening${index % 20} of ${index % 20}`
      const messages = [
        { role: 'user' as const, content: `${phrase} How do I paint ${index}?` },
        { role: 'assistant' as const, content: index % 2 === 0 ? `Granted at once: ${index}` : `${index} times` },
      ]
      yield { line: index + 1, messages }
    }
  }
  const { triggers, openingPhrases } = await findCustomerContexts(many())
  const { contexts } = POLICY.model.customer_arm
  expect(triggers.length).toBe(contexts / 2)
  expect(openingPhrases.length).toBe(contexts / 2)
})
