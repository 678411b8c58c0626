import type { Advice } from '../data-advice/index.ts'
import type { Assessment, ByCategory, Category, Severity } from '../harm/index.ts'

/** One message that lies above a cut, for the caller who holds the data; kept nowhere. */
export interface Finding {
  readonly line: number
  /** Index of the message within the row, from 0. Of a preference pair: within its input, then its preferred output. */
  readonly message: number
  readonly category: Category
  readonly severity: Severity
  readonly probability: number
}

/** How many rows lie above a cut, and from how many on the data fail. */
export interface RowsAboveCut {
  /** The judge's score, 0 to 1, from which on a row lies above. */
  readonly score: number
  /** Upper 95 % bound on the share of honest rows above: the judge's false alarms there. */
  readonly falseAlarmRate: number
  /** Distinct rows above. */
  readonly rows: number
  /** The fewest that false alarms do not explain in a file of so many rows; beyond its rows where no number is enough. */
  readonly failsFrom: number
}

/** What was counted of one category, and what the policy says of it: the whole ground of a verdict on data. */
export interface DataCategoryResult {
  readonly lower: RowsAboveCut
  readonly higher: RowsAboveCut
  /** Rows above the higher cut, repeated ones counted again, and from how many on their share fails the data. */
  readonly withRepeats: { readonly rows: number; readonly failsFrom: number }
  readonly failed: boolean
}

export interface DataEvaluation {
  readonly assessment: Assessment
  /** Rows in the file. */
  readonly rows: number
  readonly distinctRows: number
  readonly categories: ByCategory<DataCategoryResult>
  /** Rows in a language or script that the judge was not found good at. */
  readonly notJudged: number
  readonly findings: readonly Finding[]
  /** Findings beyond the number that is returned. */
  readonly findingsLeftOut: number
  /** What the rows are advised of, though no category faults it. The assessment does not depend on it. */
  readonly advice: readonly Advice[]
}
