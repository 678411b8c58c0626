import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase, openEncryptedBlobs } from '../storage/index.ts'
import { Files } from './files.ts'
import type { Resource } from './resource.ts'

const resource: Resource = { id: 'resource-1', name: 'one', geography: 'local', dataKey: new Uint8Array(32) }
let directory: string
let database: Database
let files: Files

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-files-'))
  database = await openDatabase({})
  files = new Files(database.sql, await openEncryptedBlobs(directory))
  const row = { id: resource.id, name: 'one', geography: 'local', wrapped_data_key: '' }
  await database.sql.insertInto('resources').values(row).execute()
})
afterAll(async () => {
  await database.close()
  await rm(directory, { recursive: true })
})

async function store(expiresAt: Date | null = null) {
  const received = await files.receive(
    resource,
    (async function* () {
      yield Buffer.from('rows')
    })(),
  )
  return received.keep({ filename: 'a', purpose: 'fine-tune', expiresAt })
}

test('so many files are on their way at the same time, of each resource; one that has arrived makes room', async () => {
  let arrive = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  async function* slowly() {
    await arrived
    yield Buffer.from('rows')
  }
  const underWay = Array.from({ length: 16 }, () => files.receiveSent(resource, slowly()))
  const one = () => files.receiveSent(resource, slowly())
  await expect(one()).rejects.toMatchObject({ status: 429, code: 'too_many_files_at_once' })
  const others = files.receiveSent({ ...resource, id: 'resource-2' }, slowly())
  arrive()
  for (const received of await Promise.all([...underWay, others])) await received.discard()
  await (await one()).discard()
  expect(await readdir(directory)).toEqual([])
})

test('expired files are deleted with their content, and may be deleted before', async () => {
  const past = new Date(Date.now() - 1000)
  const [byHand, bySweep] = [await store(past), await store(past)]
  await expect(files.get(resource.id, byHand.id)).rejects.toMatchObject({ code: 'file_not_found' })
  await files.delete(resource.id, byHand.id)
  const kept = await store(new Date(Date.now() + 3_600_000))
  expect(await readdir(directory)).toHaveLength(2)
  await files.deleteExpired()
  expect(await readdir(directory)).toHaveLength(1)
  await expect(files.delete(resource.id, bySweep.id)).rejects.toMatchObject({ code: 'file_not_found' })
  await files.delete(resource.id, kept.id)
})

test('what an unfinished job reads outlives its expiry, for that job', async () => {
  const file = await store(new Date(Date.now() - 1000))
  const job = {
    id: 'job-1',
    resource_id: resource.id,
    state: 'training',
    surface: 'openai',
    model: 'm',
    tuned_model: 't',
  }
  await database.sql
    .insertInto('jobs')
    .values({ ...job, training_file: file.id, seed: 1, hyperparameters: '{}' })
    .execute()
  await files.deleteExpired()
  await expect(files.content(resource, file.id)).rejects.toMatchObject({ code: 'file_not_found' })
  const parts: Uint8Array[] = []
  for await (const part of await files.contentForJob(resource, file.id, 'training_file')) parts.push(part)
  expect(Buffer.concat(parts).toString()).toBe('rows')
  await database.sql.updateTable('jobs').set({ finished_at: new Date() }).execute()
  await files.deleteExpired()
  await expect(files.contentForJob(resource, file.id, 'training_file')).rejects.toMatchObject({
    param: 'training_file',
  })
})

test('pages neither repeat nor skip files of the same millisecond', async () => {
  const ids = await Promise.all([1, 2, 3, 4].map(async () => (await store()).id))
  for (const [n, id] of ids.entries())
    await sql`update files set created_at = ${`2026-01-01 00:00:00.00010${n}+00`}::timestamptz where id = ${id}`.execute(
      database.sql,
    )
  for (const order of ['asc', 'desc'] as const) {
    const seen: string[] = []
    for (let after: string | undefined, more = true; more && seen.length < 9; after = seen.at(-1)) {
      const page = await files.list(resource.id, { limit: 1, order, after })
      seen.push(...page.files.map((file) => file.id))
      more = page.hasMore
    }
    expect(seen).toEqual(order === 'asc' ? ids : ids.toReversed())
  }
})

test('training files have a bound together; results of jobs do not count', async () => {
  const [large, result] = [await store(), await store()]
  const resize = (id: string, change: { bytes: number; purpose?: string }) =>
    database.sql.updateTable('files').set(change).where('id', '=', id).execute()
  await resize(large.id, { bytes: 9_999_999_000 })
  await resize(result.id, { bytes: 9_999_999_000, purpose: 'fine-tune-results' })
  const small = await store()
  await resize(large.id, { bytes: 9_999_999_999 })
  await expect(store()).rejects.toMatchObject({ code: 'file_quota_exceeded', status: 429 })
  for (const { id } of [large, result, small]) await files.delete(resource.id, id)
})
