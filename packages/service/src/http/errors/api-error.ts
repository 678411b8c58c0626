import { AssayError } from 'assay/errors'
import type { FastifyError } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { invalidParameter } from './invalid-parameter.ts'

/** Faults of a request that Fastify or its plugins find, as our own errors. */
const KNOWN: Readonly<Record<string, { code: string; status: number; message: string; param?: string }>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: {
    code: 'invalid_json',
    status: 400,
    message: 'We could not parse the JSON body of your request.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'incomplete_body',
    status: 400,
    message: 'The body of your request ended before its content-length.',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'body_too_large',
    status: 413,
    message: 'The body of your request is too large.',
  },
  FST_REQ_FILE_TOO_LARGE: { code: 'file_too_large', status: 413, message: 'A file may have 512 MB.', param: 'file' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_content_type',
    status: 415,
    message: 'The content-type of your request is not supported here.',
  },
  FST_INVALID_MULTIPART_CONTENT_TYPE: {
    code: 'unsupported_content_type',
    status: 415,
    message: 'Files are uploaded as multipart/form-data.',
  },
  FST_FILES_LIMIT: { code: 'too_many_files', status: 400, message: 'Send one file a request.', param: 'file' },
  FST_FIELDS_LIMIT: { code: 'too_many_fields', status: 400, message: 'The form has too many fields.' },
  FST_ERR_BAD_URL: { code: 'invalid_url', status: 400, message: 'The URL of your request is not encoded as a URL is.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'invalid_url', status: 414, message: 'The URL of your request is too long.' },
  FST_MP_PREMATURE_CLOSE: { code: 'incomplete_body', status: 400, message: 'The upload was cut off.', param: 'file' },
}

/** Any error as one that may be told: a foreign error's own message is not. */
export function apiError(error: unknown): AssayError {
  if (hasZodFastifySchemaValidationErrors(error)) return invalidParameter(error.validation)
  const code = (error as Partial<FastifyError>).code ?? ''
  const known = KNOWN[code]
  if (known) return new AssayError(known.code, known.message, { status: known.status, ...param(known) })
  if (AssayError.is(error) && !code.startsWith('FST_')) return error
  if (isCutOffForm(error)) {
    return new AssayError('incomplete_body', 'The upload was cut off.', { status: 400, param: 'file' })
  }
  if (hasNoBoundary(error)) {
    return new AssayError('invalid_form', 'The content-type of the form names no boundary.', {
      status: 400,
      remedy: 'Let your HTTP client set the content-type of the form.',
    })
  }
  const status = (error as Partial<FastifyError>).statusCode ?? 500
  if (status < 500) return new AssayError('invalid_request', 'The request could not be understood.', { status })
  return new AssayError('internal_error', 'The server had an error while processing your request.', { cause: error })
}

/** What the multipart parser says of a form without its end; it has no code. */
function isCutOffForm(error: unknown): boolean {
  return error instanceof Error && error.message.toLowerCase().includes('unexpected end of multipart data')
}

/** What the multipart parser says of a content-type without a boundary; it has no code either. */
function hasNoBoundary(error: unknown): boolean {
  return error instanceof Error && error.message === 'Multipart: Boundary not found'
}

function param(known: { param?: string }): { param?: string } {
  return known.param ? { param: known.param } : {}
}
