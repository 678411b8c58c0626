import { expect, test } from 'vitest'
import { isFinished, type JobState, LIFE_CYCLE, next, type Transition, UNFINISHED } from './states.ts'

const STATES = Object.keys(LIFE_CYCLE) as JobState[]
const TRANSITIONS = [...new Set(STATES.flatMap((state) => Object.keys(LIFE_CYCLE[state].on)))] as Transition[]

test('the way to success, and to nowhere else without a passed evaluation', () => {
  const path: Transition[] = ['filesValid', 'started', 'dataPassed', 'trained', 'modelPassed']
  const states: JobState[] = ['validating_files']
  for (const step of path) states.push(next(states.at(-1) as JobState, step) as JobState)
  expect(states).toEqual(['validating_files', 'queued', 'importing', 'training', 'evaluating', 'succeeded'])
  const waysToSuccess = STATES.flatMap((state) =>
    TRANSITIONS.filter((transition) => next(state, transition) === 'succeeded').map((transition) => [
      state,
      transition,
    ]),
  )
  expect(waysToSuccess).toEqual([
    ['admitting', 'modelPassed'],
    ['evaluating', 'modelPassed'],
  ])
})

test('every unfinished job can be cancelled and given up; a finished one stays as it is', () => {
  for (const state of STATES) {
    expect(next(state, 'cancel')).toBe(isFinished(state) ? undefined : 'cancelled')
    expect(next(state, 'gaveUp')).toBe(isFinished(state) ? undefined : 'failed')
  }
  expect(STATES.filter(isFinished)).toEqual(['succeeded', 'failed', 'cancelled'])
  expect(UNFINISHED).toHaveLength(6)
})

test('blocked data and a blocked model fail the job', () => {
  expect(next('importing', 'dataBlocked')).toBe('failed')
  expect(next('evaluating', 'modelBlocked')).toBe('failed')
  expect(next('training', 'modelPassed')).toBeUndefined()
})
