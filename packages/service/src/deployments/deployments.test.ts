import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Resource } from '../resources/index.ts'
import { type Database, openDatabase } from '../storage/index.ts'
import { Deployments } from './deployments.ts'
import type { Gate } from './gate.ts'
import { Models } from './models.ts'

const resource: Resource = { id: 'resource-1', name: 'one', geography: 'local', dataKey: new Uint8Array(32) }
const model = 'ft:smollm2-135m:one::x'
let database: Database
let models: Models

beforeAll(async () => {
  database = await openDatabase({})
  const { sql } = database
  models = new Models(sql, { delete: async () => {} } as never)
  await sql
    .insertInto('resources')
    .values({ id: resource.id, name: 'one', geography: 'local', wrapped_data_key: '' })
    .execute()
  const job = { id: 'job-1', resource_id: resource.id, state: 'succeeded', surface: 'openai', model: 'smollm2-135m' }
  const made = { training_file: 'file-1', seed: 1, hyperparameters: '{}', tuned_model: model }
  await sql
    .insertInto('jobs')
    .values({ ...job, ...made })
    .execute()
})
afterAll(() => database.close())

const open = (during = async () => {}) =>
  new Deployments(database.sql, {
    open: async () => {
      await during()
      return {}
    },
    standing: async () => ({ status: 'succeeded', error: null, evaluation: null }),
  } as unknown as Gate)
const addModel = () =>
  database.sql
    .insertInto('models')
    .values({ name: model, resource_id: resource.id, job_id: 'job-1', base_model: 'x', blob_id: 'b', sha256: 's' })
    .execute()

test('deployments that come at once stay within the quota', async () => {
  await addModel()
  const wanted = Array.from({ length: 12 }, (_, n) => open().deploy(resource, { name: `d${n}`, model }))
  const results = await Promise.allSettled(wanted)
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(5)
  expect(results.find((result) => result.status === 'rejected')).toMatchObject({
    reason: { code: 'deployment_quota_exceeded', status: 429 },
  })
  for (const { name } of await open().list(resource.id)) await open().delete(resource.id, name)
})

test('a model that is deleted while it is deployed leaves no deployment', async () => {
  const deployments = open(() => models.delete(resource.id, model))
  await expect(deployments.deploy(resource, { name: 'late', model })).rejects.toMatchObject({ code: 'model_not_found' })
  expect(await deployments.list(resource.id)).toEqual([])
})

test('no deployment is named like a model', async () => {
  for (const name of ['smollm2-135m', `smollm2-135m.ft-${'0'.repeat(32)}-mine`, model])
    await expect(open().deploy(resource, { name, model })).rejects.toMatchObject({ code: 'reserved_name', status: 400 })
})
