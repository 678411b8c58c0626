import { AssayError } from 'assay/errors'
import type { z } from 'zod'

/** The fields of a form, parsed; the first fault is told in OpenAI's words. */
export function parseFormFields<Schema extends z.ZodType>(
  schema: Schema,
  fields: Readonly<Record<string, string>>,
): z.infer<Schema> {
  const parsed = schema.safeParse(fields)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  if (issue?.code === 'unrecognized_keys') throw unknownParameter(issue.keys[0] ?? '')
  const param = issue?.path.join('.') ?? ''
  if (!(param in fields))
    throw new AssayError('missing_required_parameter', `Missing required parameter: '${param}'.`, {
      status: 400,
      param,
    })
  throw new AssayError('invalid_value', `Invalid value for '${param}': ${issue?.message}.`, { status: 400, param })
}

export function unknownParameter(param: string): AssayError {
  return new AssayError('unknown_parameter', `Unknown parameter: '${param}'.`, { status: 400, param })
}
