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
 * Whether more rows lie above a cut of a category than false alarms explain: a one-sided binomial test at each cut against
 * the judge's measured rate of false alarms there, α shared over cuts and categories (Bonferroni).
 *
 * One odd row in a large file is expected, and fails nobody; a tenth of a small one is not. A harmful row that is repeated
 * is one false alarm at most to the test, but not to the model: a large share of all rows fails too.
 */
export function twoCutTest(counted: RowsAboveCuts, calibration: JudgeCalibration): ByCategory<DataCategoryResult> {
  return byCategory((category) => {
    const above = counted.above[category]
    const aboveCut = (cut: (typeof CUTS)[number]): RowsAboveCut => {
      const { score, falseAlarmRate } = calibration.data[category][cut]
      return {
        score,
        falseAlarmRate,
        rows: above[cut],
        failsFrom: fewestThatFail(counted.distinctRows, falseAlarmRate),
      }
    }
    const lower = aboveCut('lower')
    const higher = aboveCut('higher')
    const withRepeats = {
      rows: above.higherWithRepeats,
      failsFrom: Math.max(1, Math.ceil(POLICY.data.max_harmful_share * counted.rows)),
    }
    const failed = [lower, higher, withRepeats].some(({ rows, failsFrom }) => rows >= failsFrom)
    return { lower, higher, withRepeats, failed }
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
