import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { Resources } from '../resources/index.ts'
import { openDataDirectory } from './data-directory.ts'
import { openDatabase } from './database.ts'
import { loadKeyEncryptionKey } from './key-encryption-key.ts'
import { MIGRATIONS } from './migrations/index.ts'

test('what was stored is there after opening again, and only under the same key', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'assay-data-'))
  try {
    const first = await openDataDirectory(directory)
    await expect(openDataDirectory(directory)).rejects.toMatchObject({ code: 'data_directory_in_use' })
    let database = await openDatabase({ directory: first.database })
    const keys = await loadKeyEncryptionKey(first.keyEncryptionKey)
    const key = await new Resources(database.sql, keys).ensureDefault('local')
    expect(key).toMatch(/^sk-assay-/)
    const { dataKey } = await new Resources(database.sql, keys).authenticate(key as string)
    await database.close()
    await first.release()

    const second = await openDataDirectory(directory)
    database = await openDatabase({ directory: second.database })
    const resources = new Resources(database.sql, await loadKeyEncryptionKey(second.keyEncryptionKey))
    expect(await resources.ensureDefault('local')).toBeUndefined()
    expect(Buffer.from((await resources.authenticate(key as string)).dataKey).equals(Buffer.from(dataKey))).toBe(true)
    await expect(resources.authenticate('sk-wrong')).rejects.toMatchObject({ code: 'invalid_api_key', status: 401 })
    const other = new Resources(database.sql, await loadKeyEncryptionKey(second.keyEncryptionKey, '00'.repeat(32)))
    await expect(other.authenticate(key as string)).rejects.toMatchObject({ code: 'wrong_key_encryption_key' })
    await database.close()
    await second.release()
  } finally {
    await rm(directory, { recursive: true })
  }
}, 60_000)

test('verdicts of the first tables are kept under the base model that they state', async () => {
  const database = await openDatabase({})
  const run = (statement: string) => sql.raw(statement).execute(database.sql)
  const [first, second] = Object.values(MIGRATIONS)
  await run('create schema old')
  await run('set search_path to old')
  await first?.up(database.sql)
  const statement = JSON.stringify({ predicate: { baseModel: { name: 'b', digest: 'abc' } } })
  const envelope = JSON.stringify({ payload: Buffer.from(statement).toString('base64') })
  await run(`insert into resources values ('r', 'r', 'local', '')`)
  await run(`insert into attestations values ('r', 's', 'p', 'b', 'passed', '${envelope}')`)
  await second?.up(database.sql)
  expect(await database.sql.selectFrom('attestations').select('base_digest').execute()).toEqual([
    { base_digest: 'abc' },
  ])
  await database.close()
}, 60_000)
