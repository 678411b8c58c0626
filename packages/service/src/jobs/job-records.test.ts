import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Resources } from '../resources/index.ts'
import { type Database, loadKeyEncryptionKey, openDatabase } from '../storage/index.ts'
import { JobRecords } from './job-records.ts'

const STEPS = 25
let directory: string
let database: Database
let records: JobRecords

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-records-'))
  database = await openDatabase({ directory: join(directory, 'database') })
  records = new JobRecords(database.sql)
  const resources = new Resources(database.sql, await loadKeyEncryptionKey(join(directory, 'key')))
  const { id: resource } = await resources.create('default', 'local')
  const job = {
    id: 'ftjob-1',
    resource_id: resource,
    state: 'training',
    surface: 'openai',
    model: 'smollm2-135m',
    training_file: 'file-1',
    seed: 1,
    hyperparameters: JSON.stringify({}),
    tuned_model: 'ft:1',
  }
  await database.sql.insertInto('jobs').values(job).execute()
  const events = Array.from({ length: STEPS }, (_, place) => ({
    id: `ftevent-${place}`,
    job_id: 'ftjob-1',
    key: `step ${place + 1}`,
    level: 'info',
    type: 'metrics',
    message: '',
    data: JSON.stringify({ step: place + 1 }),
  }))
  await database.sql.insertInto('events').values(events).execute()
})
afterAll(async () => {
  await database?.close()
  await rm(directory, { recursive: true, force: true })
})

test('a job from before methods is supervised', async () => {
  expect(await records.find('ftjob-1')).toMatchObject({ method: 'supervised' })
})

test.each([
  [25, Array.from({ length: STEPS }, (_, place) => place + 1)],
  [24, [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25]],
  [5, [5, 10, 15, 20, 25]],
  [2, [12, 25]],
])('of 25 steps, at most %i: evenly spread, oldest first, the last one included', async (points, steps) => {
  expect((await records.metrics('ftjob-1', points)).map(({ step }) => step)).toEqual(steps)
})

test('moments are those of the events that came', async () => {
  expect([...(await records.moments('ftjob-1', ['step 1', 'step 99'])).keys()]).toEqual(['step 1'])
})
