import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from '../errors/index.ts'
import { type Objective, parseObjectives } from '../model-evaluation/index.ts'

const PACKAGE = join(import.meta.dirname, '..', '..')

/** The objectives that ship, beside the package where it is installed, and the SHA-256 of them all. */
export async function shippedObjectives(): Promise<{
  readonly objectives: readonly Objective[]
  readonly digest: string
}> {
  // Packing leaves a copy in a checkout too, which ages there.
  const packed = !existsSync(join(PACKAGE, 'src'))
  const folder = packed ? join(PACKAGE, 'objectives') : join(PACKAGE, '..', '..', 'objectives')
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    const objectives = texts.flatMap((text) => parseObjectives(text))
    return { objectives, digest: createHash('sha256').update(texts.join('')).digest('hex') }
  } catch (cause) {
    if (AssayError.is(cause)) throw cause
    throw new AssayError('asset_missing', 'The objectives of the model evaluation are not there.', {
      cause,
      remedy: packed ? 'Install the package again.' : 'Check out the folder objectives/ again.',
    })
  }
}
