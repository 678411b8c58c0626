import { open } from 'node:fs/promises'
import { AssayError } from '../errors/index.ts'

/**
 * Before anything is judged: nobody should wait for a report that cannot be written. What the file holds stays until
 * then.
 * @throws {AssayError} `output_not_writable`
 */
export async function requireWritable(path: string): Promise<void> {
  try {
    const file = await open(path, 'a')
    await file.close()
  } catch (cause) {
    throw new AssayError('output_not_writable', `The report cannot be written to ${path}.`, { status: 400, cause })
  }
}
