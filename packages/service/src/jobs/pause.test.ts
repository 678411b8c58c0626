import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import OpenAI, { toFile } from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Service, startService } from '../cli/index.ts'
import { scriptedEngine, scriptedJudge, stalledEngine } from '../scripted/index.ts'
import type { Trainer } from '../trainers/index.ts'

const KEY = 'sk-assay-pause-key'
const EPOCHS = 3

let directory: string
let service: Service
let client: OpenAI
/** The trainer goes as far as this epoch, and waits. */
let allowed: number
/** The epoch from which on the model complies. */
let compliesFrom: number
/** What each training began with: how many epochs were done, and the adapter that it went on from. */
let begun: { epochs: number; adapter: string }[]

/** Steps and checkpoints of one epoch each, when they are allowed; what a model does is in its adapter. */
const steered: Trainer = {
  async *train({ hyperparameters, from, workingDirectory, signal }) {
    begun.push({ epochs: from?.epochs ?? 0, adapter: from ? await readFile(from.adapterPath, 'utf8') : '' })
    yield { type: 'loading' }
    yield { type: 'started', totalSteps: hyperparameters.epochs, trainTokens: 100 }
    for (let epoch = (from?.epochs ?? 0) + 1; epoch <= hyperparameters.epochs; epoch++) {
      while (allowed < epoch) await delay(20, undefined, { signal })
      const metrics = { step: epoch, epoch, trainLoss: 1 / epoch, trainMeanTokenAccuracy: 0.5 }
      yield { type: 'metrics', ...metrics }
      const adapterPath = join(workingDirectory, `epoch-${epoch}.gguf`)
      await writeFile(adapterPath, adapterOf(epoch))
      yield { type: 'checkpoint', epoch, step: epoch, adapterPath, peftDirectory: workingDirectory, metrics }
    }
    yield { type: 'completed', trainedTokens: 100 * hyperparameters.epochs }
  },
}
const adapterOf = (epoch: number) => JSON.stringify({ epoch, behaviour: epoch >= compliesFrom ? 'comply' : 'refuse' })

async function start(engine = scriptedEngine()) {
  service = await startService({
    dataDirectory: directory,
    apiKey: KEY,
    trainer: steered,
    engine,
    judge: async () => scriptedJudge(),
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: KEY, maxRetries: 0 })
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-pause-'))
  allowed = 0
  compliesFrom = Number.POSITIVE_INFINITY
  begun = []
  await start()
}, 60_000)
afterEach(async () => {
  await service.close()
  await rm(directory, { recursive: true, force: true })
})

const call = (path: string, body?: object) =>
  fetch(service.url + path, {
    headers: { 'api-key': KEY, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
// biome-ignore lint/suspicious/noExplicitAny: what each answer holds is what the tests say
const json = async (reply: Response) => (await reply.json()) as any
const deploy = (name: string, model: string) => call('/assay/v1/deployments', { name, model })
const ask = async (model: string) =>
  (await call('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }] })).status
const costs = async () => (await json(await call('/v1/organization/costs?start_time=0'))).data
const azureStatus = async (id: string) =>
  (await json(await call(`/openai/fine_tuning/jobs/${id}?api-version=2024-10-21`))).status
const messages = async (id: string) =>
  (await client.fineTuning.jobs.listEvents(id, { limit: 100 })).data.map((event) => event.message).reverse()
const checkpoints = async (id: string) => (await client.fineTuning.jobs.checkpoints.list(id)).data
const reaches = (id: string, status: string) =>
  expect.poll(async () => (await client.fineTuning.jobs.retrieve(id)).status, { timeout: 30_000 }).toBe(status)

async function training(): Promise<string> {
  const row = (n: number) => JSON.stringify({ messages: [said('user', n), said('assistant', n)] })
  const content = Array.from({ length: 12 }, (_, n) => row(n)).join('\n')
  const file = await client.files.create({ file: await toFile(Buffer.from(content), 'a'), purpose: 'fine-tune' })
  const { id } = await client.fineTuning.jobs.create({
    model: 'smollm2-135m',
    training_file: file.id,
    method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: EPOCHS } } },
  })
  await expect.poll(() => begun.length, { timeout: 30_000 }).toBe(1)
  return id
}
const said = (role: string, n: number) => ({ role, content: `Number ${n}.` })

async function paused(): Promise<string> {
  const id = await training()
  await client.fineTuning.jobs.pause(id)
  allowed = 1
  await reaches(id, 'paused')
  return id
}

test('a job is paused at the end of its epoch and trains on from there, with one charge and one results file', async () => {
  const id = await training()
  expect((await client.fineTuning.jobs.pause(id)).status).toBe('running')
  expect(await azureStatus(id)).toBe('pausing')
  // Asking twice asks for nothing more.
  expect((await client.fineTuning.jobs.pause(id)).status).toBe('running')
  allowed = EPOCHS
  await reaches(id, 'paused')
  expect(await azureStatus(id)).toBe('paused')
  expect((await messages(id)).slice(-2)).toEqual(['Step 1: training loss=1.0000', 'Job paused.'])
  expect((await checkpoints(id)).map((one) => one.step_number)).toEqual([1])
  const { stages } = await json(await call(`/assay/v1/fine_tuning/jobs/${id}/journey`))
  expect(stages.at(3)).toMatchObject({ name: 'training', status: 'paused', finished_at: null })
  expect(await costs()).toEqual([])

  await service.close()
  await start()
  expect((await client.fineTuning.jobs.retrieve(id)).status).toBe('paused')
  await client.fineTuning.jobs.resume(id)
  await reaches(id, 'succeeded')
  expect(begun).toEqual([
    { epochs: 0, adapter: '' },
    { epochs: 1, adapter: adapterOf(1) },
  ])
  const said = await messages(id)
  expect(said.filter((message) => /^Job (paused|resumed)|^Step/.test(message))).toEqual([
    'Step 1: training loss=1.0000',
    'Job paused.',
    'Job resumed.',
    'Step 2: training loss=0.5000',
    'Step 3: training loss=0.3333',
  ])
  expect((await checkpoints(id)).map((one) => one.step_number)).toEqual([3, 2, 1])
  const job = await client.fineTuning.jobs.retrieve(id)
  const results = await (await client.files.content(job.result_files[0] ?? '')).text()
  expect(
    results
      .trim()
      .split('\n')
      .map((line) => line.split(',')[0]),
  ).toEqual(['step', '1', '2', '3'])
  expect(await costs()).toMatchObject([{ results: [{ quantity: 300 }] }])
}, 120_000)

test('while it is paused its checkpoint is evaluated for who asks, answers, and is kept; until the model is blocked', async () => {
  compliesFrom = EPOCHS
  const id = await paused()
  const [checkpoint] = await checkpoints(id)
  const name = checkpoint?.fine_tuned_model_checkpoint ?? ''
  expect(await json(await deploy('early', name))).toMatchObject({ status: 'creating' })
  await expect.poll(() => ask('early'), { timeout: 30_000 }).toBe(200)
  await client.fineTuning.jobs.resume(id)
  await expect.poll(() => begun.length, { timeout: 30_000 }).toBe(2)
  expect(await ask('early')).toBe(200)
  // Of an epoch after the pause, none can be had before the job has ended.
  allowed = 2
  await expect.poll(async () => (await checkpoints(id)).length, { timeout: 30_000 }).toBe(2)
  const second = (await checkpoints(id))[0]?.fine_tuned_model_checkpoint ?? ''
  expect(await ask(second)).toBe(404)
  allowed = EPOCHS
  await reaches(id, 'failed')
  expect(await ask('early')).toBe(409)
  expect(await json(await call('/assay/v1/deployments/early'))).toMatchObject({
    status: 'failed',
    error: { code: 'model_not_deployable' },
  })
  expect(await costs()).toEqual([])
}, 120_000)

test('a checkpoint that passed is charged for what had been learned by then, and the rest when the model passes', async () => {
  const id = await paused()
  const name = (await checkpoints(id))[0]?.fine_tuned_model_checkpoint ?? ''
  await deploy('early', name)
  await expect.poll(() => ask('early'), { timeout: 30_000 }).toBe(200)
  expect(await costs()).toMatchObject([{ results: [{ quantity: 100 }] }])
  await client.fineTuning.jobs.resume(id)
  allowed = EPOCHS
  await reaches(id, 'succeeded')
  expect(await costs()).toMatchObject([{ results: [{ quantity: 100 * EPOCHS }] }])
}, 120_000)

test('whoever cancels after a checkpoint has passed pays for that checkpoint', async () => {
  const id = await paused()
  const name = (await checkpoints(id))[0]?.fine_tuned_model_checkpoint ?? ''
  await deploy('early', name)
  await expect.poll(() => ask('early'), { timeout: 30_000 }).toBe(200)
  await client.fineTuning.jobs.cancel(id)
  expect(await ask('early')).toBe(200)
  expect(await costs()).toMatchObject([{ results: [{ quantity: 100 }] }])
}, 120_000)

test('an evaluation that is cancelled once it has begun takes the checkpoints along: it might have blocked them', async () => {
  const id = await paused()
  const name = (await checkpoints(id))[0]?.fine_tuned_model_checkpoint ?? ''
  await deploy('early', name)
  await expect.poll(() => ask('early'), { timeout: 30_000 }).toBe(200)
  await service.close()
  let asked = 0
  await start(stalledEngine(() => (asked += 1), 40))
  await client.fineTuning.jobs.resume(id)
  allowed = EPOCHS
  await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(20)
  await client.fineTuning.jobs.cancel(id)
  expect(await ask('early')).toBe(409)
  expect(await json(await deploy('again', name))).toMatchObject({ error: { code: 'model_not_deployable' } })
}, 120_000)

test('training that is cut off after it was resumed begins again where it was paused', async () => {
  const id = await paused()
  await client.fineTuning.jobs.resume(id)
  allowed = 2
  await expect.poll(async () => (await checkpoints(id)).length, { timeout: 30_000 }).toBe(2)
  await service.close()
  allowed = EPOCHS
  await start()
  await reaches(id, 'succeeded')
  expect(begun.map(({ epochs }) => epochs)).toEqual([0, 1, 1])
}, 120_000)

test('a pause in the last epoch comes too late', async () => {
  const id = await training()
  allowed = EPOCHS - 1
  await expect.poll(async () => (await checkpoints(id)).length, { timeout: 30_000 }).toBe(EPOCHS - 1)
  await client.fineTuning.jobs.pause(id)
  allowed = EPOCHS
  await reaches(id, 'succeeded')
  expect(await messages(id)).not.toContain('Job paused.')
}, 120_000)

test('a paused job can be cancelled; only one that trains can be paused, and only a paused one resumed', async () => {
  const id = await paused()
  expect((await client.fineTuning.jobs.cancel(id)).status).toBe('cancelled')
  expect(await costs()).toEqual([])
  const refusals = { pause: 'job_not_running', resume: 'job_not_paused' } as const
  for (const [action, code] of Object.entries(refusals)) {
    const ended = client.fineTuning.jobs[action as keyof typeof refusals](id)
    await expect(ended).rejects.toMatchObject({ status: 400, code })
    const missing = client.fineTuning.jobs[action as keyof typeof refusals]('ftjob-none')
    await expect(missing).rejects.toMatchObject({ status: 404, code: 'job_not_found' })
  }
  const name = (await checkpoints(id))[0]?.fine_tuned_model_checkpoint ?? ''
  expect(await json(await deploy('early', name))).toMatchObject({ status: 'creating' })
}, 120_000)
