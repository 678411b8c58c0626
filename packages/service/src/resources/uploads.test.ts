import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase, openEncryptedBlobs } from '../storage/index.ts'
import { Files } from './files.ts'
import type { Resource } from './resource.ts'
import { Uploads } from './uploads.ts'

const HOUR = 3600 * 1000
const [mine, others] = ['one', 'two'].map((name) => resource(name)) as [Resource, Resource]
let directory: string
let database: Database
let uploads: Uploads
/** What happens when a part is read. */
let onRead = async () => {}

function resource(name: string): Resource {
  return { id: `resource-${name}`, name, geography: 'local', dataKey: new Uint8Array(32) }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-uploads-'))
  database = await openDatabase({})
  const blobs = await openEncryptedBlobs(directory)
  async function* get(...of: Parameters<typeof blobs.get>) {
    await onRead()
    yield* blobs.get(...of)
  }
  uploads = new Uploads(database.sql, { ...blobs, get }, new Files(database.sql, blobs))
  for (const { id, name } of [mine, others]) {
    const row = { id, name, geography: 'local', wrapped_data_key: '' }
    await database.sql.insertInto('resources').values(row).execute()
  }
})
afterAll(async () => {
  await database.close()
  await rm(directory, { recursive: true })
})

const create = () => uploads.create(mine, { filename: 'a', bytes: 4, lifetime: undefined })
async function* data() {
  yield Buffer.from('data')
}
const age = (id: string, milliseconds: number) =>
  database.sql
    .updateTable('uploads')
    .set({ expires_at: new Date(Date.now() - milliseconds) })
    .where('id', '=', id)
    .execute()

test('an expired upload takes nothing any more, and goes with its parts an hour later', async () => {
  const upload = await create()
  const part = await uploads.addPart(mine, upload.id, data())
  await age(upload.id, 1000)
  const refused = { code: 'upload_not_pending', message: expect.stringContaining('expired') }
  await expect(uploads.addPart(mine, upload.id, data())).rejects.toMatchObject(refused)
  await expect(uploads.complete(mine, upload.id, { partIds: [part.id] })).rejects.toMatchObject(refused)
  await expect(uploads.cancel(mine.id, upload.id)).rejects.toMatchObject(refused)
  await uploads.deleteExpired()
  expect(await readdir(directory)).toHaveLength(1)
  await age(upload.id, HOUR + 1000)
  await uploads.deleteExpired()
  expect(await readdir(directory)).toEqual([])
  await expect(uploads.cancel(mine.id, upload.id)).rejects.toMatchObject({ code: 'upload_not_found' })
})

test('a completion that began in time makes the file, also when the hour ends meanwhile', async () => {
  const upload = await create()
  const { id } = await uploads.addPart(mine, upload.id, data())
  onRead = async () => {
    await age(upload.id, 1000)
    await uploads.deleteExpired()
  }
  const { file } = await uploads.complete(mine, upload.id, { partIds: [id] })
  onRead = async () => {}
  expect(file).toMatchObject({ bytes: 4 })
  await new Files(database.sql, await openEncryptedBlobs(directory)).delete(mine.id, file?.id ?? '')
  expect(await readdir(directory)).toEqual([])
})

test('a part that came while the upload was cancelled is not kept', async () => {
  const upload = await create()
  async function* cancelledMeanwhile() {
    yield Buffer.from('da')
    await uploads.cancel(mine.id, upload.id)
    yield Buffer.from('ta')
  }
  await expect(uploads.addPart(mine, upload.id, cancelledMeanwhile())).rejects.toMatchObject({
    code: 'upload_not_pending',
  })
  expect(await readdir(directory)).toEqual([])
})

test('an upload is made of a thousand parts at most', async () => {
  const upload = await uploads.create(mine, { filename: 'a', bytes: 100_000, lifetime: undefined })
  const part = (n: number) => ({ id: `part-${n}`, upload_id: upload.id, blob_id: `none-${n}`, bytes: 1 })
  const parts = Array.from({ length: 1000 }, (_, n) => part(n))
  await database.sql.insertInto('upload_parts').values(parts).execute()
  await expect(uploads.addPart(mine, upload.id, data())).rejects.toMatchObject({ code: 'too_many_parts', status: 400 })
  await uploads.cancel(mine.id, upload.id)
  expect(await readdir(directory)).toEqual([])
})

test('of two completions at once one makes the file', async () => {
  const upload = await create()
  const { id } = await uploads.addPart(mine, upload.id, data())
  const both = await Promise.allSettled([1, 2].map(() => uploads.complete(mine, upload.id, { partIds: [id] })))
  expect(both.some((one) => one.status === 'fulfilled' && one.value.status === 'completed')).toBe(true)
  expect(await readdir(directory)).toHaveLength(1)
  expect(await database.sql.selectFrom('files').select('id').execute()).toHaveLength(1)
})

test('an upload of another resource is not found', async () => {
  const upload = await create()
  const missing = { code: 'upload_not_found', status: 404 }
  await expect(uploads.addPart(others, upload.id, data())).rejects.toMatchObject(missing)
  await expect(uploads.complete(others, upload.id, { partIds: ['x'] })).rejects.toMatchObject(missing)
  await expect(uploads.cancel(others.id, upload.id)).rejects.toMatchObject(missing)
})
