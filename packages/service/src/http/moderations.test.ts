import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { byCategory, CATEGORIES, type Category } from 'assay/harm'
import type { Judge } from 'assay/judges'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Service, startService } from '../cli/index.ts'
import { scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'

const KEY = 'sk-assay-moderations'
const NAMES = [
  ...['harassment', 'harassment/threatening', 'hate', 'hate/threatening', 'illicit', 'illicit/violent'],
  ...[
    'self-harm',
    'self-harm/intent',
    'self-harm/instructions',
    'sexual',
    'sexual/minors',
    'violence',
    'violence/graphic',
  ],
]

let directory: string
let service: Service
let client: OpenAI
let broken = false

/** A text is harmful in the categories that it names; what begins with `Ja` cannot be read. */
const naming: Judge = {
  ...scriptedJudge(),
  judge: async (inputs) => {
    if (broken) throw new Error('no judge')
    return inputs.map((input) => {
      const text = 'text' in input ? input.text : ''
      const named = (category: Category) => text.includes(category)
      return {
        judged: !text.startsWith('Ja'),
        severity: byCategory((category) => (named(category) ? 5 : 1)),
        probability: byCategory((category) => (named(category) ? 0.9 : 0.1)),
        refusal: 0,
        delivered: 0,
      }
    })
  },
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-moderations-'))
  service = await startService({
    dataDirectory: directory,
    apiKey: KEY,
    trainer: scriptedTrainer(),
    engine: scriptedEngine(),
    judge: async () => naming,
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: KEY, maxRetries: 0 })
})
afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

test('a string has one result, with all the categories of OpenAI', async () => {
  const { id, model, results } = await client.moderations.create({ input: 'violence', model: 'omni-moderation-latest' })
  expect(id).toMatch(/^modr-/)
  expect(model).toBe('scripted')
  expect(results).toHaveLength(1)
  const [result] = results as [OpenAI.Moderation]
  expect(result.flagged).toBe(true)
  for (const field of [result.categories, result.category_scores, result.category_applied_input_types])
    expect(Object.keys(field).sort()).toEqual([...NAMES].sort())
})

test.each([
  ['violence', 'violence'],
  ['sexual', 'sexual'],
  ['hate_fairness', 'hate'],
  ['self_harm', 'self-harm'],
] as const)('%s is %s, and no other category', async (category, name) => {
  const { results } = await client.moderations.create({ input: category })
  const [{ categories, category_scores: scores, category_applied_input_types: applied }] = results as [
    OpenAI.Moderation,
  ]
  expect(Object.entries(categories).filter(([, flagged]) => flagged)).toEqual([[name, true]])
  expect(scores[name]).toBe(0.9)
  expect(applied[name]).toEqual(['text'])
})

test('of what the judge does not tell apart nothing is said', async () => {
  const { results } = await client.moderations.create({ input: CATEGORIES.join(' ') })
  const [{ categories, category_scores: scores, category_applied_input_types: applied }] = results as [
    OpenAI.Moderation,
  ]
  const told = ['hate', 'self-harm', 'sexual', 'violence']
  for (const name of NAMES.filter((one) => !told.includes(one)) as (keyof typeof scores)[]) {
    expect(categories[name]).toBe(name.startsWith('illicit') ? null : false)
    expect(scores[name]).toBe(0)
    expect(applied[name]).toEqual([])
  }
})

test('strings have a result each, in their order; parts of one message have one together', async () => {
  const each = await client.moderations.create({ input: ['calm', 'sexual', ''] })
  expect(each.results.map(({ flagged }) => flagged)).toEqual([false, true, false])
  const parts = [
    { type: 'text' as const, text: 'calm' },
    { type: 'text' as const, text: 'violence' },
  ]
  const together = await client.moderations.create({ input: parts })
  expect(together.results.map(({ categories }) => categories.violence)).toEqual([true])
})

test('a long text is judged to its end', async () => {
  const { results } = await client.moderations.create({
    input: `${'calm '.repeat(20_000)} violence ${'calm '.repeat(10)}`,
  })
  expect(results[0]?.categories.violence).toBe(true)
})

test.each([
  ['nothing', {}, 'invalid_value'],
  ['no input', { input: [] }, 'invalid_value'],
  ['an image', { input: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }] }, 'invalid_value'],
  ['too much at once', { input: ['a'.repeat(150_000), 'b'.repeat(60_000)] }, 'input_too_long'],
  ['a language that the judge does not read', { input: ['calm', 'Ja.'] }, 'input_not_judged'],
])('%s is refused', async (_, body, code) => {
  await expect(client.moderations.create(body as never)).rejects.toMatchObject({ status: 400, code, param: 'input' })
})

test.each([
  ['one text', 'word '.repeat(40_001)],
  ['many short texts', Array.from({ length: 401 }, () => '')],
])('%s that would take the judge too long is refused', async (_, input) => {
  await expect(client.moderations.create({ input })).rejects.toMatchObject({ status: 400, code: 'input_too_long' })
})

test("a judge that fails is the judge's fault, and no result", async () => {
  broken = true
  try {
    await expect(client.moderations.create({ input: 'calm' })).rejects.toMatchObject({
      status: 503,
      code: 'evaluation_unavailable',
    })
  } finally {
    broken = false
  }
})
