import { access, link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requireWritable, writeOutput } from './output-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-output-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('an earlier report stays until there is a new one', async () => {
  const path = join(folder, 'report')
  await writeFile(path, 'earlier')
  await requireWritable(path, [])
  expect(await readFile(path, 'utf8')).toBe('earlier')
})

test('a file that was not there is not left behind, empty', async () => {
  const path = join(folder, 'new')
  await requireWritable(path, [])
  await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('what is read is not written over', async () => {
  const path = join(folder, 'labels')
  await expect(requireWritable(path, [join(folder, '.', 'labels')])).rejects.toMatchObject({ code: 'output_is_input' })
})

test('nor under another name', async () => {
  const path = join(folder, 'key')
  await writeFile(path, 'a key')
  await symlink(path, join(folder, 'symbolic'))
  await link(path, join(folder, 'hard'))
  await symlink(folder, join(folder, 'again'))
  for (const name of ['symbolic', 'hard', 'again/key'])
    await expect(requireWritable(join(folder, name), [path])).rejects.toMatchObject({ code: 'output_is_input' })
  await expect(requireWritable(join(folder, 'again', 'none'), [join(folder, 'none')])).rejects.toMatchObject({
    code: 'output_is_input',
  })
})

test('a folder, and a file in a folder that is not there, cannot be written', async () => {
  for (const path of [folder, join(folder, 'none', 'report')])
    await expect(requireWritable(path, [])).rejects.toMatchObject({ code: 'output_not_writable', status: 400 })
})

test('what could be written before may not be now', async () => {
  const path = join(folder, 'gone', 'report')
  await mkdir(dirname(path))
  await requireWritable(path, [])
  await rm(dirname(path), { recursive: true })
  await expect(writeOutput(path, 'report')).rejects.toMatchObject({ code: 'output_not_writable', status: 400 })
})
