import { AssayError } from 'assay/errors'
import { readTrainingFile, type TrainingRow } from 'assay/training-data'
import type { Files, Resource } from '../../resources/index.ts'

/** The rows of a file that was validated before, streamed from its encrypted blob; none where there is no file. `param`: what names it, for the error. */
export async function* trainingRows(
  files: Files,
  resource: Resource,
  fileId: string | null,
  param: 'training_file' | 'validation_file' = 'training_file',
): AsyncGenerator<TrainingRow> {
  if (fileId !== null) yield* rowsOf(await files.contentForJob(resource, fileId, param))
}

/** The rows of content that was validated before. */
export async function* rowsOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<TrainingRow> {
  for await (const line of readTrainingFile(content)) {
    if ('fault' in line) {
      throw new AssayError('invalid_training_file', `The training file changed after validation, at line ${line.line}.`)
    }
    yield line.row
  }
}
