export { where } from './where.ts'

/**
 * The parent of every error that crosses a folder's door. `code` is stable: clients and scripts may match on it.
 * `status` is the HTTP status a server answers with; `remedy` says what the reader can do about it.
 */
export class AssayError extends Error {
  readonly code: string
  readonly status: number
  readonly remedy: string | undefined
  /** The parameter or path at fault, where there is one. */
  readonly param: string | undefined

  constructor(
    code: string,
    message: string,
    options: { status?: number; remedy?: string; param?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AssayError'
    this.code = code
    this.status = options.status ?? 500
    this.remedy = options.remedy
    this.param = options.param
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static is(value: unknown): value is AssayError {
    return (
      value instanceof Error &&
      typeof (value as Partial<AssayError>).code === 'string' &&
      typeof (value as Partial<AssayError>).status === 'number'
    )
  }
}

/** The evaluation itself could not be held: a fault of the evaluator, never a statement about data or model. */
export class EvaluationUnavailableError extends AssayError {
  constructor(message: string, cause?: unknown, remedy = 'Try again later; nothing was charged.') {
    super('evaluation_unavailable', message, { status: 503, cause, remedy })
    this.name = 'EvaluationUnavailableError'
  }
}
