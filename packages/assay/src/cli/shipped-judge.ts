import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from '../errors/index.ts'
import { type Judge, loadBuiltInJudge } from '../judges/index.ts'

const PACKAGE = join(import.meta.dirname, '..', '..')
const CHECKOUT = join(PACKAGE, '..', '..')

/** The built-in judge from the files that ship: beside the package where it is installed, of set-up in a checkout. */
export async function shippedJudge(): Promise<Judge> {
  // Packing leaves a copy in a checkout too, which ages there.
  const packed = !existsSync(join(PACKAGE, 'src'))
  const folder = packed ? join(PACKAGE, 'weights') : join(CHECKOUT, 'weights', 'judge')
  const words = join(packed ? folder : join(CHECKOUT, '.assay', 'assets'), 'minilm-words.bin')
  const text = (name: string) => readFile(join(folder, name), 'utf8')
  try {
    return await loadBuiltInJudge({
      encoder: await readFile(join(folder, 'encoder.onnx')),
      words: await readFile(words),
      tokenizer: await text('tokenizer.json'),
      ensemble: await text('ensemble.json'),
      calibration: await text('calibration.json'),
    })
  } catch (cause) {
    if (AssayError.is(cause)) throw cause
    throw new AssayError('asset_missing', 'The files of the built-in judge are not there.', {
      cause,
      remedy: packed ? 'Install the package again.' : 'Run `npm run setup`.',
    })
  }
}
