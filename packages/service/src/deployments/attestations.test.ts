import { POLICY } from 'assay/harm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase } from '../storage/index.ts'
import { Attestations } from './attestations.ts'

let database: Database
const base = { name: 'smollm2-135m', digest: 'base' }
const DAY = 24 * 3600 * 1000
const daysAgo = (days: number) => new Date(Date.now() - days * DAY)

beforeAll(async () => {
  database = await openDatabase({})
  for (const name of ['one', 'two']) {
    await database.sql
      .insertInto('resources')
      .values({ id: name, name, geography: 'local', wrapped_data_key: '' })
      .execute()
  }
})
afterAll(() => database.close())

const verdict = (subject: string, outcome: string, more: object = {}) =>
  database.sql
    .insertInto('attestations')
    .values({
      resource_id: 'one',
      subject_sha256: subject,
      policy_digest: 'now',
      base_model: base.name,
      base_digest: base.digest,
      outcome,
      envelope: '{}',
      ...more,
    })
    .execute()
const blocks = () => new Attestations(database.sql, undefined as never).blocks('one', base.name)

test('what did not pass counts: once a digest, of this resource and this base, within the window', async () => {
  const { window_days: window } = POLICY.model.shopping
  await verdict('good', 'passed')
  await verdict('of another base', 'failed', { base_model: 'other' })
  await verdict('of another resource', 'failed', { resource_id: 'two' })
  await verdict('too old', 'failed', { created_at: daysAgo(window + 0.1) })
  expect(await blocks()).toBe(0)
  await verdict('just in time', 'failed', { created_at: daysAgo(window - 0.1) })
  await verdict('unclear', 'undecided')
  expect(await blocks()).toBe(2)
  await verdict('unclear', 'failed', { policy_digest: 'before' })
  expect(await blocks()).toBe(2)
})

test('so does each evaluation that was cancelled half-way', async () => {
  const before = await blocks()
  const abandoned = (id: string, more: object = {}) =>
    database.sql
      .insertInto('abandoned_evaluations')
      .values({ id, resource_id: 'one', base_model: base.name, ...more })
      .execute()
  await abandoned('a')
  await abandoned('b')
  await abandoned('of another base', { base_model: 'other' })
  await abandoned('of another resource', { resource_id: 'two' })
  await abandoned('too old', { created_at: daysAgo(POLICY.model.shopping.window_days + 0.1) })
  expect(await blocks()).toBe(before + 2)
})
