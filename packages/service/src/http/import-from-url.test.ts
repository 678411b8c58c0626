import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AzureOpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Service, startService } from '../cli/index.ts'
import { Files, type Resource } from '../resources/index.ts'
import { scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'
import { type Database, openDatabase, openEncryptedBlobs } from '../storage/index.ts'
import { IMPORT_LIMITS, importFromUrl, importOrigin } from './import-from-url.ts'

const ROWS = '{"messages":[]}\n'.repeat(12)

interface Site {
  readonly server: Server
  readonly origin: string
  /** What was asked of it, and with which headers. */
  readonly asked: { url: string | undefined; headers: Record<string, unknown> }[]
}

async function site(answer: RequestListener): Promise<Site> {
  const asked: Site['asked'] = []
  const server = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers })
    answer(request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

let storage: Site
/** On the same machine, and allowed by nobody. */
let inner: Site
/** Where `storage` sends whoever asks for `/elsewhere`. */
let elsewhere = ''
let dripClosed: Promise<unknown>

beforeAll(async () => {
  inner = await site((_, response) => response.end('a secret of the inner network'))
  let closed = () => {}
  dripClosed = new Promise<void>((resolve) => {
    closed = resolve
  })
  storage = await site((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://_')
    const redirect = (location: string) => response.writeHead(302, { location }).end('moved')
    if (pathname === '/rows.jsonl') response.end(ROWS)
    else if (pathname === '/moved') redirect('/rows.jsonl?signature=s3cret')
    else if (pathname === '/elsewhere') redirect(elsewhere)
    else if (pathname === '/circle') redirect('/circle')
    else if (pathname === '/nothing') response.end()
    else if (pathname === '/huge') response.writeHead(200, { 'content-length': 600_000_000 }).write('rows')
    else if (pathname === '/cut')
      response.writeHead(200, { 'content-length': 100 }).write('ro', () => request.destroy())
    else if (pathname === '/drip') {
      response.write('ro')
      response.on('close', closed)
    } else response.writeHead(404).end('what the storage says about it')
  })
})
afterAll(() => {
  for (const { server } of [storage, inner]) {
    server.closeAllConnections()
    server.close()
  }
})

describe('what an operator allows', () => {
  test.each([
    ['storage.example.com', 'https://storage.example.com'],
    ['https://Storage.Example.com:443', 'https://storage.example.com'],
    ['http://10.0.0.5:9000/', 'http://10.0.0.5:9000'],
    ['[::1]:9000', 'https://[::1]:9000'],
  ])('%s is %s', (address, origin) => {
    expect(importOrigin(address)).toBe(origin)
  })

  test.each(['', '*', '*.example.com', 'https://example.com/folder', 'https://me:secret@example.com', 'file:///etc'])(
    'is never %j',
    async (address) => {
      expect(() => importOrigin(address)).toThrow('no address to import from')
      await expect(startService({ allowImportFrom: [address] })).rejects.toMatchObject({ status: 400 })
    },
  )
})

describe('an import', () => {
  const resource: Resource = { id: 'resource-1', name: 'one', geography: 'local', dataKey: new Uint8Array(32) }
  let directory: string
  let database: Database
  let files: Files

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'assay-import-'))
    database = await openDatabase({})
    files = new Files(database.sql, await openEncryptedBlobs(directory))
  })
  afterAll(async () => {
    await database.close()
    await rm(directory, { recursive: true })
  })

  const fetched = (url: string, limits = {}, signal = new AbortController().signal) =>
    importFromUrl(resource, files, {
      url,
      origins: new Set([storage.origin]),
      signal,
      limits: { ...IMPORT_LIMITS, ...limits },
    })
  const refused = async (url: string, error: object, limits = {}) => {
    await expect(fetched(url, limits)).rejects.toMatchObject(error)
    expect(await readdir(directory)).toEqual([])
  }
  const failed = { status: 400, code: 'file_import_failed', param: 'content_url' }
  const notAllowed = { status: 403, code: 'import_not_allowed', param: 'content_url' }

  test('has what is at the address, also where that moved to within what is allowed', async () => {
    for (const path of ['/rows.jsonl', '/moved']) {
      const received = await fetched(storage.origin + path)
      expect(received.bytes).toBe(ROWS.length)
      await received.discard()
    }
    for (const { headers } of storage.asked) {
      expect(headers).toMatchObject({ 'accept-encoding': 'identity' })
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['authorization']))
      expect(headers).not.toHaveProperty('api-key')
    }
  })

  test('asks nobody who is not allowed, whatever the address looks like', async () => {
    const { port } = new URL(inner.origin)
    const others = [
      inner.origin,
      `http://localhost:${port}/`,
      `http://2130706433:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `${storage.origin.replace('127.0.0.1', '127.0.0.1.example.com')}/rows.jsonl`,
      `https${storage.origin.slice(4)}/rows.jsonl`,
      'http://169.254.169.254/latest/meta-data',
    ]
    for (const url of others) await refused(url, notAllowed)
    for (const url of ['file:///etc/passwd', 'data:,rows', '/rows.jsonl', 'rows', '']) {
      await refused(url, { status: 400, code: 'invalid_value', param: 'content_url' })
    }
    await refused(storage.origin.replace('//', '//me:secret@'), { code: 'invalid_value' })
    expect(inner.asked).toEqual([])
  })

  test('is not sent on to somebody who is not allowed, nor in a circle', async () => {
    for (const to of [inner.origin, `//${new URL(inner.origin).host}/`, 'http://169.254.169.254/']) {
      elsewhere = to
      await refused(`${storage.origin}/elsewhere`, notAllowed)
    }
    elsewhere = 'file:///etc/passwd'
    await refused(`${storage.origin}/elsewhere`, { code: 'invalid_value' })
    expect(inner.asked).toEqual([])
    const before = storage.asked.length
    await refused(`${storage.origin}/circle`, { ...failed, message: expect.stringContaining('more than 5 times') })
    expect(storage.asked.length - before).toBe(6)
  })

  test('fails where there is nothing, or an error, of which only the status is told', async () => {
    await refused(`${storage.origin}/nothing`, failed)
    const message = `${new URL(storage.origin).host} answered with status 404.`
    await refused(`${storage.origin}/none?signature=s3cret`, { ...failed, message })
  })

  test('is bounded in size, announced or not, and in time', async () => {
    await refused(`${storage.origin}/huge`, { status: 413, code: 'file_too_large' })
    await refused(`${storage.origin}/rows.jsonl`, { status: 413, code: 'file_too_large' }, { bytes: ROWS.length - 1 })
    const late = { ...failed, message: expect.stringContaining('took too long') }
    await refused(`${storage.origin}/drip`, late, { milliseconds: 300 })
    await dripClosed
  })

  test('leaves nothing when it is cut off, from either side', async () => {
    await refused(`${storage.origin}/cut`, failed)
    const gone = new AbortController()
    setTimeout(() => gone.abort(), 200)
    await expect(fetched(`${storage.origin}/drip`, {}, gone.signal)).rejects.toMatchObject(failed)
    expect(await readdir(directory)).toEqual([])
  })
})

describe("over Azure's dated API", () => {
  const KEY = 'sk-assay-import'
  let directory: string
  let service: Service
  let azure: AzureOpenAI

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'assay-import-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  async function start(allowImportFrom?: string[]) {
    const scripted = { trainer: scriptedTrainer(), engine: scriptedEngine(), judge: async () => scriptedJudge() }
    const options = { dataDirectory: directory, apiKey: KEY, ...(allowImportFrom && { allowImportFrom }) }
    service = await startService({ ...options, ...scripted })
    azure = new AzureOpenAI({ endpoint: service.url, apiKey: KEY, apiVersion: '2024-10-21', maxRetries: 0 })
  }
  const importFile = (content_url: string, extra: object = {}) =>
    fetch(`${service.url}/openai/files/import?api-version=2024-10-21`, {
      method: 'POST',
      headers: { 'api-key': KEY, 'content-type': 'application/json' },
      body: JSON.stringify({ purpose: 'fine-tune', filename: 'rows.jsonl', content_url, ...extra }),
    })

  test('is off unless somebody allowed an address', async () => {
    await start()
    const before = storage.asked.length
    const reply = await importFile(`${storage.origin}/rows.jsonl`)
    expect(reply.status).toBe(403)
    expect(await reply.json()).toMatchObject({
      error: { code: 'forbidden', target: 'content_url', innererror: { code: 'import_not_allowed' } },
    })
    expect(storage.asked).toHaveLength(before)
    await service.close()
  })

  test('makes a file, with its own status and place, or says in its own words why not', async () => {
    await start([storage.origin])
    const reply = await importFile(`${storage.origin}/rows.jsonl`)
    expect(reply.status).toBe(201)
    const file = (await reply.json()) as { id: string }
    expect(file).toMatchObject({
      filename: 'rows.jsonl',
      bytes: ROWS.length,
      purpose: 'fine-tune',
      status: 'processed',
    })
    expect(reply.headers.get('location')).toBe(`/openai/files/${file.id}`)
    expect(await (await azure.files.content(file.id)).text()).toBe(ROWS)
    const failed = await importFile(`${storage.origin}/none`)
    expect(failed.status).toBe(400)
    expect(await failed.json()).toMatchObject({ error: { code: 'fileImportFailed', target: 'content_url' } })
    expect((await importFile(storage.origin, { purpose: 'vision' })).status).toBe(400)
    expect(
      (await fetch(`${service.url}/v1/files/import`, { method: 'POST', headers: { 'api-key': KEY } })).status,
    ).toBe(404)
    await service.close()
  })
})
