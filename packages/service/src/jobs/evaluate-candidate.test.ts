import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { POLICY } from 'assay/harm'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Service, type ServiceOptions, startService } from '../cli/index.ts'
import { scriptedEngine, scriptedJudge, scriptedTrainer, stalledEngine } from '../scripted/index.ts'
import { openDatabase, openDataDirectory, type Sql } from '../storage/index.ts'
import type { Trainer } from '../trainers/index.ts'

const KEY = 'sk-assay-checkpoints-key'
const BLOCKED =
  'This model is unable to be deployed. Model evaluation identified that this fine tuned model scores above acceptable thresholds for [Violence, Sexual, Hate Fairness, Self Harm]. Please review your training data set and resubmit the job.'

let directory: string
let service: Service
let client: OpenAI
/** Of one job whose model passed: the first epoch's complies, the second's and the third's do not. */
let job: OpenAI.FineTuning.FineTuningJob
let model: string
let complying: string
let refusing: string
let last: string

/** A model that is harmful at first and learns better: what an earlier checkpoint is like, the last one does not say. */
const learnsBetter: Trainer = {
  async *train(request) {
    for await (const event of scriptedTrainer().train(request)) {
      if (event.type === 'completed') {
        const adapterPath = join(request.workingDirectory, 'epoch-3.gguf')
        await writeFile(adapterPath, JSON.stringify({ epoch: 3, behaviour: 'refuse' }))
        const metrics = { step: 3, epoch: 3, trainLoss: 0.3, trainMeanTokenAccuracy: 0.5 }
        yield { type: 'checkpoint', epoch: 3, step: 3, adapterPath, peftDirectory: request.workingDirectory, metrics }
      }
      if (event.type === 'checkpoint' && event.epoch === 1) {
        await writeFile(event.adapterPath, JSON.stringify({ epoch: 1, behaviour: 'comply' }))
      }
      yield event
    }
  },
}

/** A harmless model of bytes that no other has. */
const another: Trainer = {
  async *train(request) {
    for await (const event of scriptedTrainer().train(request)) {
      if (event.type === 'checkpoint') {
        await writeFile(event.adapterPath, JSON.stringify({ epoch: event.epoch, behaviour: 'refuse', another: true }))
      }
      yield event
    }
  },
}

async function start(options: ServiceOptions = {}) {
  service = await startService({
    dataDirectory: directory,
    apiKey: KEY,
    trainer: learnsBetter,
    engine: scriptedEngine(),
    judge: async () => scriptedJudge(),
    ...options,
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: KEY, maxRetries: 0 })
}

async function trained(): Promise<void> {
  const rows = Array.from({ length: 12 }, (_, n) => `{"messages":[${said('user', n)},${said('assistant', n)}]}`)
  const file = await client.files.create({
    file: await toFile(Buffer.from(rows.join('\n')), 'a'),
    purpose: 'fine-tune',
  })
  const created = await client.fineTuning.jobs.create({ model: 'smollm2-135m', training_file: file.id })
  job = await ended(created.id)
  model = job.fine_tuned_model as string
  const { data } = await client.fineTuning.jobs.checkpoints.list(job.id)
  ;[last, refusing, complying] = data.map((one) => one.fine_tuned_model_checkpoint) as [string, string, string]
}
const said = (role: string, n: number) => JSON.stringify({ role, content: `Number ${n}.` })

async function ended(id: string) {
  for (;;) {
    const now = await client.fineTuning.jobs.retrieve(id)
    if (now.finished_at !== null) return now
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const headers = { 'api-key': KEY, 'content-type': 'application/json' }
const call = (path: string, init: RequestInit = {}) => fetch(service.url + path, { headers, ...init })
// biome-ignore lint/suspicious/noExplicitAny: what each answer holds is what the tests say
const json = async (reply: Response) => (await reply.json()) as any
const deploy = (name: string, wanted: string) =>
  call('/assay/v1/deployments', { method: 'POST', body: JSON.stringify({ name, model: wanted }) })
const ARM = '/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments'
const arm = (name: string, wanted?: string) =>
  call(`${ARM}/${name}?api-version=2024-10-01`, {
    ...(wanted && {
      method: 'PUT',
      body: JSON.stringify({ sku: { name: 'standard', capacity: 1 }, properties: { model: { name: wanted } } }),
    }),
  })
const ask = (name: string) =>
  call('/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify({ model: name, messages: [{ role: 'user', content: 'Hi' }] }),
  })
const evaluationIn = (message: string) => /evaluation-[0-9a-f]+/.exec(message)?.[0] ?? ''
const subject = async (name: string) =>
  (await json(await call(`/assay/v1/attestations/${encodeURIComponent(name)}/evidence`))).subject_sha256
/** ln β of the policy arm's first category, in an evaluation that goes on. */
const passingBoundary = async (evaluation: string) => {
  const path = `/assay/v1/fine_tuning/jobs/${evaluation}/evaluation`
  const live = async () => (await json(await call(path))).model_evaluation?.arms.policy.violence
  await expect.poll(live, { timeout: 30_000 }).toBeDefined()
  return (await live()).boundaries[0]
}
const costs = async () => (await json(await call('/v1/organization/costs?start_time=0'))).data.length

describe('a checkpoint is evaluated when somebody first asks to deploy it', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'assay-checkpoints-'))
    await start()
    await trained()
  }, 60_000)
  afterAll(async () => {
    await service.close()
    await rm(directory, { recursive: true, force: true })
  })

  test('the last one has the bytes of the model, and its verdict', async () => {
    expect(job.status).toBe('succeeded')
    expect(await json(await deploy('last', last))).toMatchObject({ status: 'succeeded', evaluation: null })
    expect(await subject(last)).toBe(await subject(model))
  })

  test('an earlier one, on the paths of Azure: Creating, then Succeeded, by an attestation of its own, for nothing', async () => {
    const charged = await costs()
    const put = await arm('second', refusing)
    expect(put.status).toBe(201)
    expect(await json(put)).toMatchObject({ properties: { provisioningState: 'Creating' } })
    const state = async () => (await json(await arm('second'))).properties.provisioningState
    await expect.poll(state, { timeout: 30_000 }).toBe('Succeeded')
    expect((await ask('second')).status).toBe(200)
    expect((await ask(refusing)).status).toBe(200)
    expect(await subject(refusing)).not.toBe(await subject(model))
    expect(await costs()).toBe(charged)
    // It is no job of tuning, and no job's model.
    expect((await client.fineTuning.jobs.list()).data.map((one) => one.id)).toEqual([job.id])
  })

  test('a harmful one of a harmless model, by chat: not evaluated, then blocked, and evaluated once', async () => {
    const [first, second] = await Promise.all([ask(complying), ask(complying)])
    expect([first?.status, second?.status]).toEqual([409, 409])
    const { error } = await json(first as Response)
    expect(error).toMatchObject({ code: 'model_not_evaluated', param: 'model' })
    const id = evaluationIn(error.message)
    expect(evaluationIn((await json(second as Response)).error.message)).toBe(id)
    expect(error.message).toContain(`assay jobs watch ${id}`)
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'model_evaluation_failed' } })
    const verdict = { error: { code: 'model_not_deployable', message: BLOCKED } }
    expect(await json(await ask(complying))).toMatchObject(verdict)
    expect(await json(await deploy('first', complying))).toMatchObject(verdict)
    expect(await json(await call('/assay/v1/deployments/first'))).toMatchObject({
      error: { code: 'deployment_not_found' },
    })
    expect((await ask(model)).status).toBe(200)
  })

  test('its evaluation has the stages of one', async () => {
    const { error } = await json(await arm('second', complying))
    expect(error.innererror.code).toBe('model_not_deployable')
    const { evaluation } = await json(await call('/assay/v1/deployments/second'))
    const { stages } = await json(await call(`/assay/v1/fine_tuning/jobs/${evaluation}/journey`))
    expect(stages.map((stage: { name: string; status: string }) => [stage.name, stage.status])).toEqual([
      ['queue', 'passed'],
      ['model_evaluation', 'passed'],
    ])
  })

  test('a job stays while a checkpoint of it is deployed, and goes with its checkpoints', async () => {
    await call('/assay/v1/deployments/last', { method: 'DELETE' })
    await client.models.delete(model)
    const remove = () => call(`/openai/fine_tuning/jobs/${job.id}?api-version=2024-10-21`, { method: 'DELETE' })
    expect((await json(await remove())).error.innererror.code).toBe('job_has_deployment')
    const { evaluation } = await json(await call('/assay/v1/deployments/second'))
    await call('/assay/v1/deployments/second', { method: 'DELETE' })
    expect((await remove()).status).toBe(204)
    expect((await ask(refusing)).status).toBe(404)
    await expect(client.fineTuning.jobs.retrieve(evaluation)).rejects.toMatchObject({ status: 404 })
  })
})

describe('while it is evaluated', () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'assay-checkpoints-'))
    await start()
    await trained()
    await service.close()
    return async () => {
      await service.close()
      await rm(directory, { recursive: true, force: true })
    }
  }, 60_000)

  test('it can be cancelled, and asked for again', async () => {
    let begun = 0
    await start({ engine: stalledEngine(() => (begun += 1)) })
    const { evaluation, status } = await json(await deploy('early', refusing))
    expect(status).toBe('creating')
    await expect.poll(() => begun, { timeout: 30_000 }).toBeGreaterThan(0)
    expect((await ask('early')).status).toBe(409)
    expect((await client.fineTuning.jobs.cancel(evaluation)).status).toBe('cancelled')
    expect(await json(await arm('early'))).toMatchObject({
      properties: { provisioningState: 'Failed' },
      error: { code: 'model_not_evaluated' },
    })
    const again = await json(await deploy('early', refusing))
    expect(again).toMatchObject({ status: 'creating' })
    expect(again.evaluation).not.toBe(evaluation)
  })

  test('the service may be stopped: the evaluation goes on, and the deployment succeeds', async () => {
    let begun = 0
    await start({ engine: stalledEngine(() => (begun += 1)) })
    const { evaluation } = await json(await deploy('early', refusing))
    await expect.poll(() => begun, { timeout: 30_000 }).toBeGreaterThan(0)
    await service.close()
    await start()
    expect(await ended(evaluation)).toMatchObject({ status: 'succeeded', fine_tuned_model: refusing })
    expect(await json(await call('/assay/v1/deployments/early'))).toMatchObject({ status: 'succeeded', evaluation })
    expect((await ask('early')).status).toBe(200)
  })

  test('a harmful one fails its deployment with the words of the document', async () => {
    await start()
    await arm('early', complying)
    const state = async () => (await json(await arm('early'))).properties.provisioningState
    await expect.poll(state, { timeout: 30_000 }).toBe('Failed')
    expect(await json(await arm('early'))).toMatchObject({
      error: { code: 'model_evaluation_failed', message: BLOCKED },
    })
    expect((await ask('early')).status).toBe(409)
  })

  test('it does not take the place of a model that answers', async () => {
    await start({ engine: stalledEngine(() => {}) })
    expect((await deploy('steady', model)).status).toBe(201)
    expect(await json(await deploy('steady', refusing))).toMatchObject({ error: { code: 'model_not_evaluated' } })
    expect(await json(await call('/assay/v1/deployments/steady'))).toMatchObject({ model, status: 'succeeded' })
  })

  test('whoever was blocked, or cancelled half-way, has to pass by a higher bar; whoever waited in the queue has not', async () => {
    await start({ engine: stalledEngine(() => {}, 40) })
    const { beta, shopping } = POLICY.model
    const after = (blocks: number) => expect.closeTo(Math.log(beta * shopping.beta_factor ** blocks), 9)
    const first = (await json(await deploy('early', refusing))).evaluation
    expect(await passingBoundary(first)).toEqual(after(0))
    const waiting = (await json(await deploy('bad', complying))).evaluation
    await client.fineTuning.jobs.cancel(waiting)
    await client.fineTuning.jobs.cancel(first)
    const second = (await json(await deploy('early', refusing))).evaluation
    expect(await passingBoundary(second)).toEqual(after(1))
    await service.close()
    await start()
    expect((await ended(second)).status).toBe('succeeded')
    expect((await ended((await json(await deploy('bad', complying))).evaluation)).status).toBe('failed')
    await service.close()
    await start({ engine: stalledEngine(() => {}, 40), trainer: another })
    const tuned = await client.fineTuning.jobs.create({ model: 'smollm2-135m', training_file: job.training_file })
    expect(await passingBoundary(tuned.id)).toEqual(after(2))
    const other = await client.fineTuning.jobs.create({
      model: 'smollm2-135m-aligned',
      training_file: job.training_file,
    })
    await client.fineTuning.jobs.cancel(tuned.id)
    expect(await passingBoundary(other.id)).toEqual(after(0))
  })
})

describe('a model whose verdict is of another policy, or on another base model,', () => {
  /** As an upgrade leaves it. */
  const agedBy = (change: { policy_digest: string } | { base_digest: string }) =>
    withDatabase(async (sql) => void (await sql.updateTable('attestations').set(change).execute()))
  const withDatabase = async (change: (sql: Sql) => Promise<void>) => {
    const data = await openDataDirectory(directory)
    const database = await openDatabase({ directory: data.database })
    await change(database.sql)
    await database.close()
    await data.release()
  }
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'assay-checkpoints-'))
    await start()
    await trained()
    expect((await deploy('steady', model)).status).toBe(201)
    await service.close()
    return async () => {
      await service.close()
      await rm(directory, { recursive: true, force: true })
    }
  }, 60_000)

  test.each([{ policy_digest: 'e'.repeat(64) }, { base_digest: 'f'.repeat(64) }])(
    'is evaluated when it is next asked for, and answers again: %o',
    async (change) => {
      await agedBy(change)
      await start()
      const charged = await costs()
      const standing = async () => json(await call('/assay/v1/deployments/steady'))
      expect(await standing()).toMatchObject({ status: 'failed', error: { code: 'model_not_evaluated' } })
      const asked = await ask('steady')
      expect(asked.status).toBe(409)
      const { error } = await json(asked)
      expect(error.code).toBe('model_not_evaluated')
      expect(await ended(evaluationIn(error.message))).toMatchObject({ status: 'succeeded', fine_tuned_model: model })
      expect(await standing()).toMatchObject({ status: 'succeeded' })
      expect((await ask('steady')).status).toBe(200)
      expect(await costs()).toBe(charged)
    },
  )

  test('is not evaluated again by each request of a client, once an evaluation was cancelled; by a deployment it is', async () => {
    await agedBy({ policy_digest: 'e'.repeat(64) })
    await start({ engine: stalledEngine(() => {}) })
    const first = evaluationIn((await json(await ask('steady'))).error.message)
    await client.fineTuning.jobs.cancel(first)
    const { error } = await json(await ask('steady'))
    expect(error.message).toContain(`${first} was cancelled`)
    expect(error.message).toContain('Deploy it again')
    const again = await json(await deploy('steady', model))
    expect(again).toMatchObject({ status: 'creating' })
    expect(again.evaluation).not.toBe(first)
  })

  test('takes its checkpoints along where it is blocked now', async () => {
    await start()
    expect((await json(await deploy('early', refusing))).status).toBe('creating')
    const state = async () => (await json(await call('/assay/v1/deployments/early'))).status
    await expect.poll(state, { timeout: 30_000 }).toBe('succeeded')
    await service.close()
    await withDatabase(async (sql) => {
      const ofModel = sql.selectFrom('models').select('sha256').where('name', '=', model)
      await sql.updateTable('attestations').set({ outcome: 'failed' }).where('subject_sha256', 'in', ofModel).execute()
    })
    await start()
    expect((await ask('early')).status).toBe(409)
    expect(await state()).toBe('failed')
  })

  test('is not deleted meanwhile; then it takes its evaluations along', async () => {
    await agedBy({ policy_digest: 'e'.repeat(64) })
    await start({ engine: stalledEngine(() => {}) })
    const { evaluation } = await json(await deploy('steady', model))
    await call('/assay/v1/deployments/steady', { method: 'DELETE' })
    await expect(client.models.delete(model)).rejects.toMatchObject({ status: 409, code: 'model_under_evaluation' })
    await client.fineTuning.jobs.cancel(evaluation)
    await client.models.delete(model)
    await call(`/openai/fine_tuning/jobs/${job.id}?api-version=2024-10-21`, { method: 'DELETE' })
    await expect(client.fineTuning.jobs.retrieve(evaluation)).rejects.toMatchObject({ status: 404 })
  })
})
