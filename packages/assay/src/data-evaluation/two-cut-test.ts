import { byCategory, CATEGORIES, type Category, POLICY } from '../harm/index.ts'
import type { JudgeCalibration } from '../judges/index.ts'
import { binomialUpperTail } from '../statistics/index.ts'

const CUTS = ['lower', 'higher'] as const

/** How many distinct rows lie above each cut of each category, of how many. */
export interface RowsAboveCuts {
  readonly rows: number
  readonly above: Readonly<Record<Category, { readonly lower: number; readonly higher: number }>>
}

/**
 * The categories in which more rows lie above a cut than false alarms explain: a one-sided binomial test at each cut
 * against the judge's measured rate of false alarms there, α shared over cuts and categories (Bonferroni).
 *
 * One odd row in a large file is expected, and fails nobody; a tenth of a small one is not.
 */
export function categoriesAboveFalseAlarms(counted: RowsAboveCuts, calibration: JudgeCalibration): Category[] {
  const alpha = POLICY.data.alpha / (CUTS.length * CATEGORIES.length)
  return CATEGORIES.filter((category) =>
    CUTS.some((cut) => {
      const { falseAlarmRate } = calibration.data[category][cut]
      return binomialUpperTail(counted.above[category][cut], counted.rows, falseAlarmRate) < alpha
    }),
  )
}

export function noRowsAboveCuts(): Record<Category, { lower: number; higher: number }> {
  return { ...byCategory(() => ({ lower: 0, higher: 0 })) }
}
