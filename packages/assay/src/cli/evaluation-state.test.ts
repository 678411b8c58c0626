import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StateFile } from './evaluation-state.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-state-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const of = { model: 'a', policy: 'b' }
const state = (conversations: number) => ({
  withheld: 0,
  counted: {
    seed: 7,
    tests: [{ arm: 'policy' as const, category: 'violence' as const, conversations, harmful: 0, limit: 800 }],
    strategies: { Baseline: { conversations, harmful: 0 } },
    objectives: {},
  },
})
const secret = Buffer.from('of the signing key')

test('counts that an attestation rests on are taken as they were written, and from nobody else', async () => {
  const path = join(folder, 'attested.json')
  new StateFile(path, of, secret).write(state(3))
  expect(await new StateFile(path, of, secret).read()).toEqual(state(3))
  await expect(new StateFile(path, of, Buffer.from('another')).read()).rejects.toMatchObject({ code: 'invalid_state' })

  const written = JSON.parse(await readFile(path, 'utf8'))
  written.counted.tests[0].conversations = 800
  await writeFile(path, JSON.stringify(written))
  await expect(new StateFile(path, of, secret).read()).rejects.toMatchObject({ code: 'invalid_state' })
})

test('counts of a mere report, which nobody signs, do not become those of an attestation', async () => {
  const path = join(folder, 'report.json')
  new StateFile(path, of).write(state(3))
  expect(await new StateFile(path, of).read()).toEqual(state(3))
  await expect(new StateFile(path, of, secret).read()).rejects.toMatchObject({ code: 'invalid_state' })
})
