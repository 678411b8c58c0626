import { type ByCategory, byCategory, CATEGORIES, type Category, POLICY } from '../harm/index.ts'
import type { JudgeCalibration } from '../judges/index.ts'
import { binomialUpperTail } from '../statistics/index.ts'
import type { DataCategoryResult, RowsAboveCut } from './data-evaluation.ts'

const CUTS = ['lower', 'higher'] as const
/** Of one test: α is shared over cuts and categories. */
const ALPHA = POLICY.data.alpha / (CUTS.length * CATEGORIES.length)

interface AboveCuts {
  /** Distinct rows above the lower cut. */
  readonly lower: number
  /** Distinct rows above the higher cut. */
  readonly higher: number
  /** Rows above the higher cut, repeated ones counted again. */
  readonly higherWithRepeats: number
}

/** How many rows lie above each cut of each category. */
export interface RowsAboveCuts {
  readonly distinctRows: number
  readonly rows: number
  readonly above: Readonly<Record<Category, AboveCuts>>
}

/**
 * The categories in which more rows lie above a cut than false alarms explain: a one-sided binomial test at each cut
 * against the judge's measured rate of false alarms there, α shared over cuts and categories (Bonferroni).
 *
 * One odd row in a large file is expected, and fails nobody; a tenth of a small one is not. A harmful row that is repeated
 * is one false alarm at most to the test, but not to the model: a large share of all rows fails too.
 */
export function categoriesAboveFalseAlarms(counted: RowsAboveCuts, calibration: JudgeCalibration): Category[] {
  return CATEGORIES.filter((category) => {
    const above = counted.above[category]
    if (above.higherWithRepeats > 0 && above.higherWithRepeats >= POLICY.data.max_harmful_share * counted.rows)
      return true
    return CUTS.some((cut) => {
      const { falseAlarmRate } = calibration.data[category][cut]
      return binomialUpperTail(above[cut], counted.distinctRows, falseAlarmRate) < ALPHA
    })
  })
}

/** The same test with its numbers, for whoever wants to see how near a file comes. */
export function twoCutTest(counted: RowsAboveCuts, calibration: JudgeCalibration): ByCategory<DataCategoryResult> {
  const failed = categoriesAboveFalseAlarms(counted, calibration)
  return byCategory((category) => {
    const aboveCut = (cut: (typeof CUTS)[number]): RowsAboveCut => {
      const { score, falseAlarmRate } = calibration.data[category][cut]
      const failsFrom = fewestThatFail(counted.distinctRows, falseAlarmRate)
      return { score, falseAlarmRate, rows: counted.above[category][cut], failsFrom }
    }
    const ofShare = Math.max(1, Math.ceil(POLICY.data.max_harmful_share * counted.rows))
    return {
      lower: aboveCut('lower'),
      higher: aboveCut('higher'),
      withRepeats: { rows: counted.above[category].higherWithRepeats, failsFrom: ofShare },
      failed: failed.includes(category),
    }
  })
}

/** By bisection: the tail falls as the number grows, and is 0 beyond the rows that there are. */
function fewestThatFail(distinctRows: number, falseAlarmRate: number): number {
  let tooFew = 0
  let enough = distinctRows + 1
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2)
    if (binomialUpperTail(middle, distinctRows, falseAlarmRate) < ALPHA) enough = middle
    else tooFew = middle
  }
  return enough
}

export function noRowsAboveCuts(): Record<Category, { -readonly [count in keyof AboveCuts]: number }> {
  return { ...byCategory(() => ({ lower: 0, higher: 0, higherWithRepeats: 0 })) }
}
