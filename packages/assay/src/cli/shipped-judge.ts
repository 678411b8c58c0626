import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Judge, loadBuiltInJudge } from '../judges/index.ts'
import { loadShipped, shippedPath } from './shipped-files.ts'

/** The built-in judge from the files that ship; in a checkout, set-up fetches one of them. */
export function shippedJudge(): Promise<Judge> {
  const folder = shippedPath('weights', join('weights', 'judge'))
  const words = shippedPath(join('weights', 'minilm-words.bin'), join('.assay', 'assets', 'minilm-words.bin'))
  const text = (name: string) => readFile(join(folder, name), 'utf8')
  return loadShipped('The files of the built-in judge', 'Run `npm run setup`.', async () =>
    loadBuiltInJudge({
      encoder: await readFile(join(folder, 'encoder.onnx')),
      replyReader: await readFile(join(folder, 'reply-reader.onnx')),
      words: await readFile(words),
      tokenizer: await text('tokenizer.json'),
      ensemble: await text('ensemble.json'),
      calibration: await text('calibration.json'),
    }),
  )
}
