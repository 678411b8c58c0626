import { constants, type Stats } from 'node:fs'
import { access, type FileHandle, open, stat } from 'node:fs/promises'
import { AssayError } from '../errors/index.ts'

/**
 * Opens what the command line names, a file or a pipe, for reading it once.
 * @throws {AssayError} `file_not_found`, `not_a_file` or `file_unreadable`, wrong usage all
 */
export async function openInput(path: string): Promise<FileHandle> {
  if ((await statOf(path)).isDirectory()) throw notAFile(path)
  return open(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
}

/**
 * The whole text of a small file.
 * @throws {AssayError} as `openInput` does
 */
export async function readInput(path: string): Promise<string> {
  const file = await openInput(path)
  try {
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/**
 * Of a file that is read more than once, which no pipe can be.
 * @throws {AssayError} `file_not_found`, `not_a_file` or `file_unreadable`
 */
export async function requireFile(path: string): Promise<void> {
  if (!(await statOf(path)).isFile()) throw notAFile(path)
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
}

function statOf(path: string): Promise<Stats> {
  return stat(path).catch((cause: unknown) => {
    throw new AssayError('file_not_found', `There is no file ${path}.`, {
      status: 400,
      cause,
      remedy: 'Check the path; it is taken from the folder where the command runs.',
    })
  })
}

function notAFile(path: string): AssayError {
  return new AssayError('not_a_file', `${path} is not a file.`, {
    status: 400,
    remedy: 'Name a file; what comes through a pipe or stands in a folder has to be one first.',
  })
}

function unreadable(path: string, cause: unknown): AssayError {
  return new AssayError('file_unreadable', `${path} cannot be read.`, {
    status: 400,
    cause,
    remedy: 'Name a file that this user may read.',
  })
}
