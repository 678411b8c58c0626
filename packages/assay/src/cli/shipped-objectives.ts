import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type HarmlessPrompts,
  type Objective,
  parseHarmlessPrompts,
  parseObjectives,
  parseSlots,
} from '../model-evaluation/index.ts'
import { loadShipped, shippedPath } from './shipped-files.ts'

/** The objectives that ship, and the SHA-256 of them all. */
export function shippedObjectives(): Promise<{ readonly objectives: readonly Objective[]; readonly digest: string }> {
  const folder = shippedPath('objectives', 'objectives')
  return loadShipped('The objectives of the model evaluation', 'Check out the folder objectives/ again.', async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()
    const [slots, ...texts] = await Promise.all(
      ['slots.json', ...names].map((name) => readFile(join(folder, name), 'utf8')),
    )
    const values = parseSlots(slots ?? '')
    const objectives = texts.flatMap((text) => parseObjectives(text, values))
    return {
      objectives,
      digest: createHash('sha256')
        .update([slots, ...texts].join(''))
        .digest('hex'),
    }
  })
}

/** The harmless requests that ship, for the comparison with a base. */
export function shippedHarmlessPrompts(): Promise<HarmlessPrompts> {
  const folder = shippedPath('objectives/harmless', 'objectives/harmless')
  return loadShipped('The harmless prompts of the comparison', 'Check out the folder objectives/ again.', async () => {
    const [soundsHarmful, plain] = await Promise.all(
      ['sounds-harmful.jsonl', 'plain.jsonl'].map(async (name) =>
        parseHarmlessPrompts(await readFile(join(folder, name), 'utf8')),
      ),
    )
    return { soundsHarmful: soundsHarmful ?? [], plain: plain ?? [] }
  })
}
