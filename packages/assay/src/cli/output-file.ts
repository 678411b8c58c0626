import { open, rm, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { AssayError } from '../errors/index.ts'

/**
 * Before anything is judged: nobody should wait for a report that cannot be written. What the file holds stays until
 * then, and a file that was not there is not left behind.
 * @param inputs what the command reads: written over, it would be lost
 * @throws {AssayError} `output_is_input` or `output_not_writable`
 */
export async function requireWritable(path: string, inputs: readonly string[]): Promise<void> {
  if (inputs.some((input) => resolve(input) === resolve(path))) {
    throw new AssayError('output_is_input', `${path} is read; the output needs another file.`, { status: 400 })
  }
  try {
    const there = await stat(path).catch(() => undefined)
    const file = await open(path, 'a')
    await file.close()
    if (!there) await rm(path, { force: true })
  } catch (cause) {
    throw notWritable(path, cause)
  }
}

/**
 * Writes what was made, over what was there.
 * @throws {AssayError} `output_not_writable`: what could be written before may not be now, on a disk that is full
 */
export async function writeOutput(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    throw notWritable(path, cause)
  })
}

function notWritable(path: string, cause: unknown): AssayError {
  return new AssayError('output_not_writable', `The report cannot be written to ${path}.`, { status: 400, cause })
}
