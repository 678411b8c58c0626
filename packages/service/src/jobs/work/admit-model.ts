import { EVENTS } from '../events.ts'
import { validateFile } from './validate-files.ts'
import { conclude, remembered, withModel } from './verdict.ts'
import type { WorkOn } from './work-on.ts'

/**
 * An imported model, or one that was asked for, whose bytes have a verdict that counts here is done with, unless it names
 * data: those are judged too, and like any evaluation that waits for its turn where evaluators are.
 */
export async function admitModel(work: WorkOn): Promise<void> {
  const { job, records, queue } = work
  if (job.trainingFile) {
    const invalid = await validateFile(work, 'training', job.trainingFile, undefined)
    if (invalid) return void (await records.advance(job, 'filesInvalid', { error: invalid }))
  }
  const known = await withModel(work, async (base, adapter) => {
    const assessment = await remembered(work, base, adapter.sha256)
    if (assessment && !job.trainingFile) await conclude(work, base, assessment, adapter.sha256)
    return assessment !== undefined
  })
  if (known && !job.trainingFile) return
  const { geography } = work.resource
  await queue.prepareTuning(geography)
  await records.advance(job, 'unattested', {
    events: [known ? EVENTS.dataEvaluationEnqueued : EVENTS.evaluationEnqueued],
    also: (sql) => queue.enqueueTuning(job, geography, sql),
  })
}
