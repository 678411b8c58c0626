import { AssayError } from 'assay/errors'
import { MAX_FILE_BYTES } from 'assay/training-data'
import type { FastifyRequest } from 'fastify'
import type { Files, ReceivedContent } from '../resources/index.ts'

/**
 * Streams rows that are only to be evaluated into an encrypted blob, which the caller discards: the `file` of a form, or
 * the whole body.
 */
export async function receiveRows(request: FastifyRequest, files: Files): Promise<ReceivedContent> {
  const rows = request.isMultipart() ? (await request.file())?.file : request.raw
  if (!rows) throw missingFile()
  const received = await files.receive(request.resource, atMost(rows, MAX_FILE_BYTES))
  if (received.bytes > 0) return received
  await received.discard()
  throw missingFile()
}

async function* atMost(content: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const part of content) {
    bytes += part.byteLength
    if (bytes >= limit)
      throw new AssayError('file_too_large', 'A file may have 512 MB.', { status: 413, param: 'file' })
    yield part
  }
}

function missingFile(): AssayError {
  return new AssayError('missing_required_parameter', "Missing required parameter: 'file'.", {
    status: 400,
    param: 'file',
    remedy: 'Send the id of an uploaded file as JSON, a form with a file, or rows as application/jsonl.',
  })
}
