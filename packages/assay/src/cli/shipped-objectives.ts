import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Objective, parseObjectives } from '../model-evaluation/index.ts'
import { loadShipped, shippedPath } from './shipped-files.ts'

/** The objectives that ship, and the SHA-256 of them all. */
export function shippedObjectives(): Promise<{ readonly objectives: readonly Objective[]; readonly digest: string }> {
  const folder = shippedPath('objectives', 'objectives')
  return loadShipped('The objectives of the model evaluation', 'Check out the folder objectives/ again.', async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    const objectives = texts.flatMap((text) => parseObjectives(text))
    return { objectives, digest: createHash('sha256').update(texts.join('')).digest('hex') }
  })
}
