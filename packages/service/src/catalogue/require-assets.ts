import { access } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AssayError } from 'assay/errors'
import { SET_UP } from '../installation/index.ts'
import type { Locations } from './locations.ts'
import { CATALOGUE } from './models.ts'

/** Throws `asset_missing` unless every file is there that jobs will need: sooner said than after hours of training. */
export async function requireAssets(where: Locations): Promise<void> {
  const files = ['encoder.onnx', 'reply-reader.onnx', 'ensemble.json', 'calibration.json', 'tokenizer.json']
  const judge = files.map((name) => join(where.weights, 'judge', name))
  const models = new Set(CATALOGUE.map(({ weights }) => join(where.assets, weights.file)))
  const adapters = CATALOGUE.some(({ aligned }) => aligned) ? [join(where.weights, 'alignment', 'adapter.gguf')] : []
  for (const path of [join(where.assets, 'minilm-words.bin'), ...judge, ...models, ...adapters]) {
    await access(path).catch((cause: unknown) => {
      throw new AssayError('asset_missing', `A file that set-up provides is missing: ${basename(path)}`, {
        cause,
        remedy: `Run ${SET_UP}.`,
      })
    })
  }
}
