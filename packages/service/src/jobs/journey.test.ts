import { expect, test } from 'vitest'
import type { Job } from './job.ts'
import { journeyOf } from './journey.ts'

const at = (second: number) => new Date(Date.UTC(2026, 10, 25, 0, 0, second))
const statuses = (state: Job['state'], keys: readonly string[], finishedAt: Date | null = null) =>
  journeyOf({ state, finishedAt, surface: 'openai' }, new Map(keys.map((key, second) => [key, at(second)]))).map(
    (stage) => stage.status,
  )

const TO_QUEUE = ['enqueued', 'preprocessed training']
const TO_IMPORT = [...TO_QUEUE, 'data import']
const TO_TRAINING = [...TO_IMPORT, 'finetuning']
const TO_EVALUATION = [...TO_TRAINING, 'results created']

test('each state shows where the job stands', () => {
  expect(statuses('validating_files', ['enqueued'])).toEqual(['running', 'waiting', 'waiting', 'waiting', 'waiting'])
  expect(statuses('queued', TO_QUEUE)).toEqual(['passed', 'running', 'waiting', 'waiting', 'waiting'])
  expect(statuses('importing', TO_IMPORT)).toEqual(['passed', 'passed', 'running', 'waiting', 'waiting'])
  expect(statuses('evaluating', TO_EVALUATION)).toEqual(['passed', 'passed', 'passed', 'passed', 'running'])
  expect(statuses('succeeded', TO_EVALUATION, at(9))).toEqual(Array(5).fill('passed'))
})

test('a job that ended shows the stage it ended in, and what it never reached', () => {
  expect(statuses('failed', TO_IMPORT, at(9))).toEqual(['passed', 'passed', 'failed', 'not_reached', 'not_reached'])
  expect(statuses('failed', TO_EVALUATION, at(9))).toEqual(['passed', 'passed', 'passed', 'passed', 'failed'])
  expect(statuses('cancelled', TO_TRAINING, at(9))).toEqual(['passed', 'passed', 'passed', 'cancelled', 'not_reached'])
})

test('a stage ends where the next one that was reached begins, the last one with the job', () => {
  const [validation, , data, training] = journeyOf(
    { state: 'failed', finishedAt: at(9), surface: 'openai' },
    new Map(TO_IMPORT.map((key, second) => [key, at(second)])),
  )
  expect([validation?.startedAt, validation?.finishedAt]).toEqual([at(0), at(1)])
  expect([data?.startedAt, data?.finishedAt]).toEqual([at(2), at(9)])
  expect([training?.startedAt, training?.finishedAt]).toEqual([null, null])
})

test('while a second file is validated, the job does not wait in the queue yet', () => {
  expect(statuses('validating_files', TO_QUEUE)[1]).toBe('waiting')
})

test('an imported model has two stages, and passes at once where its attestation counts', () => {
  const stages = (state: Job['state'], keys: readonly string[], finishedAt: Date | null = null) =>
    journeyOf({ state, finishedAt, surface: 'import' }, new Map(keys.map((key, second) => [key, at(second)]))).map(
      ({ name, status }) => `${name} ${status}`,
    )
  const evaluated = ['enqueued', 'evaluation enqueued']
  expect(stages('admitting', ['enqueued'])).toEqual(['queue running', 'model_evaluation waiting'])
  expect(stages('evaluating', evaluated)).toEqual(['queue passed', 'model_evaluation running'])
  expect(stages('failed', evaluated, at(9))).toEqual(['queue passed', 'model_evaluation failed'])
  expect(stages('succeeded', ['enqueued'], at(9))).toEqual(['queue passed', 'model_evaluation passed'])
})
