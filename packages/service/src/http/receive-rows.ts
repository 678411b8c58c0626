import { AssayError } from 'assay/errors'
import { MAX_FILE_BYTES } from 'assay/training-data'
import type { FastifyRequest } from 'fastify'
import type { Files, ReceivedContent } from '../resources/index.ts'
import { atMost } from './at-most.ts'
import { fileTooLarge } from './errors/index.ts'

/**
 * Streams rows that are only to be evaluated into an encrypted blob, which the caller discards: the `file` of a form, or
 * the whole body.
 */
export async function receiveRows(request: FastifyRequest, files: Files): Promise<ReceivedContent> {
  const rows = request.isMultipart() ? (await request.file())?.file : request.raw
  if (!rows) throw missingFile()
  const received = await files.receiveSent(request.resource, atMost(MAX_FILE_BYTES - 1, rows, fileTooLarge))
  if (received.bytes > 0) return received
  await received.discard()
  const { 'content-type': type = 'application/json' } = request.headers
  if (/^application\/json(;|$)/.test(type)) throw missingFile()
  throw new AssayError('empty_file', 'The file is empty.', { status: 400, param: 'file' })
}

function missingFile(): AssayError {
  return new AssayError('missing_required_parameter', "Missing required parameter: 'file'.", {
    status: 400,
    param: 'file',
    remedy: 'Send the id of an uploaded file as JSON, a form with a file, or rows as application/jsonl.',
  })
}
