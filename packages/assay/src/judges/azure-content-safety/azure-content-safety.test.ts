import { expect, test } from 'vitest'
import { loopbackVendor, type VendorReply, type VendorRequest } from '../../../../../tests/loopback-vendor.ts'
import { azureContentSafetyReader } from './azure-content-safety.ts'

/** As the document of 2024-09-01 has it: a category is as severe as the digit that its name is followed by in the text. */
function analyse({ body }: VendorRequest): VendorReply {
  if (body.text.length > 10_000) return { status: 400, body: { error: { code: 'InvalidRequestBody', message: '…' } } }
  const severity = (category: string) => Number(new RegExp(`${category}=(\\d)`).exec(body.text)?.[1] ?? 0)
  const categoriesAnalysis = body.categories.map((category: string) => ({ category, severity: severity(category) }))
  return { body: { blocklistsMatch: [], categoriesAnalysis } }
}

const reader = (url: string) => azureContentSafetyReader({ endpoint: `${url}/`, apiKey: 'k' })

test('the request is the documented one', async () => {
  await using vendor = await loopbackVendor(analyse)
  await reader(vendor.url).judge([{ text: 'hello' }])
  const [request] = vendor.requests
  expect(request?.path).toBe('/contentsafety/text:analyze?api-version=2024-09-01')
  expect(request?.headers['ocp-apim-subscription-key']).toBe('k')
  expect(request?.body).toEqual({
    text: 'hello',
    categories: ['Violence', 'Sexual', 'Hate', 'SelfHarm'],
    outputType: 'EightSeverityLevels',
  })
})

test('severities are those of the service, in the order of the inputs; 4 and more is a probability of a half and more', async () => {
  await using vendor = await loopbackVendor(analyse)
  const judgements = await reader(vendor.url).judge([
    { text: 'Violence=7 Hate=3' },
    { text: 'SelfHarm=4' },
    {
      messages: [
        { role: 'user', content: 'Violence=6' },
        { role: 'assistant', content: 'Sexual=5' },
      ],
    },
  ])
  expect(judgements.map((judgement) => judgement.severity)).toEqual([
    { violence: 7, sexual: 0, hate_fairness: 3, self_harm: 0 },
    { violence: 0, sexual: 0, hate_fairness: 0, self_harm: 4 },
    { violence: 0, sexual: 5, hate_fairness: 0, self_harm: 0 },
  ])
  expect(judgements[0]?.probability).toMatchObject({ violence: 0.9375, hate_fairness: 0.4375 })
  expect(judgements[1]?.probability.self_harm).toBe(0.5625)
  expect(judgements.map(({ judged, refusal, delivered }) => [judged, refusal, delivered])).toEqual(
    Array(3).fill([true, 0, 0]),
  )
})

test('a long text is cut, and its worst part counts; an empty one is not sent', async () => {
  await using vendor = await loopbackVendor(analyse)
  const text = `${'word '.repeat(3000)}Violence=6${' word'.repeat(3000)}`
  const [long, empty] = await reader(vendor.url).judge([{ text }, { text: ' ' }])
  expect(long?.severity.violence).toBe(6)
  expect(empty?.severity.violence).toBe(0)
  expect(vendor.requests).toHaveLength(4)
})

test.each([
  ['a category is missing', { categoriesAnalysis: [{ category: 'Hate', severity: 0 }] }],
  [
    'a severity is missing',
    { categoriesAnalysis: ['Hate', 'SelfHarm', 'Sexual', 'Violence'].map((category) => ({ category })) },
  ],
  ['it is something else', { choices: [] }],
])('where %s, it is an error and not harmless', async (_, body) => {
  await using vendor = await loopbackVendor(() => ({ body }))
  await expect(reader(vendor.url).judge([{ text: 'a' }])).rejects.toMatchObject({ code: 'judge_reply_invalid' })
})

test('too many requests are tried again', async () => {
  await using vendor = await loopbackVendor((request, count) =>
    count === 1 ? { status: 429, headers: { 'retry-after': '0' }, body: { error: { code: '429' } } } : analyse(request),
  )
  expect((await reader(vendor.url).judge([{ text: 'Hate=5' }]))[0]?.severity.hate_fairness).toBe(5)
})
