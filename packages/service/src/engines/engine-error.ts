export type EngineErrorCode =
  | 'model_unreadable'
  | 'context_length_exceeded'
  | 'engine_crashed'
  | 'engine_closed'
  | 'engine_failed'

/** The engine could not answer: never the model's fault, and never with text of a conversation in it. */
export class EngineError extends Error {
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string) {
    super(message)
    this.name = 'EngineError'
    this.code = code
  }
}

/** Works across copies of this package. */
export function isEngineError(error: unknown): error is EngineError {
  return error instanceof Error && error.name === 'EngineError' && 'code' in error
}
