import type { AssayError } from 'assay/errors'
import { PromptFilteredError } from '../../content-filters/index.ts'
import type { Surface } from '../surface.ts'

/** An error in the shape that clients of each API parse. */
export function errorBody(error: AssayError, surface: Surface): object {
  const message = error.remedy ? `${error.message} ${error.remedy}` : error.message
  if (error instanceof PromptFilteredError) return { error: { ...promptFiltered(error, surface), message } }
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

/** As Azure tells it, on every surface: clients look for the code, and for what is in `innererror`. */
function promptFiltered({ code, status, param, results, innerCode }: PromptFilteredError, surface: Surface): object {
  const innererror = { code: innerCode, content_filter_result: results }
  return { code, status, param, type: surface === 'openai' ? typeOf(status) : null, innererror }
}

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}

/** What cannot be done in the state that something is in, whatever else would be right. */
const STATE_CODES = ['job_finished', 'job_not_running', 'job_not_paused', 'upload_not_pending']

/** Of those of Azure's specification (2025-04-01-preview, `ErrorCode`). The own code is the inner error's. */
function azureCode({ status, code }: AssayError): string {
  if (isFaultyFile(code)) return 'jsonlValidationFailed'
  if (code === 'file_import_failed') return 'fileImportFailed'
  if (STATE_CODES.includes(code)) return 'unexpectedEntityState'
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
      return code.endsWith('_quota_exceeded') ? 'quotaExceeded' : 'tooManyRequests'
    case 503:
      return 'serviceUnavailable'
    default:
      return status >= 500 ? 'internalFailure' : 'invalidPayload'
  }
}

/** Of a job or a request whose file has faults. */
export function isFaultyFile(code: string): boolean {
  return code === 'invalid_training_file' || code === 'invalid_validation_file'
}
