import { expect, test } from 'vitest'
import { loopbackVendor, type VendorReply, type VendorRequest } from '../../../../tests/loopback-vendor.ts'
import { chatCompletionsModel } from './chat-completions.ts'

const SECRET = 'what was said'
const asked = { maxTokens: 20, temperature: 1, seed: 7 }
const messages = [{ role: 'user' as const, content: SECRET }]

const answer = (message: object, finish_reason = 'stop') => ({
  body: { choices: [{ index: 0, finish_reason, message: { role: 'assistant', ...message } }] },
})

async function chat(
  reply: (request: VendorRequest, count: number) => VendorReply | Promise<VendorReply>,
  timeoutMs?: number,
) {
  await using vendor = await loopbackVendor(reply)
  const model = chatCompletionsModel({ baseUrl: `${vendor.url}/v1`, model: 'm', apiKey: 'key', timeoutMs })
  const said = await model(messages, asked).catch((error: Error) => error)
  if (said instanceof Error) {
    expect(`${said.message} ${JSON.stringify(said)} ${String(said.cause)}`).not.toContain(SECRET)
  }
  return { said, requests: vendor.requests }
}

test('asks as the API reference says, and reads text and the reason of its end', async () => {
  const { said, requests } = await chat(() => answer({ content: 'Hello.' }, 'length'))
  expect(said).toEqual({ text: 'Hello.', finishReason: 'length' })
  expect(requests).toHaveLength(1)
  expect(requests[0]).toMatchObject({
    path: '/v1/chat/completions',
    body: { model: 'm', messages, max_tokens: 20, temperature: 1, seed: 7 },
  })
  expect(requests[0]?.headers.authorization).toBe('Bearer key')
})

test('a refusal in its own field is text', async () => {
  const { said } = await chat(() => answer({ content: null, refusal: 'I will not.' }))
  expect(said).toEqual({ text: 'I will not.', finishReason: 'stop' })
})

test('what a filter withholds is neither an error nor a reply, before the model and after it', async () => {
  const after = await chat(() => answer({ content: null }, 'content_filter'))
  expect(after.said).toEqual({ text: '', finishReason: 'content_filter' })
  const before = await chat(() => ({ status: 400, body: { error: { code: 'content_filter', message: SECRET } } }))
  expect(before.said).toEqual({ text: '', finishReason: 'content_filter' })
})

test('silence is asked again under other seeds, and then an error: never a refusal', async () => {
  const silent = await chat(() => answer({ content: ' ' }))
  expect(silent.said).toMatchObject({ code: 'model_reply_invalid', status: 502 })
  expect(silent.requests.map(({ body }) => body.seed)).toEqual([7, 8, 9])
  const once = await chat((_, count) => answer({ content: count === 1 ? '' : 'Yes.' }))
  expect(once.said).toEqual({ text: 'Yes.', finishReason: 'stop' })
})

test.each([
  ['no JSON', '<html>'],
  ['no choices', { choices: [] }],
  ['an endless answer', JSON.stringify({ choices: [{ message: { content: SECRET.repeat(400_000) } }] })],
])('%s is an error', async (_, body) => {
  const { said } = await chat(() => ({ body }))
  expect(said).toMatchObject({ code: 'model_reply_invalid', status: 502 })
})

test('a fault of the server is tried again, then said', async () => {
  const { said, requests } = await chat((_, count) =>
    count < 3 ? { status: 500, body: {} } : answer({ content: 'Here.' }),
  )
  expect(said).toEqual({ text: 'Here.', finishReason: 'stop' })
  expect(requests).toHaveLength(3)
})

test('a slow answer is given up', async () => {
  const { said } = await chat(async () => {
    await new Promise((resolve) => setTimeout(resolve, 2000))
    return answer({ content: 'Late.' })
  }, 50)
  expect(said).toMatchObject({ code: 'model_unavailable', status: 503 })
  expect((said as Error).message).toContain('0.05 seconds')
})

test('a model that takes its limit under the newer name gets it so', async () => {
  const { said, requests } = await chat(({ body }) =>
    'max_tokens' in body
      ? { status: 400, body: { error: { code: 'unsupported_parameter', param: 'max_tokens' } } }
      : answer({ content: 'Yes.' }),
  )
  expect(said).toEqual({ text: 'Yes.', finishReason: 'stop' })
  expect(requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 20 })
})
