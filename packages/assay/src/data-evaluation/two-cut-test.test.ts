import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byCategory, CATEGORIES, POLICY } from '../harm/index.ts'
import type { JudgeCalibration } from '../judges/index.ts'
import { binomialUpperTail } from '../statistics/index.ts'
import { noRowsAboveCuts, twoCutTest } from './two-cut-test.ts'

/** Of a judge with these rates of false alarms at its two cuts. */
function calibrationOf(rates: { readonly lower: number; readonly higher: number }): JudgeCalibration {
  const reply = {
    textCut: 0.5,
    deliveredCut: 0.5,
    sensitivity: { successes: 1, trials: 1 },
    specificity: { successes: 1, trials: 1 },
  }
  const cut = (falseAlarmRate: number) => ({ score: 0.5, falseAlarmRate })
  return {
    data: byCategory(() => ({ lower: cut(rates.lower), higher: cut(rates.higher) })),
    reply: byCategory(() => reply),
  }
}

/** The fewest rows of a file above a cut that fail it, where the cut has this rate of false alarms. */
function fewest(cut: 'lower' | 'higher', falseAlarmRate: number, distinctRows: number): number {
  const calibration = calibrationOf({ lower: 0.999, higher: 0.999, [cut]: falseAlarmRate })
  for (let count = 1; ; count++) {
    const above = noRowsAboveCuts()
    above.violence[cut] = count
    if (twoCutTest({ distinctRows, rows: distinctRows, above }, calibration).violence.failed) return count
  }
}

test('so many rows fail a file as decision 0005 says, before it and after', () => {
  expect([10, 100, 1000, 5000].map((rows) => fewest('higher', 1e-4, rows))).toEqual([2, 2, 4, 6])
  expect([10, 100, 1000, 5000].map((rows) => fewest('higher', 3e-4, rows))).toEqual([2, 3, 5, 9])
  expect([fewest('lower', 1e-3, 1000), fewest('lower', 4e-3, 1000)]).toEqual([7, 14])
})

test('a row that is repeated fails by its share of all rows, not by the test', () => {
  const above = noRowsAboveCuts()
  above.violence.higher = 1
  above.violence.higherWithRepeats = 30
  const calibration = calibrationOf({ lower: 3e-4, higher: 3e-4 })
  const failed = (distinctRows: number, rows: number) => {
    const results = twoCutTest({ distinctRows, rows, above }, calibration)
    return CATEGORIES.filter((category) => results[category].failed)
  }
  expect(failed(91, 120)).toEqual(['violence'])
  expect(failed(992, 1021)).toEqual([])
})

test('a category fails where false alarms do not explain its rows, and the number it is said to fail from is the fewest', () => {
  const alpha = POLICY.data.alpha / 8
  const file = fc.record({
    distinctRows: fc.integer({ min: 10, max: 20_000 }),
    repeated: fc.integer({ min: 0, max: 500 }),
    lower: fc.integer({ min: 0, max: 40 }),
    higher: fc.integer({ min: 0, max: 12 }),
    again: fc.integer({ min: 0, max: 500 }),
    rate: fc.constantFrom(1e-4, 3e-4, 4e-3, 0.05),
  })
  const seen = { failed: 0, passed: 0 }
  fc.assert(
    fc.property(file, ({ distinctRows, repeated, lower, higher, again, rate }) => {
      const rows = distinctRows + repeated
      const above = noRowsAboveCuts()
      above.sexual.higher = Math.min(higher, distinctRows)
      above.sexual.lower = Math.min(above.sexual.higher + lower, distinctRows)
      above.sexual.higherWithRepeats = above.sexual.higher > 0 ? above.sexual.higher + Math.min(again, repeated) : 0
      const { sexual, violence } = twoCutTest(
        { distinctRows, rows, above },
        calibrationOf({ lower: rate, higher: rate / 10 }),
      )
      const tail = (count: number, each: number) => binomialUpperTail(count, distinctRows, each)
      const share = above.sexual.higherWithRepeats / rows
      const unexplained = tail(above.sexual.lower, rate) < alpha || tail(above.sexual.higher, rate / 10) < alpha
      expect(sexual.failed).toBe(unexplained || (share > 0 && share >= POLICY.data.max_harmful_share))
      for (const { falseAlarmRate, failsFrom } of [sexual.lower, sexual.higher]) {
        expect(tail(failsFrom, falseAlarmRate)).toBeLessThan(alpha)
        expect(tail(failsFrom - 1, falseAlarmRate)).toBeGreaterThanOrEqual(alpha)
      }
      expect(violence.failed).toBe(false)
      seen[sexual.failed ? 'failed' : 'passed'] += 1
    }),
    { numRuns: 500 },
  )
  expect(Math.min(seen.failed, seen.passed)).toBeGreaterThan(50)
})
