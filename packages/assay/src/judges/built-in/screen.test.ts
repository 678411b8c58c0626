import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import expected from './python-scores.json' with { type: 'json' }
import { Screen } from './screen.ts'

const WEIGHTS = join(import.meta.dirname, '..', '..', '..', '..', '..', 'weights', 'judge', 'ensemble.json')
const stored = JSON.parse(readFileSync(WEIGHTS, 'utf8')).screen
const screen = new Screen(stored)

describe('the twin in Python, which fits it, gives the same log-odds', () => {
  test.each(expected)('case %#', ({ reply, screen: logOdds }) => {
    expect(screen.read(reply)).toBeCloseTo(logOdds, 4)
  })
})

test('one harmful stretch in a long text counts whole', () => {
  const calm = 'The function returns the number of rows of a matrix. '.repeat(100)
  const threat = 'I will kill you and burn your house down tonight. '.repeat(8)
  expect(screen.clearsText(calm, 0)).toBe(true)
  expect(screen.clearsText(calm + threat + calm, 0)).toBe(false)
})

test('weights of another size are refused', () => {
  expect(() => new Screen({ ...stored, buckets: 1 << 16 })).toThrow(RangeError)
})
