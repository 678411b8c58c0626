import { resolve } from 'node:path'
import { AssayError } from 'assay/errors'
import pLimit from 'p-limit'
import { z } from 'zod'
import { catalogueModel } from '../catalogue/index.ts'
import { AdapterRefusedError, REFUSALS } from './adapter-refused-error.ts'
import { runTrainerProgram } from './trainer-program.ts'

/** Of a file that an adapter comes in, as the Python program has it too. */
export const MAX_ADAPTER_BYTES = 256 * 1024 * 1024

const SECONDS = 120
/** A reader may take gigabytes: one at a time, whoever sends adapters. */
const oneAtATime = pLimit(1)

const answer = z.union([
  z.object({ written: z.literal(true) }),
  z.object({ refused: z.object({ code: z.enum(REFUSALS), message: z.string().max(2000) }) }),
])

/**
 * Writes an adapter that somebody else made as the engine may load it: read in a process of its own with bounded memory
 * and time, refused unless it is a plain LoRA of the base model, and written anew by our own writer. The same adapter
 * gives the same bytes.
 *
 * @param source a PEFT folder, a GGUF adapter, or a folder with one
 * @param target a file that is not there yet, in a folder where others write nothing
 * @throws {AdapterRefusedError} with the reason
 */
export async function normaliseAdapter(source: string, baseModel: string, target: string): Promise<void> {
  const model = catalogueModel(baseModel)
  const names = model.repositories.flatMap((name) => ['--trained-on', name])
  const paths = [
    '--adapter',
    resolve(source),
    '--architecture',
    JSON.stringify(model.architecture),
    '--out',
    resolve(target),
  ]
  const { code, stdout } = await oneAtATime(() => runTrainerProgram('foreign_adapter', [...paths, ...names], SECONDS))
  const parsed = answer.safeParse(parseJson(stdout))
  if (parsed.success && 'refused' in parsed.data) {
    throw new AdapterRefusedError(parsed.data.refused.code, parsed.data.refused.message)
  }
  if (parsed.success && code === 0) return
  // Ended by its own limits of time and memory, say: what makes it so is nothing that an adapter should hold.
  if (code === null)
    throw new AdapterRefusedError('adapter_too_large', 'The adapter takes longer to read than any should.')
  throw new AssayError('adapter_reader_failed', 'The adapter could not be read, by a fault of the reader.', {
    remedy: 'Report it, with the adapter if you can. Nothing is said about the adapter.',
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
