import { AssayError } from 'assay/errors'
import type { FastifyRequest } from 'fastify'
import type { Files, ReceivedContent, StoredFile } from '../resources/index.ts'
import { fileTooLarge } from './errors/index.ts'
import { parseFormFields, unknownParameter } from './form-fields.ts'
import { uploadFields } from './schemas/file.ts'
import { text } from './schemas/text.ts'

/**
 * Streams an upload into an encrypted blob. Clients may send the file before the fields that say what it is, so it is
 * kept only when all of the form has come and is right; else nothing is left of it.
 */
export async function receiveUpload(request: FastifyRequest, files: Files): Promise<StoredFile> {
  const fields: Record<string, string> = {}
  let received: ReceivedContent | undefined
  let filename = ''
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field' && part.fieldname === 'file') throw invalidFile('it has to be uploaded as a file')
      if (part.type === 'field') fields[withBrackets(part.fieldname)] = String(part.value)
      else if (part.fieldname !== 'file' || received) throw unknownParameter(part.fieldname)
      else {
        filename = part.filename || 'file'
        if (!text.safeParse(filename).success) throw invalidFile('its name may hold no NUL and no unpaired surrogate')
        received = await files.receiveSent(request.resource, part.file)
        if (part.file.truncated) throw fileTooLarge()
      }
    }
    const { 'expires_after[seconds]': lifetime } = parseFormFields(uploadFields, fields)
    if (!received)
      throw new AssayError('missing_required_parameter', "Missing required parameter: 'file'.", {
        status: 400,
        param: 'file',
      })
    if (received.bytes === 0) throw new AssayError('empty_file', 'The file is empty.', { status: 400, param: 'file' })
    return await received.keep({
      filename,
      purpose: 'fine-tune',
      expiresAt: lifetime ? new Date(Date.now() + lifetime * 1000) : null,
    })
  } catch (error) {
    await received?.discard()
    throw error
  }
}

/** Azure's specification writes `expires_after.seconds` where clients, its own too, send `expires_after[seconds]`. */
function withBrackets(name: string): string {
  return name.replace(/^expires_after\.(\w+)$/, 'expires_after[$1]')
}

function invalidFile(why: string): AssayError {
  return new AssayError('invalid_value', `Invalid value for 'file': ${why}.`, { status: 400, param: 'file' })
}
