import type { DataEvaluation } from '../data-evaluation/index.ts'
import type { Validation } from '../training-data/index.ts'

/** What became of one file: it cannot be read as training data, or it was evaluated. */
export type CheckedFile =
  | ({ readonly path: string; readonly outcome: 'invalid' } & Validation)
  | { readonly path: string; readonly outcome: 'passed' | 'failed'; readonly evaluation: DataEvaluation }

export interface CheckReport {
  readonly files: readonly CheckedFile[]
  readonly policy: { readonly version: string; readonly digest: string }
  readonly judge: { readonly name: string; readonly digest: string }
}

/** A line of a file that a reader should look at, in any format. Never the text of a row. */
export interface Remark {
  readonly line: number
  readonly rule: string
  readonly text: string
}
