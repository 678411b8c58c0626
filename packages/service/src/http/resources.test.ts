import { randomInt } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Service, startService } from '../cli/index.ts'
import { scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'

const KEY = 'sk-assay-resources-key'
const OPERATOR = 'operator-of-these-tests'

let directory: string
let service: Service
const start = async (operatorKey?: string) => {
  service = await startService({
    dataDirectory: directory,
    apiKey: KEY,
    operatorKey,
    trainer: scriptedTrainer(),
    engine: scriptedEngine(),
    judge: async () => scriptedJudge(),
  })
}
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-resources-'))
  await start(OPERATOR)
})
afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

async function operate(method: string, path = '', { key = OPERATOR, body }: { key?: string; body?: object } = {}) {
  const reply = await fetch(`${service.url}/assay/v1/resources${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: what each answer holds is what the tests say
  return { status: reply.status, body: (await reply.json()) as any }
}
const clientOf = (apiKey: string) => new OpenAI({ baseURL: `${service.url}/v1`, apiKey, maxRetries: 0 })
const blobs = () => readdir(join(directory, 'blobs'))

async function tuned(client: OpenAI) {
  const row = (n: number) => ({
    messages: [
      { role: 'user', content: `What is ${n}?` },
      { role: 'assistant', content: `It is ${n}.` },
    ],
  })
  const lines = Array.from({ length: 12 }, (_, n) => JSON.stringify(row(n))).join('\n')
  const file = await client.files.create({ file: await toFile(Buffer.from(lines), 'a.jsonl'), purpose: 'fine-tune' })
  const { id } = await client.fineTuning.jobs.create({ model: 'smollm2-135m', training_file: file.id })
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id)
    if (job.finished_at) return { file: file.id, job }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('a resource has keys, files and models of its own, and goes with all of them', async () => {
  const before = await blobs()
  const made = await operate('POST', '', { body: { name: 'acme' } })
  expect(made).toMatchObject({ status: 201, body: { name: 'acme', geography: 'local' } })
  const client = clientOf(made.body.key)
  const { file, job } = await tuned(client)
  expect(job.fine_tuned_model).toContain(':acme:')
  const messages = [{ role: 'user' as const, content: 'Hello' }]
  await client.chat.completions.create({ model: job.fine_tuned_model as string, messages })
  await expect(clientOf(KEY).files.retrieve(file)).rejects.toMatchObject({ status: 404 })
  expect((await operate('GET')).body.data.map((one: { name: string }) => one.name)).toEqual(['default', 'acme'])
  expect((await blobs()).length).toBeGreaterThan(before.length)

  expect(await operate('DELETE', `/${made.body.id}`)).toMatchObject({ status: 200, body: { deleted: true } })
  await expect(client.files.list()).rejects.toMatchObject({ status: 401 })
  expect(await blobs()).toEqual(before)
  expect((await operate('GET')).body.data.map((one: { name: string }) => one.name)).toEqual(['default'])
})

test('one that has an unfinished job stays', async () => {
  const { body } = await operate('POST', '', { body: { name: 'busy', geography: 'elsewhere' } })
  const client = clientOf(body.key)
  const file = await client.files.create({
    file: await toFile(Buffer.from('{}'), 'a.jsonl'),
    purpose: 'fine-tune',
  })
  // Of a geography where nobody evaluates: it waits.
  const job = await client.fineTuning.jobs.create({ model: 'smollm2-135m', training_file: file.id })
  expect(await operate('DELETE', `/${body.id}`)).toMatchObject({
    status: 409,
    body: { error: { code: 'resource_in_use' } },
  })
  await client.fineTuning.jobs.cancel(job.id).catch(() => {})
  await expect
    .poll(async () => (await client.fineTuning.jobs.retrieve(job.id)).finished_at, { timeout: 20_000 })
    .not.toBeNull()
  expect((await operate('DELETE', `/${body.id}`)).status).toBe(200)
})

test.each<[string, string, string, object | undefined, number, string]>([
  ['a name that is taken', 'POST', '', { name: 'default' }, 409, 'resource_exists'],
  ['a name that is none', 'POST', '', { name: 'A b' }, 400, 'invalid_value'],
  ['a geography that is none', 'POST', '', { name: 'x', geography: 'a b' }, 400, 'invalid_value'],
  ['an unknown resource', 'DELETE', '/resource-0', undefined, 404, 'resource_not_found'],
])('%s is refused', async (_, method, path, body, status, code) => {
  expect(await operate(method, path, body ? { body } : {})).toMatchObject({ status, body: { error: { code } } })
})

test("a customer's key is not the operator's, nor the operator's a customer's", async () => {
  expect(await operate('GET', '', { key: KEY })).toMatchObject({
    status: 401,
    body: { error: { code: 'invalid_operator_key' } },
  })
  await expect(clientOf(OPERATOR).files.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
})

describe('the only key of a resource stays', () => {
  async function keysCall(key: string, method: string, path = '', body?: object) {
    const headers = { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) }
    const reply = await fetch(`${service.url}/assay/v1/keys${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: what each answer holds is what the tests say
    return { status: reply.status, body: (await reply.json()) as any }
  }
  let first: { key: string; id: string }
  beforeEach(async () => {
    const { key } = (await operate('POST', '', { body: { name: `keys-${randomInt(1e9)}` } })).body
    first = { key, id: (await keysCall(key, 'GET')).body.data[0].id }
  })

  test('until there is another one', async () => {
    const { key, id } = first
    expect(await keysCall(key, 'DELETE', '/key-none')).toMatchObject({ status: 404 })
    expect(await keysCall(key, 'DELETE', `/${id}`)).toMatchObject({
      status: 409,
      body: { error: { code: 'last_api_key', message: expect.stringContaining('Create another key first') } },
    })
    const other = (await keysCall(key, 'POST', '', { name: 'another' })).body
    expect(await keysCall(other.key, 'DELETE', `/${id}`)).toMatchObject({ status: 200, body: { deleted: true } })
    expect(await keysCall(key, 'GET')).toMatchObject({ status: 401 })
    expect(await keysCall(other.key, 'DELETE', `/${other.id}`)).toMatchObject({ status: 409 })
  })

  test('of two that are deleted at once, one', async () => {
    const other = (await keysCall(first.key, 'POST', '', { name: 'another' })).body
    const deleted = await Promise.all([first, other].map(({ key, id }) => keysCall(key, 'DELETE', `/${id}`)))
    expect(deleted.filter(({ status }) => status === 200)).toHaveLength(1)
    const left = await Promise.all([first, other].map(({ key }) => keysCall(key, 'GET')))
    expect(left.map(({ status }) => status).sort()).toEqual([200, 401])
  })
})

test('without an operator key nobody makes resources', async () => {
  await service.close()
  await start()
  expect(await operate('POST', '', { body: { name: 'late' } })).toMatchObject({
    status: 403,
    body: { error: { code: 'no_operator_key' } },
  })
})
