import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Service, startService } from '../../cli/index.ts'
import { scriptedEngine, scriptedJudge } from '../../scripted/index.ts'
import type { Trainer } from '../../trainers/index.ts'

const KEY = 'sk-assay-train-key'

let directory: string
let service: Service
let client: OpenAI
let workingDirectory: string | undefined

/** Says that it wrote an adapter, and did not: as one that works in another folder seems to have. */
const elsewhere: Trainer = {
  async *train(request) {
    workingDirectory = request.workingDirectory
    yield { type: 'started', totalSteps: 1, trainTokens: 100 }
    const metrics = { step: 1, epoch: 1, trainLoss: 1, trainMeanTokenAccuracy: 0.5 }
    const adapterPath = join(request.workingDirectory, 'none', 'adapter.gguf')
    yield { type: 'checkpoint', epoch: 1, step: 1, adapterPath, peftDirectory: request.workingDirectory, metrics }
    yield { type: 'completed', trainedTokens: 100 }
  },
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-train-'))
  service = await startService({
    // As the quick start names it.
    dataDirectory: relative(process.cwd(), directory),
    apiKey: KEY,
    trainer: elsewhere,
    engine: scriptedEngine(),
    judge: async () => scriptedJudge(),
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: KEY, maxRetries: 0 })
}, 60_000)
afterEach(async () => {
  await service.close()
  await rm(directory, { recursive: true, force: true })
})

test('a checkpoint that is not where the trainer says fails its job, and not the service', async () => {
  const row = JSON.stringify({
    messages: [
      { role: 'user', content: 'What is 2 + 2?' },
      { role: 'assistant', content: '4' },
    ],
  })
  const training = await toFile(Buffer.from(Array(10).fill(row).join('\n')), 'train.jsonl')
  const { id: training_file } = await client.files.create({ file: training, purpose: 'fine-tune' })
  const { id } = await client.fineTuning.jobs.create({ model: 'smollm2-135m-aligned', training_file })
  const job = () => client.fineTuning.jobs.retrieve(id)
  await expect.poll(async () => (await job()).status, { timeout: 60_000 }).toBe('failed')
  expect((await job()).error).toMatchObject({ code: 'training_failed', message: expect.stringContaining('checkpoint') })
  // A trainer works in a folder of its own choice.
  expect(isAbsolute(workingDirectory ?? '')).toBe(true)
}, 90_000)
