import { readTrainingFile, type TrainingRow } from '../training-data/index.ts'

/** The rows of a training file that was validated before. */
export async function* rowsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TrainingRow> {
  for await (const line of readTrainingFile(chunks)) if ('row' in line) yield line.row
}
