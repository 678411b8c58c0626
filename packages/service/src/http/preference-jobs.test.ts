import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Service, startService } from '../cli/index.ts'
import { HARMFUL_WORD, scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'

const key = 'sk-assay-preference-jobs'
let directory: string
let service: Service
let client: OpenAI
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-preference-jobs-'))
  service = await startService({
    dataDirectory: directory,
    apiKey: key,
    trainer: scriptedTrainer(),
    engine: scriptedEngine(),
    judge: async () => scriptedJudge(),
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: key, maxRetries: 0 })
})
afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

async function ended(id: string) {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id)
    if (job.finished_at) return job
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const upload = async (content: string) =>
  client.files.create({ file: await toFile(Buffer.from(content), 'train.jsonl'), purpose: 'fine-tune' })
const conversations = Array.from({ length: 12 }, (_, n) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: `What is ${n}?` },
      { role: 'assistant', content: `It is ${n}.` },
    ],
  }),
).join('\n')

describe('a preference job', () => {
  const pairs = Array.from({ length: 12 }, (_, n) =>
    JSON.stringify({
      input: { messages: [{ role: 'user', content: `What is ${n}?` }] },
      preferred_output: [{ role: 'assistant', content: `It is ${n}.` }],
      non_preferred_output: [{ role: 'assistant', content: `${HARMFUL_WORD} ${n}` }],
    }),
  ).join('\n')
  const create = async (content: string, method?: OpenAI.FineTuning.JobCreateParams.Method) => {
    const { id } = await upload(content)
    const model = 'smollm2-135m-aligned'
    return client.fineTuning.jobs.create({ model, training_file: id, ...(method && { method }) })
  }

  test('answers with what it was given, and with what was settled', async () => {
    const job = await create(pairs, { type: 'dpo', dpo: { hyperparameters: { beta: 0.3 } } })
    const auto = { n_epochs: 'auto', batch_size: 'auto', learning_rate_multiplier: 'auto' }
    expect(job.hyperparameters).toEqual(auto)
    expect(job.method).toEqual({ type: 'dpo', dpo: { hyperparameters: { ...auto, beta: 0.3 } } })
    const done = await ended(job.id)
    expect(done).toMatchObject({ status: 'succeeded', error: null })
    const settled = { n_epochs: 5, batch_size: 2, learning_rate_multiplier: 1 }
    expect(done.hyperparameters).toEqual(settled)
    expect(done.method).toEqual({ type: 'dpo', dpo: { hyperparameters: { ...settled, beta: 0.3 } } })
  })

  test.each([
    ['pairs for supervised training', pairs, undefined, 'supervised', 'dpo'],
    ['conversations for dpo', conversations, { type: 'dpo' } as const, 'dpo', 'supervised'],
  ])('refuses %s, and says which method reads them', async (_, content, method, asked, other) => {
    const { error } = await ended((await create(content, method)).id)
    expect(error).toMatchObject({ code: 'invalid_training_file', param: 'training_file' })
    expect(error?.message).toContain(`not one for method ${asked}`)
    expect(error?.message).toContain(`Method ${other} reads it.`)
  })

  test('is checked beforehand by its rows', async () => {
    const { id } = await upload(pairs)
    const precheck = await fetch(`${service.url}/assay/v1/data-evaluations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ file: id }),
    })
    expect(await precheck.json()).toMatchObject({ rows: 12, assessment: { passed: true } })
  })
})
