import type { AssayError } from 'assay/errors'
import type { Surface } from '../surface.ts'

/** An error in the shape that clients of each API parse. */
export function errorBody(error: AssayError, surface: Surface): object {
  const message = error.remedy ? `${error.message} ${error.remedy}` : error.message
  return surface === 'azure_dated'
    ? {
        error: {
          code: azureCode(error),
          message,
          ...(error.param && { target: error.param }),
          innererror: { code: error.code },
        },
      }
    : { error: { message, type: typeOf(error.status), param: error.param ?? null, code: error.code } }
}

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}

function azureCode({ status, code }: AssayError): string {
  if (code.startsWith('invalid_training_file') || code.startsWith('invalid_validation_file'))
    return 'jsonlValidationFailed'
  switch (status) {
    case 401:
      return 'unauthorized'
    case 403:
      return 'forbidden'
    case 404:
      return 'notFound'
    case 409:
      return 'conflict'
    case 429:
      return 'quotaExceeded'
    case 503:
      return 'serviceUnavailable'
    default:
      return status >= 500 ? 'internalFailure' : 'invalidPayload'
  }
}
