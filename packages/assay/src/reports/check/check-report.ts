import type { DataEvaluation } from '../../data-evaluation/index.ts'
import type { Validation } from '../../training-data/index.ts'
import type { Provenance } from '../provenance.ts'

/** The bytes that a verdict speaks of. */
export interface InputFile {
  readonly path: string
  /** SHA-256, lower-case hex. */
  readonly sha256: string
  readonly bytes: number
  /** How long it took to read and evaluate. */
  readonly seconds: number
}

/** Why a file has no verdict. */
export interface NotEvaluated {
  readonly code: string
  readonly message: string
  readonly remedy: string | undefined
  /** The judge gave no answer, so that no other file would get one either. */
  readonly judgeFailed: boolean
}

/** What became of one file: it cannot be read as training data, it could not be evaluated, or it was. */
export type CheckedFile =
  | (InputFile & { readonly outcome: 'invalid' } & Validation)
  | (InputFile & { readonly outcome: 'not_evaluated'; readonly error: NotEvaluated })
  | (InputFile & { readonly outcome: 'passed' | 'failed'; readonly evaluation: DataEvaluation })

/** A check, and all that is needed to hold it again: nothing is drawn at random, so equal digests give equal verdicts. */
export interface CheckReport extends Provenance {
  readonly files: readonly CheckedFile[]
}

/** A line of a file that a reader should look at, in any format. Never the text of a row. */
export interface Remark {
  readonly line: number
  readonly rule: string
  readonly text: string
  /** Whether it is part of why the file did not pass. */
  readonly counts: boolean
}
