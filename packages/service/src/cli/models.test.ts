import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'
import { ApiClient } from './api-client.ts'
import { chatCommand } from './chat.ts'
import type { Job } from './job.ts'
import { modelsCommand } from './models.ts'
import { resourcesCommand } from './resources.ts'
import { type Service, startService } from './start-service.ts'

const key = 'sk-assay-models'
let folder: string
let service: Service
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-models-'))
  const scripted = { trainer: scriptedTrainer(), engine: scriptedEngine(), judge: async () => scriptedJudge() }
  service = await startService({ dataDirectory: folder, apiKey: key, ...scripted })
  vi.stubEnv('ASSAY_API_KEY', key)
  vi.stubEnv('ASSAY_OPERATOR_KEY', undefined)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await service?.close()
  await rm(folder, { recursive: true, force: true })
})
afterEach(() => vi.restoreAllMocks())

async function tune(client: ApiClient): Promise<string> {
  const row = (n: number) => ({
    messages: [
      { role: 'user', content: `What is ${n}?` },
      { role: 'assistant', content: `It is ${n}.` },
    ],
  })
  const form = new FormData()
  form.append('purpose', 'fine-tune')
  form.append('file', new Blob([Array.from({ length: 12 }, (_, n) => JSON.stringify(row(n))).join('\n')]), 't.jsonl')
  const headers = { authorization: `Bearer ${key}` }
  const file = (await (await fetch(`${service.url}/v1/files`, { method: 'POST', body: form, headers })).json()) as Job
  const body = { model: 'smollm2-135m-aligned', training_file: file.id }
  const { id } = await client.post<Job>('/v1/fine_tuning/jobs', body)
  return vi.waitFor(
    async () => {
      const { fine_tuned_model: model } = await client.get<Job>(`/v1/fine_tuning/jobs/${id}`)
      if (!model) throw new Error('not yet')
      return model
    },
    { timeout: 30_000, interval: 200 },
  )
}

test('lists base models, and tuned ones with the names that they are deployed under', async () => {
  const client = new ApiClient({ url: service.url, apiKey: key })
  const model = await tune(client)
  await client.post('/assay/v1/deployments', { name: 'support', model })
  let written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    written += part
    return true
  })
  await modelsCommand().parseAsync(['--url', service.url], { from: 'user' })
  expect(written).toMatch(/^ID +KIND +DEPLOYED_AS +CREATED_AT\n/)
  expect(written).toMatch(/^smollm2-135m-aligned +base +\d{4}-/m)
  expect(written).toMatch(new RegExp(`^${model} +tuned +support +\\d{4}-`, 'm'))
})

test('an unknown model is told of in words for a terminal too', async () => {
  await expect(chatCommand().parseAsync(['nope', 'Hello', '--url', service.url], { from: 'user' })).rejects.toThrow(
    '`assay models` or GET /v1/models lists those there are.',
  )
})

test('without the key of an operator, the advice is the one for operators', async () => {
  const listing = resourcesCommand().parseAsync(['list', '--url', service.url], { from: 'user' })
  await expect(listing).rejects.toMatchObject({
    code: 'no_api_key',
    remedy: expect.stringMatching(/chooses a secret and starts `assay serve` with ASSAY_OPERATOR_KEY/),
  })
})
