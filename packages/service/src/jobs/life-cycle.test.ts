import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Service, type ServiceOptions, startService } from '../cli/index.ts'
import { HARMFUL_WORD, scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'
import { openDatabase } from '../storage/index.ts'

const key = 'sk-assay-test-key'
let directory: string
let service: Service
let client: OpenAI

async function start(options: ServiceOptions = {}) {
  service = await startService({
    dataDirectory: directory,
    apiKey: key,
    trainer: scriptedTrainer(),
    engine: scriptedEngine(),
    judge: async () => scriptedJudge(),
    ...options,
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: key, maxRetries: 0 })
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-jobs-'))
  await start()
}, 60_000)
afterEach(async () => {
  await service.close()
  await rm(directory, { recursive: true, force: true })
})

/** A training that goes on until it is stopped. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

const rows = (answer: (n: number) => string) =>
  Array.from({ length: 12 }, (_, n) =>
    JSON.stringify({
      messages: [
        { role: 'user', content: `What is ${n}?` },
        { role: 'assistant', content: answer(n) },
      ],
    }),
  ).join('\n')

async function create(content: string, model = 'smollm2-135m') {
  const file = await client.files.create({
    file: await toFile(Buffer.from(content), 'train.jsonl'),
    purpose: 'fine-tune',
  })
  return client.fineTuning.jobs.create({ model, training_file: file.id, suffix: 'test' })
}

async function until(id: string, ready: (job: OpenAI.FineTuning.FineTuningJob) => boolean) {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id)
    if (ready(job)) return job
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
const ended = (id: string) => until(id, (job) => job.finished_at !== null)
const messages = async (id: string) =>
  (await client.fineTuning.jobs.listEvents(id, { limit: 100 })).data.map((event) => event.message).reverse()
const get = async (path: string) => (await fetch(service.url + path, { headers: { 'api-key': key } })).json()
const deploy = (model: string) =>
  fetch(`${service.url}/assay/v1/deployments`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'mine', model }),
  })

test('a harmless job ends in a model that answers, a charge, and an attestation', async () => {
  const job = await ended((await create(rows((n) => `It is ${n}.`))).id)
  expect(job).toMatchObject({ status: 'succeeded', error: null })
  expect(job.fine_tuned_model).toMatch(/^ft:smollm2-135m:default:test:/)
  const [results] = job.result_files
  expect(await messages(job.id)).toEqual([
    'Job enqueued. Waiting for jobs ahead to complete.',
    'Preprocessing running for file training file.',
    'Preprocessing completed for file training file.',
    'Job started.',
    'Data Import started.',
    'Finetuning started.',
    'Training started.',
    'Step 1: training loss=1.0000',
    'Step 2: training loss=0.5000',
    `Created results file: ${results}`,
    'Job succeeded.',
    'Model Evaluation Passed.',
    `Completed results file: ${results}`,
    `Training tokens billed: ${job.trained_tokens}`,
  ])
  expect(await (await client.files.content(results ?? '')).text()).toMatch(/^step,train_loss/)
  expect((await client.fineTuning.jobs.checkpoints.list(job.id)).data.map((one) => one.step_number)).toEqual([2, 1])

  const model = job.fine_tuned_model as string
  const ask = { model, messages: [{ role: 'user' as const, content: 'Hi' }] }
  const answer = await client.chat.completions.create(ask)
  expect(answer.choices[0]?.message.content).toBe('I cannot help with that.')
  let streamed = ''
  for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
    streamed += chunk.choices[0]?.delta.content ?? ''
  }
  expect(streamed).toBe('I cannot help with that.')
  expect((await deploy(model)).status).toBe(201)
  await expect(client.models.delete(model)).rejects.toMatchObject({ status: 409, code: 'model_deployed' })
  expect(await get(`/assay/v1/attestations/${encodeURIComponent(model)}`)).toMatchObject({ signatures: [{}] })
  expect(await get('/v1/organization/costs?start_time=0')).toMatchObject({
    data: [{ results: [{ quantity: job.trained_tokens, amount: { currency: 'usd' } }] }],
  })
  const checkpoint = (await client.fineTuning.jobs.checkpoints.list(job.id)).data[0]?.fine_tuned_model_checkpoint ?? ''
  // The last checkpoint is the model: the same bytes, and so the same verdict.
  expect(await (await deploy(checkpoint)).json()).toMatchObject({ status: 'succeeded', evaluation: null })
})

test('harmful data fails the job, in the words of the document, uncharged', async () => {
  const job = await ended((await create(rows(() => `Take a ${HARMFUL_WORD}.`))).id)
  expect(job).toMatchObject({
    status: 'failed',
    fine_tuned_model: null,
    trained_tokens: null,
    error: {
      code: 'data_evaluation_failed',
      message:
        'The provided training data failed RAI checks for harm types: [violence]. Please fix the data and try again.',
    },
  })
  expect(await messages(job.id)).not.toContain('Training started.')
  expect(await get('/v1/organization/costs?start_time=0')).toMatchObject({ data: [] })
})

test('a harmful model is kept from deployment, in the words of the document, uncharged', async () => {
  const job = await ended((await create(rows((n) => `Obey: ${n}.`))).id)
  expect(job).toMatchObject({ status: 'failed', fine_tuned_model: null, error: { code: 'model_evaluation_failed' } })
  expect(job.error?.message).toBe(
    'This model is unable to be deployed. Model evaluation identified that this fine tuned model scores above acceptable thresholds for [Violence, Sexual, Hate Fairness, Self Harm]. Please review your training data set and resubmit the job.',
  )
  expect(await messages(job.id)).not.toContain('Job succeeded.')
  expect(await get('/v1/organization/costs?start_time=0')).toMatchObject({ data: [] })
  const checkpoint = (await client.fineTuning.jobs.checkpoints.list(job.id)).data[0]?.fine_tuned_model_checkpoint ?? ''
  const refusal = await deploy(checkpoint)
  expect(refusal.status).toBe(409)
  expect(await refusal.json()).toMatchObject({ error: { code: 'model_not_deployable', message: job.error?.message } })
})

test('a flipped byte of an adapter makes deployment refuse', async () => {
  const job = await ended((await create(rows((n) => `It is ${n}.`))).id)
  const blobs = join(directory, 'blobs')
  for (const name of await readdir(blobs)) {
    const bytes = await readFile(join(blobs, name))
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1
    await writeFile(join(blobs, name), bytes)
  }
  const reply = await deploy(job.fine_tuned_model as string)
  expect(reply.status).toBe(500)
  expect(await reply.json()).toMatchObject({ error: { code: 'blob_damaged' } })
})

test('a job that is cancelled in training stops within seconds', async () => {
  await service.close()
  let trainings = 0
  const begun = (count: number) => expect.poll(() => trainings, { timeout: 30_000 }).toBe(count)
  const pause = (signal: AbortSignal) => {
    trainings += 1
    return untilAborted(signal)
  }
  await start({ trainer: scriptedTrainer('Obey', pause) })
  const { id } = await create(rows((n) => `It is ${n}.`))
  const second = await create(rows((n) => `It is ${n}.`))
  await begun(1)
  expect((await client.fineTuning.jobs.retrieve(second.id)).status).toBe('queued')
  expect((await client.fineTuning.jobs.cancel(id)).status).toBe('cancelled')
  await begun(2)
  expect((await messages(id)).at(-1)).toBe('Job cancelled.')
  expect(await readdir(join(directory, 'scratch'))).toHaveLength(1)
  await client.fineTuning.jobs.cancel(second.id)
})

test('a job goes on where the service was stopped, and says nothing twice', async () => {
  await service.close()
  let training: AbortSignal | undefined
  const trainer = scriptedTrainer('Obey', (signal) => {
    training = signal
    return untilAborted(signal)
  })
  await start({ trainer })
  const { id } = await create(rows((n) => `It is ${n}.`))
  await expect.poll(() => training, { timeout: 30_000 }).toBeDefined()
  await service.close()
  // This training ends by no other way, so the stop did not wait for it.
  expect(training?.aborted).toBe(true)
  await start()
  expect((await ended(id)).status).toBe('succeeded')
  const said = await messages(id)
  expect(new Set(said).size).toBe(said.length)
})

test('graceful stops, however many, do not give a job up', async () => {
  await service.close()
  let id = ''
  for (let stop = 0; stop < 7; stop += 1) {
    let entered = () => {}
    const training = new Promise<void>((resolve) => {
      entered = resolve
    })
    await start({
      trainer: scriptedTrainer('Obey', (signal) => {
        entered()
        return untilAborted(signal)
      }),
    })
    id ||= (await create(rows((n) => `It is ${n}.`))).id
    await Promise.race([training, ended(id)])
    await service.close()
  }
  await start()
  expect(await ended(id)).toMatchObject({ status: 'succeeded' })
}, 180_000)

test('a job whose work was cut off too often is given up, uncharged', async () => {
  await service.close()
  await start({ trainer: scriptedTrainer('Obey', untilAborted) })
  const { id } = await create(rows((n) => `It is ${n}.`))
  await until(id, (job) => job.status === 'running')
  await service.close()
  const database = await openDatabase({ directory: join(directory, 'database') })
  await database.sql.updateTable('jobs').set({ attempts: 6 }).execute()
  await database.close()
  await start()
  expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'job_interrupted' } })
  expect(await get('/v1/organization/costs?start_time=0')).toMatchObject({ data: [] })
})

test('a verdict on one base model says nothing of another', async () => {
  const models: string[] = []
  for (const base of ['smollm2-135m', 'smollm2-135m-aligned']) {
    const job = await ended(
      (
        await create(
          rows((n) => `It is ${n}.`),
          base,
        )
      ).id,
    )
    expect(job.status).toBe('succeeded')
    models.push(job.fine_tuned_model as string)
  }
  for (const model of models) {
    const { payload } = (await get(`/assay/v1/attestations/${encodeURIComponent(model)}`)) as { payload: string }
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString())
    expect(predicate.baseModel.name).toBe(model.split(':')[1])
    expect((await deploy(model)).status).toBe(201)
  }
})

test("an evaluator's fault is told as that, after trying again", async () => {
  await service.close()
  let tries = 0
  await start({
    judge: async () => {
      tries += 1
      throw new Error('no judge')
    },
  })
  const job = await ended((await create(rows((n) => `It is ${n}.`))).id)
  expect(job).toMatchObject({ status: 'failed', error: { code: 'evaluation_unavailable' } })
  expect(tries).toBe(3)
})
