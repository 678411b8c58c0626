import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { AssayError } from 'assay/errors'
import { SET_UP } from '../installation/index.ts'

/** SHA-256 of a file, lower-case hex. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part)
  } catch (cause) {
    throw new AssayError('asset_missing', `A file that set-up provides is missing: ${basename(path)}`, {
      cause,
      remedy: `Run ${SET_UP}.`,
    })
  }
  return hash.digest('hex')
}
