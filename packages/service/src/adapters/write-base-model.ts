import { resolve } from 'node:path'
import { AssayError } from 'assay/errors'
import { catalogueModel, type Locations, openBaseModel } from '../catalogue/index.ts'
import { runTrainerProgram } from './trainer-program.ts'

const SECONDS = 600

/**
 * Writes a base model as a Hugging Face folder, its alignment adapter merged, for another trainer to tune on: the weights
 * that Assay's own trainer tunes on.
 *
 * @param folder made where it is missing; its last part becomes the base's name in what PEFT writes
 * @throws {AssayError} `base_model_not_written`
 */
export async function writeBaseModel(baseModel: string, folder: string, where: Locations): Promise<void> {
  const { ggufPath, alignmentAdapterPath } = await openBaseModel(catalogueModel(baseModel), where)
  const alignment = alignmentAdapterPath ? ['--alignment', resolve(alignmentAdapterPath)] : []
  const args = ['--base', resolve(ggufPath), ...alignment, '--out', resolve(folder)]
  const { code } = await runTrainerProgram('write_base', args, SECONDS)
  if (code === 0) return
  throw new AssayError('base_model_not_written', `The base model could not be written to ${folder}.`, {
    remedy: 'Look whether the folder can be written to, and has room for 600 MB.',
  })
}
