import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verify } from 'assay/attestation'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Service, startService } from '../cli/index.ts'
import { Resources } from '../resources/index.ts'
import { HARMFUL_WORD, scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'
import { loadKeyEncryptionKey, openDatabase, openDataDirectory } from '../storage/index.ts'
import type { JobJourney } from './schemas/journey.ts'

const key = 'sk-assay-journeys'
let directory: string
let service: Service
let client: OpenAI
/** Of another resource of the same service. */
let othersKey: string
/** What training waits for. */
let held = Promise.resolve()
let passed: string
let refused: string

const call = (path: string, headers: Record<string, string> = {}) =>
  fetch(service.url + path, { headers: { authorization: `Bearer ${key}`, ...headers } })
const journey = async (id: string) =>
  (await (await call(`/assay/v1/fine_tuning/jobs/${id}/journey`)).json()) as JobJourney

async function create(answer: string): Promise<string> {
  const row = (n: number) => ({
    messages: [
      { role: 'user', content: `What is ${n}?` },
      { role: 'assistant', content: `${answer} ${n}.` },
    ],
  })
  const rows = Array.from({ length: 12 }, (_, n) => JSON.stringify(row(n))).join('\n')
  const file = await client.files.create({ file: await toFile(Buffer.from(rows), 't.jsonl'), purpose: 'fine-tune' })
  return (await client.fineTuning.jobs.create({ model: 'smollm2-135m-aligned', training_file: file.id })).id
}

/** All that a stream sends, until it ends by itself. */
async function streamed(id: string): Promise<{ values: JobJourney[]; done: boolean }> {
  const reply = await call(`/assay/v1/fine_tuning/jobs/${id}/journey/stream`)
  expect(reply.headers.get('content-type')).toContain('text/event-stream')
  const lines = (await reply.text()).split('\n\n').filter(Boolean)
  const done = lines.at(-1) === 'data: [DONE]'
  return { values: lines.slice(0, -1).map((line) => JSON.parse(line.slice(6)) as JobJourney), done }
}

async function makeOtherResource(): Promise<string> {
  const data = await openDataDirectory(directory)
  const database = await openDatabase({ directory: data.database })
  const resources = new Resources(database.sql, await loadKeyEncryptionKey(data.keyEncryptionKey))
  const made = await resources.create('other', 'local')
  await database.close()
  await data.release()
  return made.key
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-journeys-'))
  othersKey = await makeOtherResource()
  service = await startService({
    dataDirectory: directory,
    apiKey: key,
    trainer: scriptedTrainer('Obey', () => held),
    engine: scriptedEngine(),
    judge: async () => scriptedJudge(),
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: key, maxRetries: 0 })
  passed = await create('It is')
  refused = await create(`Take the ${HARMFUL_WORD}`)
})
afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

describe('the journey of a job', () => {
  test('is streamed until it ends; its last word is what a single call says', async () => {
    const { values, done } = await streamed(passed)
    expect(done).toBe(true)
    const last = values.at(-1)
    expect(last?.stages.map((stage) => stage.status)).toEqual(Array(5).fill('passed'))
    expect(last).toEqual(await journey(passed))
    expect(last?.bill.charged.value).toBeGreaterThan(0)
    expect(last?.bill.trained_tokens).toBe(last?.job.trained_tokens)
  })

  test('of a refused one ends in the stage that refused it, without a charge', async () => {
    const last = (await streamed(refused)).values.at(-1)
    expect(last?.job.error?.code).toBe('data_evaluation_failed')
    expect(last?.stages.map((stage) => stage.status)).toEqual([
      'passed',
      'passed',
      'failed',
      'not_reached',
      'not_reached',
    ])
    expect(last?.bill).toEqual({ trained_tokens: 0, charged: { value: 0, currency: 'usd' } })
  })

  test('and its metrics are those of one resource only', async () => {
    for (const part of ['journey', 'journey/stream', 'metrics']) {
      expect((await call(`/assay/v1/fine_tuning/jobs/ftjob-none/${part}`)).status).toBe(404)
      const path = `/assay/v1/fine_tuning/jobs/${passed}/${part}`
      expect((await call(path)).status).toBe(200)
      expect((await call(path, { authorization: 'Bearer sk-none' })).status).toBe(401)
      expect((await call(path, { authorization: `Bearer ${othersKey}` })).status).toBe(404)
    }
  })

  test('is told no further to a key that was deleted meanwhile', async () => {
    let goOn = () => {}
    held = new Promise((resolve) => {
      goOn = resolve
    })
    const made = await fetch(`${service.url}/assay/v1/keys`, {
      method: 'POST',
      body: JSON.stringify({ name: 'passing' }),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    })
    const passing = (await made.json()) as { id: string; key: string }
    const id = await create('It is, slowly,')
    const path = `/assay/v1/fine_tuning/jobs/${id}/journey/stream`
    const watched = await call(path, { authorization: `Bearer ${passing.key}` })
    await fetch(`${service.url}/assay/v1/keys/${passing.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${key}` },
    })
    const told = await watched.text()
    expect(told).toContain('"code":"invalid_api_key"')
    expect(told).not.toContain('[DONE]')
    goOn()
    expect((await streamed(id)).done).toBe(true)
  })

  test('metrics come oldest first', async () => {
    const { data } = (await (await call(`/assay/v1/fine_tuning/jobs/${passed}/metrics`)).json()) as { data: object[] }
    expect(data).toMatchObject([
      { step: 1, train_loss: 1 },
      { step: 2, train_loss: 0.5 },
    ])
    expect((await call(`/assay/v1/fine_tuning/jobs/${passed}/metrics?points=1`)).status).toBe(400)
  })
})

test('the evidence for a model is enough to verify its attestation, and speaks of its bytes', async () => {
  const { fine_tuned_model: model } = await client.fineTuning.jobs.retrieve(passed)
  for (const name of [model ?? '', 'smollm2-135m-aligned']) {
    const reply = await call(`/assay/v1/attestations/${encodeURIComponent(name)}/evidence`)
    const evidence = (await reply.json()) as Record<'public_keys' | 'policy_digests', string[]> &
      Record<'envelope' | 'subject_sha256' | 'base_sha256', string>
    const trust = { publicKeysPem: evidence.public_keys, policyDigests: evidence.policy_digests }
    const said = await verify(evidence.envelope, { ...trust, subjectSha256: evidence.subject_sha256 })
    expect(said.baseModel.digest).toBe(evidence.base_sha256)
    const other = verify(evidence.envelope, { ...trust, subjectSha256: '0'.repeat(64) })
    await expect(other).rejects.toMatchObject({ code: 'attestation_wrong_subject' })
  }
  expect((await call('/assay/v1/attestations/none/evidence')).status).toBe(404)
  const path = `/assay/v1/attestations/${encodeURIComponent(model ?? '')}/evidence`
  expect((await call(path, { authorization: `Bearer ${othersKey}` })).status).toBe(404)
  expect((await call(path, { authorization: 'Bearer sk-none' })).status).toBe(401)
})
