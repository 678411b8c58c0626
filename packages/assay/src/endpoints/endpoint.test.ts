import { expect, test } from 'vitest'
import { z } from 'zod'
import { loopbackVendor } from '../../../../tests/loopback-vendor.ts'
import { Endpoint } from './endpoint.ts'

const SECRET = 'the text that was judged'
const schema = z.object({ ok: z.literal(true) })
const signal = new AbortController().signal
const post = (url: string) =>
  new Endpoint({ role: 'judge', name: 'a', url, headers: {} }).post('x', { text: SECRET }, schema, signal)

const failure = async (url: string) => {
  const error = await post(url).then(
    () => expect.fail('it answered'),
    (error: Error) => error,
  )
  // Neither message nor cause carries what was sent.
  expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(SECRET)
  return error
}

test('429 is tried again, after as long as it says', async () => {
  await using vendor = await loopbackVendor((_, count) =>
    count === 1 ? { status: 429, headers: { 'retry-after': '1' }, body: {} } : { body: { ok: true } },
  )
  const from = Date.now()
  await expect(post(vendor.url)).resolves.toEqual({ ok: true })
  expect(Date.now() - from).toBeGreaterThan(900)
})

test('500 is tried again, and given up after the fifth time', async () => {
  await using vendor = await loopbackVendor(() => ({ status: 500, body: { error: { message: SECRET } } }))
  expect(await failure(vendor.url)).toMatchObject({ code: 'judge_unavailable', status: 503 })
  expect(vendor.requests).toHaveLength(5)
})

test('nobody at the address is the same as no answer', async () => {
  const { url, [Symbol.asyncDispose]: close } = await loopbackVendor(() => ({ body: {} }))
  await close()
  const error = await failure(url)
  expect(error).toMatchObject({ code: 'judge_unavailable' })
  expect(error.message).toContain('ECONNREFUSED')
})

test('other faults are not tried again, and are told by the code of the body', async () => {
  await using vendor = await loopbackVendor(() => ({
    status: 401,
    body: { error: { code: 'invalid_api_key', message: SECRET } },
  }))
  const error = await failure(vendor.url)
  expect(error).toMatchObject({ code: 'judge_refused_request', status: 502 })
  expect(error.message).toContain('HTTP 401, invalid_api_key')
  expect(vendor.requests).toHaveLength(1)
})

test.each([
  ['not JSON', `<html>${SECRET}</html>`],
  ['another form', { ok: SECRET }],
  ['nothing', ''],
])('%s is an error, never harmless', async (_, body) => {
  await using vendor = await loopbackVendor(() => ({ body }))
  expect(await failure(vendor.url)).toMatchObject({ code: 'judge_reply_invalid', status: 502 })
})

test('a redirect is not followed: key and text stay where they were meant for', async () => {
  await using elsewhere = await loopbackVendor(() => ({ body: { ok: true } }))
  await using vendor = await loopbackVendor(() => ({ status: 307, headers: { location: elsewhere.url }, body: '' }))
  await failure(vendor.url)
  expect(elsewhere.requests).toHaveLength(0)
})

test('a key that no header can hold is wrong usage, and is not quoted', () => {
  for (const key of [`${SECRET}\nmore`, `${SECRET}–`]) {
    const make = () =>
      new Endpoint({ role: 'judge', name: 'a', url: 'http://127.0.0.1', headers: { Authorization: key } })
    expect(make).toThrow(expect.objectContaining({ code: 'judge_key_invalid', status: 400 }))
    expect(make).not.toThrow(SECRET)
    expect(make).not.toThrow(expect.objectContaining({ cause: expect.anything() }))
  }
})

test.each(['http://user:pw@127.0.0.1', 'http://127.0.0.1/v1?version=1', 'http://127.0.0.1/#a'])(
  '%s is no base address',
  (url) => {
    const make = () => new Endpoint({ role: 'judge', name: 'a', url, headers: {} })
    expect(make).toThrow(expect.objectContaining({ code: 'judge_endpoint_invalid', status: 400 }))
    expect(make).not.toThrow('pw')
  },
)

test('no more than eight requests are under way', async () => {
  let now = 0
  let most = 0
  await using vendor = await loopbackVendor(async () => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setTimeout(resolve, 20))
    now -= 1
    return { body: { ok: true } }
  })
  const endpoint = new Endpoint({ role: 'judge', name: 'a', url: vendor.url, headers: {} })
  await Promise.all(Array.from({ length: 30 }, () => endpoint.post('x', {}, schema, signal)))
  expect(most).toBe(8)
})
