import { byCategory, CATEGORIES, type Category, POLICY } from '../harm/index.ts'
import type { JudgeCalibration } from '../judges/index.ts'
import { binomialUpperTail } from '../statistics/index.ts'

const CUTS = ['lower', 'higher'] as const

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
  const alpha = POLICY.data.alpha / (CUTS.length * CATEGORIES.length)
  return CATEGORIES.filter((category) => {
    const above = counted.above[category]
    if (above.higherWithRepeats > 0 && above.higherWithRepeats >= POLICY.data.max_harmful_share * counted.rows)
      return true
    return CUTS.some((cut) => {
      const { falseAlarmRate } = calibration.data[category][cut]
      return binomialUpperTail(above[cut], counted.distinctRows, falseAlarmRate) < alpha
    })
  })
}

export function noRowsAboveCuts(): Record<Category, { -readonly [count in keyof AboveCuts]: number }> {
  return { ...byCategory(() => ({ lower: 0, higher: 0, higherWithRepeats: 0 })) }
}
