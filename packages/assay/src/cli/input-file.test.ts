import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openInput, requireFile } from './input-file.ts'

let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-input-'))
  file = join(folder, 'rows.jsonl')
  await writeFile(file, 'rows')
})
afterAll(() => rm(folder, { recursive: true }))

test('a file is opened', async () => {
  const input = await openInput(file)
  expect(await input.readFile('utf8')).toBe('rows')
  await input.close()
  await requireFile(file)
})

test.runIf(process.platform !== 'win32')('what is no file may be read once, and not again and again', async () => {
  await (await openInput('/dev/null')).close()
  await expect(requireFile('/dev/null')).rejects.toMatchObject({ code: 'not_a_file', status: 400 })
})

describe.each([openInput, requireFile])('%o refuses', (read) => {
  test('what is not there, and folders', async () => {
    await expect(read(join(folder, 'none'))).rejects.toMatchObject({ code: 'file_not_found', status: 400 })
    await expect(read(folder)).rejects.toMatchObject({ code: 'not_a_file', status: 400 })
  })

  // Root may read everything.
  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('what this user may not read', async () => {
    await chmod(file, 0)
    await expect(read(file)).rejects.toMatchObject({ code: 'file_unreadable', status: 400 })
    await chmod(file, 0o600)
  })
})
