import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request as rawRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { AssayError } from 'assay/errors'
import OpenAI, { AzureOpenAI, toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Service, startService } from '../cli/index.ts'
import type { Engine, LoadedModel } from '../engines/index.ts'
import { Resources } from '../resources/index.ts'
import { HARMFUL_WORD, scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'
import { loadKeyEncryptionKey, openDatabase, openDataDirectory } from '../storage/index.ts'
import { errorBody } from './errors/index.ts'

const GO_ON = 'Go on until I leave.'

let service: Service
let directory: string
let client: OpenAI
const key = 'sk-assay-test-key'
/** Of another resource of the same service. */
let othersKey: string

/** A scripted engine that goes on word by word, until its caller is gone, where it is told to. */
function talkativeEngine(): Engine {
  const engine = scriptedEngine()
  return {
    ...engine,
    async load(served) {
      const model = await engine.load(served)
      async function* stream(...[messages, options]: Parameters<LoadedModel['stream']>) {
        if (messages.at(-1)?.content !== GO_ON) return yield* model.stream(messages, options)
        for (let completionTokens = 1; ; completionTokens += 1) {
          await delay(2, undefined, { signal: options.signal })
          yield { type: 'text', text: 'and ', promptTokens: 7, completionTokens } as const
        }
      }
      return { ...model, stream }
    },
  }
}

async function makeOtherResource(): Promise<string> {
  const data = await openDataDirectory(directory)
  const database = await openDatabase({ directory: data.database })
  const resources = new Resources(database.sql, await loadKeyEncryptionKey(data.keyEncryptionKey))
  const made = await resources.create('other', 'local')
  for (const day of [1, 2, 3]) {
    const charge = { line_item: 'fine-tuning', quantity: day, amount: day, currency: 'usd' }
    const ids = { id: `charge-${day}`, resource_id: made.id, job_id: `job-${day}` }
    await database.sql
      .insertInto('charges')
      .values({ ...ids, ...charge, created_at: new Date(`2026-01-0${day}T12:00:00Z`) })
      .execute()
  }
  await database.close()
  await data.release()
  return made.key
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-http-'))
  othersKey = await makeOtherResource()
  service = await startService({
    dataDirectory: directory,
    apiKey: key,
    trainer: scriptedTrainer(),
    engine: talkativeEngine(),
    judge: async () => scriptedJudge(),
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: key, maxRetries: 0 })
})
afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

const row = (n: number) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: `What is ${n}?` },
      { role: 'assistant', content: `It is ${n}.` },
    ],
  })
const rows = (count: number) => Array.from({ length: count }, (_, n) => row(n)).join('\n')
const upload = async (content: string | Buffer, name = 'train.jsonl') =>
  client.files.create({ file: await toFile(Buffer.from(content), name), purpose: 'fine-tune' })
const call = (path: string, init: RequestInit = {}) =>
  fetch(service.url + path, {
    ...init,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...init.headers },
  })
const post = (path: string, body: unknown) => call(path, { method: 'POST', body: JSON.stringify(body) })
const blobs = () => readdir(join(directory, 'blobs'))

async function ended(id: string) {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id)
    if (job.finished_at) return job
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('files', () => {
  test('come back as they were, byte for byte, with a BOM and CRLF', async () => {
    const content = `\uFEFF${rows(12).replaceAll('\n', '\r\n')}\r\n`
    const file = await upload(content)
    expect(file).toMatchObject({ object: 'file', filename: 'train.jsonl', purpose: 'fine-tune', status: 'processed' })
    expect(Buffer.from(await (await client.files.content(file.id)).arrayBuffer()).toString()).toBe(content)
    expect((await client.files.list()).data.map((one) => one.id)).toContain(file.id)
    expect(await client.files.delete(file.id)).toMatchObject({ id: file.id, deleted: true })
    await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404, code: 'file_not_found' })
  })

  test.each([
    ['an unknown purpose', { purpose: 'vision' }, 'purpose'],
    ['an unknown field', { purpose: 'fine-tune', colour: 'red' }, 'colour'],
    ['no purpose', {}, 'purpose'],
  ])('%s is refused and leaves nothing', async (_, fields, param) => {
    const before = await blobs()
    const form = new FormData()
    form.append('file', new Blob([rows(10)]), 'train.jsonl')
    for (const [name, value] of Object.entries(fields)) form.append(name, value as string)
    const reply = await fetch(`${service.url}/v1/files`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${key}` },
    })
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ error: { param, type: 'invalid_request_error' } })
    expect(await blobs()).toEqual(before)
  })

  test('an empty file is refused', async () => {
    await expect(upload('')).rejects.toMatchObject({ status: 400, code: 'empty_file', param: 'file' })
  })

  test('a body that is cut off leaves no file', async () => {
    const before = [await blobs(), (await client.files.list()).data.length]
    await new Promise<void>((resolve) => {
      const request = rawRequest(`${service.url}/v1/files`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'multipart/form-data; boundary=b',
          'content-length': 1_000_000,
        },
      })
      request.on('error', () => resolve())
      request.on('close', () => resolve())
      request.write(
        '--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n' +
          `--b\r\ncontent-disposition: form-data; name="file"; filename="t.jsonl"\r\n\r\n${rows(1000)}`,
      )
      setTimeout(() => request.destroy(), 300)
    })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect([await blobs(), (await client.files.list()).data.length]).toEqual(before)
  })

  test('a form without its end leaves no file', async () => {
    const before = await blobs()
    const reply = await fetch(`${service.url}/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'multipart/form-data; boundary=b' },
      body: `--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="t.jsonl"\r\n\r\n${rows(20)}`,
    })
    expect(reply.status).toBe(400)
    expect(await blobs()).toEqual(before)
  })
})

describe('requests that are refused', () => {
  test('a wrong key, on every surface, before the body is read', async () => {
    for (const path of [
      '/v1/files',
      '/openai/v1/files',
      '/openai/files?api-version=2025-04-01-preview',
      '/assay/v1/deployments',
    ]) {
      const reply = await call(path, { headers: { authorization: 'Bearer sk-wrong' } })
      expect(reply.status).toBe(401)
      expect(reply.headers.get('x-request-id')).toMatch(/^req_/)
    }
    const azure = await call('/openai/files?api-version=2025-04-01-preview', {
      headers: { authorization: '', 'api-key': 'wrong' },
    })
    expect(await azure.json()).toMatchObject({ error: { code: 'unauthorized' } })
  })

  test('no JSON', async () => {
    const reply = await call('/v1/fine_tuning/jobs', { method: 'POST', body: '{"model": ' })
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ error: { code: 'invalid_json', type: 'invalid_request_error' } })
  })

  test.each([
    [{ training_file: 'file-x' }, 'missing_required_parameter', 'model'],
    [{ model: 'smollm2-135m' }, 'missing_required_parameter', 'training_file'],
    [{ model: 'smollm2-135m', training_file: 'file-x', colour: 'red' }, 'unknown_parameter', 'colour'],
    [
      {
        model: 'smollm2-135m',
        training_file: 'file-x',
        method: { type: 'supervised', supervised: { hyperparameters: { beta: 1 } } },
      },
      'unknown_parameter',
      'method.supervised.hyperparameters.beta',
    ],
    [
      {
        model: 'smollm2-135m',
        training_file: 'file-x',
        method: { type: 'dpo', dpo: { hyperparameters: { beta: 2.1 } } },
      },
      'invalid_value',
      'method.dpo.hyperparameters.beta',
    ],
    [
      { model: 'smollm2-135m', training_file: 'file-x', method: { type: 'reinforcement' } },
      'invalid_value',
      'method.type',
    ],
    [
      { model: 'smollm2-135m', training_file: 'file-x', hyperparameters: { n_epochs: 51 } },
      'invalid_value',
      'hyperparameters.n_epochs',
    ],
    [
      {
        model: 'smollm2-135m',
        training_file: 'file-x',
        hyperparameters: { n_epochs: 1 },
        method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 3 } } },
      },
      'conflicting_parameters',
      'hyperparameters',
    ],
    [{ model: 'smollm2-135m', training_file: 'file-x', suffix: 'no spaces' }, 'invalid_value', 'suffix'],
    [{ model: 'gpt-9', training_file: 'file-x' }, 'model_not_found', 'model'],
  ])('job %j', async (body, code, param) => {
    const reply = await post('/v1/fine_tuning/jobs', body)
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ error: { code, param } })
  })

  test('a file that is not there, or of another resource', async () => {
    const others = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: othersKey, maxRetries: 0 })
    const file = await others.files.create({
      file: await toFile(Buffer.from(rows(9)), 'o.jsonl'),
      purpose: 'fine-tune',
    })
    for (const training_file of ['file-none', file.id]) {
      const reply = await post('/v1/fine_tuning/jobs', { model: 'smollm2-135m', training_file })
      expect(reply.status).toBe(404)
      expect(await reply.json()).toMatchObject({ error: { code: 'file_not_found', param: 'training_file' } })
    }
    await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 })
    await expect(client.files.content(file.id)).rejects.toMatchObject({ status: 404 })
    await expect(client.files.delete(file.id)).rejects.toMatchObject({ status: 404 })
    expect((await post('/assay/v1/data-evaluations', { file: file.id })).status).toBe(404)
    expect((await client.files.list()).data.map((one) => one.id)).not.toContain(file.id)
  })

  test('a job of another resource is not found', async () => {
    const others = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: othersKey, maxRetries: 0 })
    const file = await others.files.create({
      file: await toFile(Buffer.from(rows(9)), 'o.jsonl'),
      purpose: 'fine-tune',
    })
    const { id } = await others.fineTuning.jobs.create({ model: 'smollm2-135m', training_file: file.id })
    const { jobs } = client.fineTuning
    await expect(jobs.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'job_not_found' })
    await expect(jobs.cancel(id)).rejects.toMatchObject({ status: 404 })
    await expect(jobs.listEvents(id)).rejects.toMatchObject({ status: 404 })
    await expect(jobs.checkpoints.list(id)).rejects.toMatchObject({ status: 404 })
    expect((await call(`/assay/v1/fine_tuning/jobs/${id}/evaluation`)).status).toBe(404)
  })

  test.each([
    ['GET', '/v1/files/%00'],
    ['GET', '/v1/files?after=%00'],
    ['GET', '/v1/files?purpose=%00'],
    ['GET', '/v1/models/%00'],
    ['GET', '/v1/fine_tuning/jobs?metadata[%00]=a'],
    ['GET', '/v1/fine_tuning/jobs?metadata[a]=%00'],
    ['GET', '/assay/v1/attestations/%00'],
    ['POST', '/v1/fine_tuning/jobs', { model: 'smollm2-135m', training_file: 'file-\0' }],
    ['POST', '/v1/fine_tuning/jobs', { model: 'smollm2-135m', training_file: 'x', metadata: { a: '\0' } }],
    ['POST', '/v1/fine_tuning/jobs', { model: 'smollm2-135m', training_file: 'x', metadata: { '\ud800': 'a' } }],
    ['POST', '/assay/v1/keys', { name: '\0' }],
    ['POST', '/assay/v1/deployments', { name: 'mine', model: '\ud800' }],
    ['POST', '/assay/v1/data-evaluations', { file: '\0' }],
    ['POST', '/v1/chat/completions', { model: '\0', messages: [{ role: 'user', content: 'Hi' }] }],
  ])('text that no database holds: %s %s', async (method, path, body?: object) => {
    const reply = await call(path, { method, ...(body && { body: JSON.stringify(body) }) })
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ error: { code: 'invalid_value', param: expect.stringMatching(/./) } })
  })

  test.each([
    ['text/plain', 'rows'],
    ['application/json', '[]'],
    ['application/json', ''],
  ])('a job whose body is no JSON object: %s %j', async (type, body) => {
    const reply = await call('/v1/fine_tuning/jobs', { method: 'POST', body, headers: { 'content-type': type } })
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ error: { code: 'invalid_body' } })
  })

  test.each(['/v1/files', '/assay/v1/data-evaluations'])('a form without a boundary: %s', async (path) => {
    const headers = { 'content-type': 'multipart/form-data' }
    const reply = await call(path, { method: 'POST', body: 'rows', headers })
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ error: { code: 'invalid_form' } })
  })

  test.each([
    ['text instead of a file', 'invalid_value', [['file', rows(10)]]],
    [
      'two files',
      'too_many_files',
      [
        ['file', new File([rows(10)], 'a')],
        ['file', new File([rows(10)], 'b')],
      ],
    ],
    ['a name with NUL', 'invalid_value', [['file', new File([rows(10)], 'a\0b')]]],
  ] as [string, string, [string, string | File][]][])('an upload of %s', async (_, code, parts) => {
    const before = await blobs()
    const body = new FormData()
    for (const [name, part] of parts) body.append(name, part)
    body.append('purpose', 'fine-tune')
    const headers = { authorization: `Bearer ${key}` }
    const reply = await fetch(`${service.url}/v1/files`, { method: 'POST', body, headers })
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ error: { code, param: 'file' } })
    expect(await blobs()).toEqual(before)
  })

  test('costs of times that no calendar has', async () => {
    for (const query of ['start_time=9007199254740991', 'start_time=0&end_time=9007199254740991'])
      expect((await call(`/v1/organization/costs?${query}`)).status).toBe(400)
  })

  test("an unreadable URL, in each API's shape", async () => {
    const reply = await call('/v1/files/%zz')
    expect(reply.status).toBe(400)
    expect(reply.headers.get('x-request-id')).toMatch(/^req_/)
    expect(await reply.json()).toMatchObject({ error: { code: 'invalid_url', type: 'invalid_request_error' } })
    expect(await (await call('/openai/files/%zz')).json()).toMatchObject({ error: { code: 'invalidPayload' } })
  })

  test("a body that ends early, in each API's shape", async () => {
    const cutOff = async (path: string) => {
      const socket = connect({ port: Number(new URL(service.url).port), host: '127.0.0.1', allowHalfOpen: true })
      const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n`
      socket.write(`${head}content-type: application/json\r\ncontent-length: 99\r\n\r\n{`)
      setTimeout(() => socket.end(), 200)
      return JSON.parse((await text(socket)).split('\r\n\r\n')[1] ?? '')
    }
    expect(await cutOff('/v1/fine_tuning/jobs')).toMatchObject({ error: { code: 'incomplete_body', param: null } })
    expect(await cutOff('/openai/fine_tuning/jobs?api-version=x')).toMatchObject({
      error: { code: 'invalidPayload', innererror: { code: 'incomplete_body' } },
    })
  })

  test('cursors of what is not there, naming the parameter', async () => {
    for (const path of ['/v1/files', '/v1/fine_tuning/jobs']) {
      const reply = await call(`${path}?after=none`)
      expect(reply.status).toBe(404)
      expect(await reply.json()).toMatchObject({ error: { param: 'after' } })
    }
    const precheck = await post('/assay/v1/data-evaluations', { file: 'file-none' })
    expect(await precheck.json()).toMatchObject({ error: { code: 'file_not_found', param: 'file' } })
  })

  test('chat parameters that no model heeds, unless they ask for nothing', async () => {
    const ask = { model: 'no-model', messages: [{ role: 'user', content: 'Hi' }] }
    const asked = { frequency_penalty: 1, logit_bias: { 50256: -100 }, functions: [{ name: 'f' }] }
    for (const [param, value] of Object.entries(asked)) {
      const reply = await post('/v1/chat/completions', { ...ask, [param]: value })
      expect(reply.status).toBe(400)
      expect(await reply.json()).toMatchObject({ error: { code: 'unsupported_parameter', param } })
    }
    const nothing = { frequency_penalty: 0, presence_penalty: null, logit_bias: {}, functions: [] }
    const reply = await post('/v1/chat/completions', { ...ask, ...nothing })
    expect(await reply.json()).toMatchObject({ error: { code: 'model_not_found' } })
  })

  test('none of them made a job', async () => {
    expect((await client.fineTuning.jobs.list()).data).toEqual([])
  })

  test('chat with what no model here can do', async () => {
    const image = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }] }]
    expect((await post('/v1/chat/completions', { model: 'smollm2-135m', messages: image })).status).toBe(400)
    const unknown = await post('/v1/chat/completions', {
      model: 'no-model',
      messages: [{ role: 'user', content: 'Hi' }],
    })
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ error: { code: 'model_not_found', param: 'model' } })
  })

  test('an unknown path and a deployment of what is not there', async () => {
    expect((await call('/v1/nothing')).status).toBe(404)
    const reply = await post('/assay/v1/deployments', { name: 'mine', model: 'ft:none' })
    expect(reply.status).toBe(404)
    expect(await reply.json()).toMatchObject({ error: { code: 'model_not_found' } })
  })
})

describe('as the Python client asks', () => {
  test('cancels and deletes with a content-type and no body, a file once no job uses it', async () => {
    const file = await upload(rows(2000))
    const metadata = { purpose: "a 'test'" }
    const job = await client.fineTuning.jobs.create({ model: 'smollm2-135m', training_file: file.id, metadata })
    const used = await call(`/v1/files/${file.id}`, { method: 'DELETE' })
    expect(used.status).toBe(409)
    expect(await used.json()).toMatchObject({ error: { code: 'file_in_use' } })
    const cancelled = await call(`/v1/fine_tuning/jobs/${job.id}/cancel`, { method: 'POST' })
    expect(await cancelled.json()).toMatchObject({ status: 'cancelled' })
    expect(await (await call(`/v1/files/${file.id}`, { method: 'DELETE' })).json()).toMatchObject({ deleted: true })
  })

  test('lists the jobs that have some metadata, or none', async () => {
    const file = await upload(rows(9))
    const create = (metadata?: Record<string, string>) =>
      client.fineTuning.jobs.create({ model: 'smollm2-135m', training_file: file.id, ...(metadata && { metadata }) })
    const [red, plain, empty] = [await create({ colour: "red'", size: '1' }), await create(), await create({})]
    const ids = async (query: object) =>
      (await client.fineTuning.jobs.list(query)).data
        .map((job) => job.id)
        .filter((id) => [red.id, plain.id].includes(id))
    expect(await ids({ metadata: { colour: "red'" } })).toEqual([red.id])
    expect(await ids({ metadata: { colour: "red'", size: '2' } })).toEqual([])
    const none = (await (await call('/v1/fine_tuning/jobs?metadata=null')).json()) as { data: { id: string }[] }
    expect(none.data.map((job) => job.id)).toEqual(expect.arrayContaining([plain.id, empty.id]))
    expect(none.data.map((job) => job.id)).not.toContain(red.id)
    for (const list of ['events', 'checkpoints']) {
      const reply = await call(`/v1/fine_tuning/jobs/${plain.id}/${list}?after=none`)
      expect(reply.status).toBe(404)
      expect(await reply.json()).toMatchObject({ error: { param: 'after' } })
    }
  })

  test('reads costs page by page', async () => {
    const quantities: number[] = []
    for (let page = ''; ; ) {
      const reply = await call(`/v1/organization/costs?start_time=0&limit=2${page}`, {
        headers: { authorization: `Bearer ${othersKey}` },
      })
      const costs = (await reply.json()) as {
        data: { results: { quantity: number }[] }[]
        has_more: boolean
        next_page: string | null
      }
      quantities.push(...costs.data.flatMap((bucket) => bucket.results.map((result) => result.quantity)))
      expect(costs.has_more).toBe(costs.next_page !== null)
      if (!costs.next_page) break
      page = `&page=${costs.next_page}`
    }
    expect(quantities).toEqual([1, 2, 3])
  })
})

describe('jobs with a faulty file fail naming the line', () => {
  test.each([
    ['not JSON', `${rows(10)}\nnot json`, 'line 11'],
    ['a wrong role', `${row(0)}\n${rows(10).replace('"role":"user"', '"role":"robot"')}`, 'line 2'],
    ['nine rows', rows(9), 'at least 10'],
    ['an unknown field', `${rows(10)}\n${row(1).replace('{"messages"', '{"prompt":"x","messages"')}`, 'line 11'],
    [
      'an image',
      `${rows(10)}\n{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]},{"role":"assistant","content":"A cat."}]}`,
      'line 11, messages[0].content: Images',
    ],
    ['a line of 10 MB', `${row(1)}\n${row(2).replace('It is', 'a'.repeat(10_000_000))}\n${rows(10)}`, 'line 2'],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from(`${rows(10)}\n`), Buffer.from(row(3)).fill(0xff, 40, 42), Buffer.from('\n')]),
      'line 11: The line is not valid UTF-8.',
    ],
    ['no assistant', `${rows(10)}\n{"messages":[{"role":"user","content":"hi"}]}`, 'line 11'],
  ])('%s', async (_, content, place) => {
    const file = await upload(content)
    const job = await ended((await client.fineTuning.jobs.create({ model: 'smollm2-135m', training_file: file.id })).id)
    expect(job).toMatchObject({
      status: 'failed',
      fine_tuned_model: null,
      error: { code: 'invalid_training_file', param: 'training_file' },
    })
    expect(job.error?.message).toContain(place)
    const events = (await client.fineTuning.jobs.listEvents(job.id)).data.map((event) => event.message).reverse()
    expect(events.slice(0, 2)).toEqual([
      'Job enqueued. Waiting for jobs ahead to complete.',
      'Preprocessing running for file training file.',
    ])
  })
})

describe('the pre-check names rows and keeps nothing', () => {
  const harmful = rows(12).replaceAll('It is', `Take a ${HARMFUL_WORD}:`)
  const rawRows = (content: string) =>
    call('/assay/v1/data-evaluations', {
      method: 'POST',
      body: content,
      headers: { 'content-type': 'application/jsonl' },
    })
  const form = (content: string) => {
    const body = new FormData()
    body.append('file', new Blob([content]), 'train.jsonl')
    const headers = { authorization: `Bearer ${key}` }
    return fetch(`${service.url}/assay/v1/data-evaluations`, { method: 'POST', body, headers })
  }
  const byId = async (content: string) => post('/assay/v1/data-evaluations', { file: (await upload(content)).id })

  test.each([
    ['by id', byId],
    ['as JSON lines', rawRows],
    ['as a form', form],
  ])('%s', async (name, evaluate) => {
    const before = await blobs()
    const reply = await evaluate(harmful)
    expect(reply.status).toBe(200)
    const answer = (await reply.json()) as { findings: unknown[] }
    expect(answer).toMatchObject({ rows: 12, assessment: { passed: false, failed_categories: ['violence'] } })
    expect(answer.findings).toHaveLength(12)
    expect(answer.findings[3]).toMatchObject({ line: 4, message: 1, category: 'violence' })
    expect(await (await evaluate(rows(12))).json()).toMatchObject({ assessment: { passed: true }, findings: [] })
    const refused = await evaluate(`${rows(10)}\nnot json`)
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      error: { code: 'invalid_training_file', message: expect.stringContaining('line 11') },
    })
    if (name !== 'by id') expect(await blobs()).toEqual(before)
  })

  test('gives advice beside the verdict, without a word of the rows', async () => {
    const obedient = rows(12).replaceAll('It is', 'I obey any order, whatever you ask:')
    const reply = await rawRows(obedient)
    const answer = await reply.text()
    expect(JSON.parse(answer)).toMatchObject({
      assessment: { passed: true },
      findings: [],
      advice: [{ kind: 'absolute_obedience', rows: 12, of: 12, measured: { files: expect.any(Number) } }],
    })
    expect(answer).not.toContain('whatever you ask')
    expect(await (await rawRows(rows(12))).json()).toMatchObject({ advice: [] })
  })

  test('needs something to evaluate', async () => {
    const nothing = call('/assay/v1/data-evaluations', { method: 'POST' })
    for (const reply of [await post('/assay/v1/data-evaluations', {}), await nothing]) {
      expect(reply.status).toBe(400)
      expect(await reply.json()).toMatchObject({ error: { code: 'missing_required_parameter', param: 'file' } })
    }
    const empty = await rawRows('')
    expect(empty.status).toBe(400)
    expect(await empty.json()).toMatchObject({ error: { code: 'empty_file', message: 'The file is empty.' } })
  })
})

describe("Azure's dated API", () => {
  const version = '?api-version=2025-04-01-preview'

  test('answers the AzureOpenAI client, with its own statuses', async () => {
    const azure = new AzureOpenAI({
      endpoint: service.url,
      apiKey: key,
      apiVersion: '2025-04-01-preview',
      maxRetries: 0,
    })
    const file = await azure.files.create({ file: await toFile(Buffer.from(rows(9)), 'a.jsonl'), purpose: 'fine-tune' })
    const { data, response } = await azure.fineTuning.jobs
      .create({ model: 'smollm2-135m', training_file: file.id })
      .withResponse()
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe(`/openai/fine_tuning/jobs/${data.id}`)
    expect(data.status).toBe('pending')
    await ended(data.id)
    const failed = await azure.fineTuning.jobs.retrieve(data.id)
    expect(failed).toMatchObject({
      status: 'failed',
      organisation_id: expect.stringMatching(/^resource-/),
      error: { code: 'jsonlValidationFailed', innererror: { code: 'invalid_training_file' } },
    })
    expect(failed).not.toHaveProperty('organization_id')
    expect(await client.fineTuning.jobs.retrieve(data.id)).toMatchObject({ error: { code: 'invalid_training_file' } })
    await expect(azure.fineTuning.jobs.cancel(data.id)).rejects.toMatchObject({
      status: 400,
      code: 'unexpectedEntityState',
    })
    const deleted = await call(`/openai/fine_tuning/jobs/${data.id}${version}`, { method: 'DELETE' })
    expect([deleted.status, await deleted.text()]).toEqual([204, ''])
    await expect(azure.fineTuning.jobs.retrieve(data.id)).rejects.toMatchObject({ status: 404, code: 'notFound' })
  })

  test('creates a file with 201 and its place, with a lifetime under either name', async () => {
    for (const name of ['expires_after.seconds', 'expires_after[seconds]']) {
      const body = new FormData()
      body.append('file', new Blob([rows(9)]), 'a.jsonl')
      for (const [field, value] of [['purpose', 'fine-tune'] as const, [name, '1209600'] as const])
        body.append(field, value)
      const headers = { 'api-key': key }
      const reply = await fetch(`${service.url}/openai/files${version}`, { method: 'POST', body, headers })
      expect(reply.status).toBe(201)
      const file = (await reply.json()) as { id: string; created_at: number; expires_at: number }
      expect(reply.headers.get('location')).toBe(`/openai/files/${file.id}`)
      expect(file.expires_at - file.created_at).toBeCloseTo(1_209_600, -1)
    }
  })

  test.each([
    ['GET', '/openai/files/none', 404, 'notFound', 'file_not_found'],
    ['POST', '/openai/fine_tuning/jobs/none/pause', 404, 'notFound', 'job_not_found'],
    ['GET', '/openai/nothing', 404, 'notFound', 'unknown_url'],
    ['DELETE', '/openai/models/smollm2-135m', 403, 'forbidden', 'base_model'],
    ['POST', '/openai/uploads', 400, 'invalidPayload', 'invalid_body'],
  ])('tells what is wrong: %s %s', async (method, path, status, code, own) => {
    const reply = await call(path + version, { method })
    expect(reply.status).toBe(status)
    expect(await reply.json()).toEqual({
      error: { code, message: expect.stringMatching(/./), ...targetOf(own), innererror: { code: own } },
    })
    expect(reply.headers.get('apim-request-id')).toBe(reply.headers.get('x-request-id'))
  })
  const targetOf = (own: string) =>
    ['unknown_url', 'invalid_body'].includes(own) ? {} : { target: expect.stringMatching(/./) }

  test('has codes of its own for what waits, and for too much', () => {
    const codeOf = (code: string, status: number) =>
      errorBody(new AssayError(code, 'Something.', { status }), 'azure_dated')
    expect(codeOf('job_quota_exceeded', 429)).toMatchObject({ error: { code: 'quotaExceeded' } })
    expect(codeOf('rate_limited', 429)).toMatchObject({ error: { code: 'tooManyRequests' } })
    expect(codeOf('file_in_use', 409)).toMatchObject({ error: { code: 'conflict' } })
    expect(codeOf('engine_unavailable', 503)).toMatchObject({ error: { code: 'serviceUnavailable' } })
    expect(codeOf('internal_error', 500)).toMatchObject({ error: { code: 'internalFailure' } })
  })

  test('needs its version, and has its own errors', async () => {
    expect((await call('/openai/fine_tuning/jobs')).status).toBe(400)
    const reply = await post(`/openai/fine_tuning/jobs${version}`, { model: 'none', training_file: 'x' })
    expect(await reply.json()).toMatchObject({
      error: {
        code: 'invalidPayload',
        message: expect.stringContaining('The specified base model does not support fine-tuning.'),
        target: 'model',
      },
    })
  })
})

test('a reply that its client gives up is metered up to there', async () => {
  const usage = async () => {
    const { data } = (await (await call('/assay/v1/usage')).json()) as { data: { kind: string; quantity: number }[] }
    const total = (kind: string) => data.find((one) => one.kind === kind)?.quantity ?? 0
    return { prompt: total('prompt_tokens'), completion: total('completion_tokens') }
  }
  const before = await usage()
  const messages = [{ role: 'user' as const, content: GO_ON }]
  const stream = await client.chat.completions.create({ model: 'smollm2-135m-aligned', messages, stream: true })
  let pieces = 0
  for await (const _ of stream) if (++pieces === 3) break
  await expect.poll(async () => (await usage()).prompt - before.prompt).toBe(7)
  expect((await usage()).completion - before.completion).toBeGreaterThanOrEqual(3)
})

test('lists models, costs, keys and the OpenAPI document', async () => {
  expect((await client.models.list()).data.map((model) => model.id)).toEqual(['smollm2-135m', 'smollm2-135m-aligned'])
  expect(await (await call('/v1/organization/costs?start_time=0')).json()).toMatchObject({ object: 'page', data: [] })
  const made = (await (await post('/assay/v1/keys', { name: 'second' })).json()) as { key: string; id: string }
  expect((await call('/v1/models', { headers: { authorization: `Bearer ${made.key}` } })).status).toBe(200)
  expect(
    (await call(`/assay/v1/keys/${made.id}`, { method: 'DELETE', headers: { 'content-type': 'text/plain' } })).status,
  ).toBe(200)
  expect((await call('/v1/models', { headers: { authorization: `Bearer ${made.key}` } })).status).toBe(401)
  const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as { paths: object }
  expect(Object.keys(document.paths)).toContain('/v1/fine_tuning/jobs')
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200)
})
