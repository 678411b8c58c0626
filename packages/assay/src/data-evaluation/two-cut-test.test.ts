import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byCategory, CATEGORIES } from '../harm/index.ts'
import type { JudgeCalibration } from '../judges/index.ts'
import { categoriesAboveFalseAlarms, noRowsAboveCuts, twoCutTest } from './two-cut-test.ts'

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
    if (categoriesAboveFalseAlarms({ distinctRows, rows: distinctRows, above }, calibration).includes('violence'))
      return count
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
  expect(categoriesAboveFalseAlarms({ distinctRows: 91, rows: 120, above }, calibration)).toEqual(['violence'])
  expect(categoriesAboveFalseAlarms({ distinctRows: 992, rows: 1021, above }, calibration)).toEqual([])
})

test('the numbers that are shown are those that decide: a category fails where a count reaches the number it fails from', () => {
  const count = fc.record({
    distinctRows: fc.integer({ min: 10, max: 20_000 }),
    repeated: fc.integer({ min: 0, max: 500 }),
    lower: fc.integer({ min: 0, max: 40 }),
    higher: fc.integer({ min: 0, max: 12 }),
    again: fc.integer({ min: 0, max: 500 }),
    rate: fc.constantFrom(1e-4, 3e-4, 4e-3, 0.05),
  })
  let failures = 0
  fc.assert(
    fc.property(count, ({ distinctRows, repeated, lower, higher, again, rate }) => {
      const above = noRowsAboveCuts()
      above.sexual.higher = Math.min(higher, distinctRows)
      above.sexual.lower = Math.min(above.sexual.higher + lower, distinctRows)
      above.sexual.higherWithRepeats = above.sexual.higher > 0 ? above.sexual.higher + Math.min(again, repeated) : 0
      const results = twoCutTest(
        { distinctRows, rows: distinctRows + repeated, above },
        calibrationOf({ lower: rate, higher: rate / 10 }),
      )
      for (const category of CATEGORIES) {
        const { lower, higher, withRepeats, failed } = results[category]
        expect([lower, higher, withRepeats].some((each) => each.rows >= each.failsFrom)).toBe(failed)
        if (failed) failures += 1
      }
    }),
    { numRuns: 500 },
  )
  expect(failures).toBeGreaterThan(50)
})
