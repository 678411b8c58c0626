import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { AzureOpenAI, toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Service, startService } from '../cli/index.ts'
import { scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'

const KEY = 'sk-assay-uploads'
let directory: string
let service: Service
let client: OpenAI

async function start() {
  const scripted = { trainer: scriptedTrainer(), engine: scriptedEngine(), judge: async () => scriptedJudge() }
  service = await startService({ dataDirectory: directory, apiKey: KEY, ...scripted })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: KEY, maxRetries: 0 })
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-uploads-'))
  await start()
})
afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

const blobs = () => readdir(join(directory, 'blobs'))
const create = (bytes: number, extra: Partial<OpenAI.UploadCreateParams> = {}) =>
  client.uploads.create({ bytes, filename: 'train.jsonl', mime_type: 'text/jsonl', purpose: 'fine-tune', ...extra })
const part = async (upload: string, data: Buffer) =>
  (await client.uploads.parts.create(upload, { data: await toFile(data, 'part') })).id
const content = async (id: string) => Buffer.from(await (await client.files.content(id)).arrayBuffer())
const md5 = (data: Buffer) => createHash('md5').update(data).digest('hex')

describe('an upload in parts', () => {
  test('becomes a file like any other, in the order that the client names, and leaves no part', async () => {
    const before = await blobs()
    const pieces = [200_000, 70_000, 1].map((size) => randomBytes(size))
    const whole = Buffer.concat(pieces)
    const upload = await create(whole.length, { expires_after: { anchor: 'created_at', seconds: 7200 } })
    expect(upload).toMatchObject({ object: 'upload', status: 'pending', bytes: whole.length, file: null })
    expect(upload.expires_at - upload.created_at).toBe(3600)
    const [first = '', second = '', third = ''] = await Promise.all(pieces.map((piece) => part(upload.id, piece)))
    const done = await client.uploads.complete(upload.id, { part_ids: [first, second, third], md5: md5(whole) })
    expect(done).toMatchObject({ id: upload.id, status: 'completed' })
    expect(done.file).toMatchObject({ filename: 'train.jsonl', bytes: whole.length, purpose: 'fine-tune' })
    expect((done.file?.expires_at ?? 0) - (done.file?.created_at ?? 0)).toBeCloseTo(7200, -1)
    const id = done.file?.id ?? ''
    expect((await content(id)).equals(whole)).toBe(true)
    expect(await blobs()).toHaveLength(before.length + 1)
    // A client that missed the answer asks again.
    expect(await client.uploads.complete(upload.id, { part_ids: [first] })).toEqual(done)
    await client.files.delete(id)
    expect(await client.uploads.complete(upload.id, { part_ids: [first] })).toMatchObject({ file: null })
  })

  test('trains a model', async () => {
    const row = (n: number) =>
      `{"messages":[{"role":"user","content":"${n}?"},{"role":"assistant","content":"${n}."}]}\n`
    const whole = Buffer.from(Array.from({ length: 12 }, (_, n) => row(n)).join(''))
    const upload = await create(whole.length)
    const ids = [await part(upload.id, whole.subarray(0, 100)), await part(upload.id, whole.subarray(100))]
    const { file } = await client.uploads.complete(upload.id, { part_ids: ids })
    const job = await client.fineTuning.jobs.create({ model: 'smollm2-135m', training_file: file?.id ?? '' })
    const status = async () => (await client.fineTuning.jobs.retrieve(job.id)).status
    await expect.poll(status, { timeout: 30_000 }).toBe('succeeded')
  })

  test('lies encrypted while it is pending, and is there after a restart', async () => {
    const said = Buffer.from('a marked sentence that nobody else writes '.repeat(100))
    const upload = await create(said.length)
    const id = await part(upload.id, said)
    for (const name of await blobs()) {
      expect((await readFile(join(directory, 'blobs', name))).includes('a marked sentence')).toBe(false)
    }
    await service.close()
    await start()
    const { file } = await client.uploads.complete(upload.id, { part_ids: [id] })
    expect((await content(file?.id ?? '')).equals(said)).toBe(true)
  })

  test('is refused where the parts are others than announced, and stays pending', async () => {
    const [one, two] = [Buffer.from('one, '), Buffer.from('two')]
    const whole = Buffer.concat([one, two])
    const upload = await create(whole.length)
    const ids = [await part(upload.id, one), await part(upload.id, two)] as const
    const before = await blobs()
    const complete = (part_ids: string[], sum?: string) =>
      client.uploads.complete(upload.id, { part_ids, ...(sum && { md5: sum }) })
    await expect(complete([ids[0]])).rejects.toMatchObject({
      status: 400,
      code: 'upload_incomplete',
      param: 'part_ids',
    })
    await expect(complete([ids[0], ids[0]])).rejects.toMatchObject({ status: 400, code: 'part_not_found' })
    await expect(complete([ids[0], 'part_none'])).rejects.toMatchObject({ status: 400, code: 'part_not_found' })
    await expect(complete([ids[1], ids[0]], md5(whole))).rejects.toMatchObject({ status: 400, code: 'wrong_md5' })
    await expect(complete([...ids], 'abc')).rejects.toMatchObject({ status: 400, param: 'md5' })
    expect(await blobs()).toEqual(before)
    expect(await complete([...ids], md5(whole).toUpperCase())).toMatchObject({ status: 'completed' })
    await expect(part(upload.id, one)).rejects.toMatchObject({ status: 400, code: 'upload_not_pending' })
    await expect(client.uploads.cancel(upload.id)).rejects.toMatchObject({ status: 400, code: 'upload_not_pending' })
  })

  test('takes a part again that was sent twice, and not without end', async () => {
    const upload = await create(4)
    const data = Buffer.from('data')
    const [, again] = [await part(upload.id, data), await part(upload.id, data)]
    await expect(part(upload.id, data)).rejects.toMatchObject({ status: 400, code: 'upload_too_large', param: 'data' })
    await expect(part(upload.id, Buffer.alloc(0))).rejects.toMatchObject({ status: 400, code: 'empty_file' })
    expect(await client.uploads.complete(upload.id, { part_ids: [again] })).toMatchObject({ status: 'completed' })
  })

  test('is cancelled with its parts', async () => {
    const before = await blobs()
    const upload = await create(8)
    const id = await part(upload.id, Buffer.from('data'))
    expect(await blobs()).toHaveLength(before.length + 1)
    expect(await client.uploads.cancel(upload.id)).toMatchObject({ status: 'cancelled' })
    expect(await client.uploads.cancel(upload.id)).toMatchObject({ status: 'cancelled' })
    expect(await blobs()).toEqual(before)
    const complete = client.uploads.complete(upload.id, { part_ids: [id] })
    await expect(complete).rejects.toMatchObject({ status: 400, code: 'upload_not_pending' })
  })

  test('has its quota', async () => {
    const half = 500_000_000
    const pending = [await create(half), await create(half)]
    await expect(create(half)).rejects.toMatchObject({ status: 429, code: 'upload_quota_exceeded' })
    for (const { id } of pending) await client.uploads.cancel(id)
    await expect(create(512_000_000)).rejects.toMatchObject({ status: 400, param: 'bytes' })
  })

  test.each([
    ['a purpose that there is not', { purpose: 'vision' }, 'purpose'],
    ['no name', { filename: '' }, 'filename'],
    ['a lifetime under an hour', { expires_after: { anchor: 'created_at', seconds: 60 } }, 'expires_after.seconds'],
    ['an unknown field', { colour: 'red' }, 'colour'],
  ])('is refused with %s', async (_, fields, param) => {
    await expect(create(1, fields as never)).rejects.toMatchObject({ status: 400, param })
  })

  test('has parts of 64 MB at most', async () => {
    const upload = await create(100_000_000)
    const before = await blobs()
    await expect(part(upload.id, Buffer.alloc(64 * 2 ** 20 + 1))).rejects.toMatchObject({
      status: 413,
      code: 'part_too_large',
    })
    expect(await blobs()).toEqual(before)
    await client.uploads.cancel(upload.id)
  })

  test('that is not there is not found, and a stranger is told nothing', async () => {
    await expect(client.uploads.cancel('upload_none')).rejects.toMatchObject({ status: 404, code: 'upload_not_found' })
    await expect(part('upload_none', Buffer.from('data'))).rejects.toMatchObject({ status: 404 })
    const stranger = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: 'none', maxRetries: 0 })
    await expect(stranger.uploads.cancel('upload_none')).rejects.toMatchObject({ status: 401 })
  })

  test('a form that is none of a part leaves nothing', async () => {
    const upload = await create(4)
    const before = await blobs()
    const send = (body: FormData) =>
      fetch(`${service.url}/v1/uploads/${upload.id}/parts`, { method: 'POST', body, headers: { 'api-key': KEY } })
    const form = (name: string, value: string | Blob) => {
      const body = new FormData()
      body.append(name, value)
      return body
    }
    const twice = form('data', new Blob(['data']))
    twice.append('data', new Blob(['data']))
    const more = form('data', new Blob(['data']))
    more.append('else', 'text')
    for (const body of [new FormData(), form('data', 'text'), form('file', new Blob(['data'])), twice, more]) {
      const reply = await send(body)
      expect(reply.status).toBe(400)
      expect(await reply.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
    }
    expect(await blobs()).toEqual(before)
  })

  test("goes by block ids in Azure's dated API", async () => {
    const azure = new AzureOpenAI({ endpoint: service.url, apiKey: KEY, apiVersion: '2024-10-21', maxRetries: 0 })
    const fields = { bytes: 4, filename: 'a.jsonl', mime_type: 'application/json', purpose: 'fine-tune' } as const
    const { data: upload, response } = await azure.uploads.create(fields).withResponse()
    expect(response.headers.get('location')).toBe(`/openai/uploads/${upload.id}`)
    const data = await toFile(Buffer.from('data'), 'part')
    const { azure_block_id: block = '' } = (await azure.uploads.parts.create(upload.id, { data })) as unknown as Record<
      string,
      string
    >
    expect(await azure.uploads.complete(upload.id, { part_ids: [block] })).toMatchObject({ status: 'completed' })
    await expect(azure.uploads.cancel(upload.id)).rejects.toMatchObject({ status: 400 })
  })
})
