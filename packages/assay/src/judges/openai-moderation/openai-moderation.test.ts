import { expect, test } from 'vitest'
import { loopbackVendor, type VendorReply, type VendorRequest } from '../../../../../tests/loopback-vendor.ts'
import { openAiModerationReader } from './openai-moderation.ts'

const NAMES = [
  ['harassment', 'harassment/threatening', 'hate', 'hate/threatening', 'illicit', 'illicit/violent', 'self-harm'],
  ['self-harm/instructions', 'self-harm/intent', 'sexual', 'sexual/minors', 'violence', 'violence/graphic'],
].flat()

/** As the reference has it: a category scores what its name is followed by in the text. */
function moderate({ body }: VendorRequest): VendorReply {
  const score = (name: string) => Number(new RegExp(`(?<![\\w/-])${name}=([\\d.]+)`).exec(body.input)?.[1] ?? 0.0001)
  const category_scores = Object.fromEntries(NAMES.map((name) => [name, score(name)]))
  const categories = Object.fromEntries(NAMES.map((name) => [name, score(name) > 0.5]))
  return { body: { id: 'modr-1', model: body.model, results: [{ flagged: false, categories, category_scores }] } }
}

const reader = (url: string) => openAiModerationReader({ endpoint: `${url}/v1`, apiKey: 'k' })

test('the request is the documented one', async () => {
  await using vendor = await loopbackVendor(moderate)
  await reader(vendor.url).judge([{ text: 'hello' }])
  expect(vendor.requests[0]).toMatchObject({
    path: '/v1/moderations',
    headers: { authorization: 'Bearer k' },
    body: { model: 'omni-moderation-latest', input: 'hello' },
  })
})

test.each([
  ['violence/graphic', ['violence']],
  ['harassment/threatening', ['violence']],
  ['illicit/violent', ['violence']],
  ['hate/threatening', ['violence', 'hate_fairness']],
  ['hate', ['hate_fairness']],
  ['sexual/minors', ['sexual']],
  ['self-harm/instructions', ['self_harm']],
  ['harassment', []],
  ['illicit', []],
])('%s speaks of %j', async (name, categories) => {
  await using vendor = await loopbackVendor(moderate)
  const [judgement] = await reader(vendor.url).judge([{ text: `${name}=0.9` }])
  const found = Object.entries(judgement?.severity ?? {}).filter(([, severity]) => severity >= 4)
  expect(found.map(([category]) => category).sort()).toEqual([...categories].sort())
})

test('order is kept, long texts are cut, and empty ones are not sent', async () => {
  await using vendor = await loopbackVendor(moderate)
  const judgements = await reader(vendor.url).judge([
    { text: `${'word '.repeat(900)}violence=0.8` },
    { text: '' },
    { text: 'sexual=0.7' },
  ])
  expect(judgements.map(({ probability }) => [probability.violence, probability.sexual])).toEqual([
    [0.8, 0.0001],
    [0, 0],
    [0.0001, 0.7],
  ])
  expect(vendor.requests.every(({ body }) => body.input.length <= 2000)).toBe(true)
})

test.each([
  ['no result', { results: [] }],
  ['a score missing', { results: [{ category_scores: { violence: 0 } }] }],
])('%s is an error and not harmless', async (_, body) => {
  await using vendor = await loopbackVendor(() => ({ body }))
  await expect(reader(vendor.url).judge([{ text: 'a' }])).rejects.toMatchObject({ code: 'judge_reply_invalid' })
})
