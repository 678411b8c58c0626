import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Resources } from '../resources/index.ts'
import { openDataDirectory } from './data-directory.ts'
import { openDatabase } from './database.ts'
import { loadKeyEncryptionKey } from './key-encryption-key.ts'

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
