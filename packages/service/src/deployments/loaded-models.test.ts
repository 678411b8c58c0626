import { setTimeout as delay } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import type { Engine, LoadedModel } from '../engines/index.ts'
import type { Resource } from '../resources/index.ts'
import type { Gate } from './gate.ts'
import { LoadedModels } from './loaded-models.ts'

const resource: Resource = { id: 'resource-1', name: 'one', geography: 'local', dataKey: new Uint8Array(32) }
const gate = {
  open: async (_: Resource, name: string) => ({ base: { ggufPath: name }, contextLength: 1, adapter: undefined }),
} as unknown as Gate

let inMemory: Set<string>
let loads: number
let models: LoadedModels
beforeEach(() => {
  inMemory = new Set()
  loads = 0
  const load: Engine['load'] = async ({ basePath }) => {
    loads += 1
    inMemory.add(basePath)
    return { close: async () => void inMemory.delete(basePath) } as unknown as LoadedModel
  }
  models = new LoadedModels(gate, { load } as unknown as Engine)
})

/** Asks a model, which answers with two words and waits between them. */
const asked = (name: string) =>
  models.lend(resource, name, async function* () {
    yield 'one'
    yield 'two'
  })
async function answered(name: string): Promise<void> {
  for await (const _ of asked(name));
}

test('a model is loaded once, and the least recently used goes when a third one is asked', async () => {
  for (const name of ['a', 'b', 'a', 'c']) await answered(name)
  expect(loads).toBe(3)
  expect([...inMemory]).toEqual(['a', 'c'])
})

test('more models at the same time than fit are refused, until one has answered', async () => {
  const answers = ['a', 'b', 'c', 'd'].map(asked)
  await Promise.all(answers.map((answer) => answer.next()))
  await expect(asked('e').next()).rejects.toMatchObject({ code: 'too_many_models', status: 429 })
  // One that is there already answers.
  await answered('a')
  await answers[0]?.return()
  await answered('e')
  expect(inMemory.size).toBeLessThanOrEqual(4)
})

test('an answer that nobody reads to its end lets its model go', async () => {
  const answer = asked('a')
  await answer.next()
  await answer.return()
  for (const name of ['b', 'c']) await answered(name)
  expect(inMemory.has('a')).toBe(false)
})

test('all models of a resource that is deleted go', async () => {
  for (const name of ['a', 'b']) await answered(name)
  await models.forgetAll(resource)
  await delay(0)
  expect([...inMemory]).toEqual([])
})
