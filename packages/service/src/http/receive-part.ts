import { AssayError } from 'assay/errors'
import type { FastifyRequest } from 'fastify'
import type { UploadPart, Uploads } from '../resources/index.ts'
import { atMost } from './at-most.ts'
import { unknownParameter } from './form-fields.ts'

/** What one part may have (OpenAI's limit). */
const MAX_PART_BYTES = 64 * 1024 * 1024

/** Streams the `data` of a form into a part of the upload; of a form that turns out wrong nothing is left. */
export async function receivePart(request: FastifyRequest, uploads: Uploads, uploadId: string): Promise<UploadPart> {
  let received: UploadPart | undefined
  try {
    for await (const part of request.parts({ limits: { fileSize: MAX_PART_BYTES + 1 } })) {
      if (part.fieldname !== 'data' || received) throw unknownParameter(part.fieldname)
      if (part.type === 'field') throw missingData()
      received = await uploads.addPart(request.resource, uploadId, atMost(MAX_PART_BYTES, part.file, partTooLarge))
    }
  } catch (error) {
    if (received) await uploads.removePart(received)
    throw error
  }
  if (!received) throw missingData()
  return received
}

function missingData(): AssayError {
  return new AssayError('missing_required_parameter', "Missing required parameter: 'data'.", {
    status: 400,
    param: 'data',
    remedy: 'Send the bytes of the part as the file `data` of a form.',
  })
}

function partTooLarge(): AssayError {
  return new AssayError('part_too_large', 'A part may have 64 MB.', { status: 413, param: 'data' })
}
