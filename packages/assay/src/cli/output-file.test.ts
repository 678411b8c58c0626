import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requireWritable } from './output-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-output-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('an earlier report stays until there is a new one', async () => {
  const path = join(folder, 'report')
  await writeFile(path, 'earlier')
  await requireWritable(path)
  expect(await readFile(path, 'utf8')).toBe('earlier')
})

test('a folder, and a file in a folder that is not there, cannot be written', async () => {
  for (const path of [folder, join(folder, 'none', 'report')])
    await expect(requireWritable(path)).rejects.toMatchObject({ code: 'output_not_writable', status: 400 })
})
