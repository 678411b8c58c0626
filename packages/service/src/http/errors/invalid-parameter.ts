import { AssayError } from 'assay/errors'
import type { ZodFastifySchemaValidationError } from 'fastify-type-provider-zod'

/** The first fault of a request's parameters, in OpenAI's words. */
export function invalidParameter(faults: readonly ZodFastifySchemaValidationError[]): AssayError {
  const fault = faults[0]
  const path = fault?.instancePath.split('/').filter(Boolean).join('.') ?? ''
  if (fault?.keyword === 'unrecognized_keys') {
    const keys = fault.params.keys as readonly string[] | undefined
    const name = [path, keys?.[0]].filter(Boolean).join('.')
    return refused('unknown_parameter', `Unknown parameter: '${name}'.`, name)
  }
  if (path === '' && fault?.keyword === 'invalid_type') {
    return new AssayError('invalid_body', 'The body of your request has to be a JSON object.', { status: 400 })
  }
  if (fault?.message?.includes('received undefined')) {
    return refused('missing_required_parameter', `Missing required parameter: '${path}'.`, path)
  }
  return refused('invalid_value', `Invalid value for '${path}': ${fault?.message ?? 'not what is expected'}.`, path)
}

function refused(code: string, message: string, param: string): AssayError {
  return new AssayError(code, message, { status: 400, param })
}
