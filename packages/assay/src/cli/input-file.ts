import { createReadStream, type ReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { AssayError } from '../errors/index.ts'

/**
 * Opens a file that the command line names.
 * @throws {AssayError} `file_not_found` or `not_a_file`, wrong usage both
 */
export async function openInput(path: string): Promise<ReadStream> {
  await requireFile(path)
  return createReadStream(path)
}

/** @throws {AssayError} `file_not_found` or `not_a_file` */
export async function requireFile(path: string): Promise<void> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new AssayError('file_not_found', `There is no file ${path}.`, { status: 400, cause })
  })
  if (!info.isFile()) throw new AssayError('not_a_file', `${path} is not a file.`, { status: 400 })
}
