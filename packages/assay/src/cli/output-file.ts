import { lstat, open, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AssayError } from '../errors/index.ts'

/**
 * Before anything is judged: nobody should wait for a report that cannot be written. What the file holds stays until
 * then, and a file that was not there is not left behind.
 * @param others what the command reads, and what else it writes: written over, it would be lost
 * @throws {AssayError} `output_is_input` or `output_not_writable`
 */
export async function requireWritable(path: string, others: readonly string[]): Promise<void> {
  const file = await fileAt(path)
  const files = await Promise.all(others.map(fileAt))
  if (files.includes(file)) {
    const message = `${path} is read, or written too; the output needs another file.`
    throw new AssayError('output_is_input', message, { status: 400, remedy: 'Name a file that nothing else is in.' })
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

/** Takes an earlier report away before the next one is made: left there, it would be taken for that of a run that failed. */
export async function removeReport(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined)
  if (there?.isFile()) await rm(path, { force: true })
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

/** Which file a path leads to: the same for a link to it, under whichever name; of one that is not there, where it would be. */
async function fileAt(path: string): Promise<string> {
  const there = await stat(path, { bigint: true }).catch(() => undefined)
  if (there) return `${there.dev}:${there.ino}`
  const folder = dirname(resolve(path))
  return join(await realpath(folder).catch(() => folder), basename(path))
}

function notWritable(path: string, cause: unknown): AssayError {
  return new AssayError('output_not_writable', `${path} cannot be written.`, {
    status: 400,
    cause,
    remedy: 'Name a file in a folder that is there and that this user may write to.',
  })
}
