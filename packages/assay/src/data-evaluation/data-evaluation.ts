import type { Assessment, Category, Severity } from '../harm/index.ts'

/** One message that lies above a cut, for the caller who holds the data; kept nowhere. */
export interface Finding {
  readonly line: number
  /** Index of the message within the row, from 0. */
  readonly message: number
  readonly category: Category
  readonly severity: Severity
  readonly probability: number
}

export interface DataEvaluation {
  readonly assessment: Assessment
  /** Rows in the file. */
  readonly rows: number
  /** Rows in a language or script that the judge was not found good at. */
  readonly notJudged: number
  readonly findings: readonly Finding[]
  /** Findings beyond the number that is returned. */
  readonly findingsLeftOut: number
}
