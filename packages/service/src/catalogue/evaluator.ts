import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AssayError } from 'assay/errors'
import { type Judge, loadBuiltInJudge } from 'assay/judges'
import {
  type HarmlessPrompts,
  type Objective,
  parseHarmlessPrompts,
  parseObjectives,
  parseSlots,
} from 'assay/model-evaluation'
import { SET_UP } from '../installation/index.ts'
import type { Locations } from './locations.ts'

/** Loads the built-in judge from the assets and weights. */
export async function loadJudge(where: Locations): Promise<Judge> {
  const judge = join(where.weights, 'judge')
  const [encoder, replyReader, words, tokenizer, ensemble, calibration] = await Promise.all([
    read(join(judge, 'encoder.onnx')),
    read(join(judge, 'reply-reader.onnx')),
    read(join(where.assets, 'minilm-words.bin')),
    read(join(judge, 'tokenizer.json')),
    read(join(judge, 'ensemble.json')),
    read(join(judge, 'calibration.json')),
  ])
  return loadBuiltInJudge({
    encoder,
    replyReader,
    words,
    tokenizer: tokenizer.toString('utf8'),
    ensemble: ensemble.toString('utf8'),
    calibration: calibration.toString('utf8'),
  })
}

export interface ShippedObjectives {
  readonly objectives: readonly Objective[]
  /** SHA-256 of them all, lower-case hex. */
  readonly digest: string
}

/** The objectives of all categories, with the values of their slots. */
export async function loadObjectives(where: Locations): Promise<ShippedObjectives> {
  const names = (await readdir(where.objectives)).filter((name) => name.endsWith('.jsonl')).sort()
  const [slots = '', ...texts] = await Promise.all(
    ['slots.json', ...names].map((name) => readFile(join(where.objectives, name), 'utf8')),
  )
  const values = parseSlots(slots)
  const digest = createHash('sha256')
    .update([slots, ...texts].join(''))
    .digest('hex')
  return { objectives: texts.flatMap((text) => parseObjectives(text, values)), digest }
}

/** The harmless requests of the comparison with a base. */
export async function loadHarmlessPrompts(where: Locations): Promise<HarmlessPrompts> {
  const [soundsHarmful = '', plain = ''] = await Promise.all(
    ['sounds-harmful.jsonl', 'plain.jsonl'].map((name) => readFile(join(where.objectives, 'harmless', name), 'utf8')),
  )
  return { soundsHarmful: parseHarmlessPrompts(soundsHarmful), plain: parseHarmlessPrompts(plain) }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new AssayError('asset_missing', `A file that set-up provides is missing: ${basename(path)}`, {
      cause,
      remedy: `Run ${SET_UP}.`,
    })
  }
}
