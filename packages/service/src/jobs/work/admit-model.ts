import { EVENTS } from '../events.ts'
import { judgeData } from './import-data.ts'
import { validateFile } from './validate-files.ts'
import { conclude, remembered, withModel } from './verdict.ts'
import type { WorkOn } from './work-on.ts'

/**
 * An imported model, or one that was asked for, whose bytes have a verdict that counts here is done with; any other waits for its
 * evaluation. What an imported model is said to have been tuned on is judged first, as a job's data are.
 */
export async function admitModel(work: WorkOn): Promise<void> {
  const { job, records, queue } = work
  if (job.surface === 'import' && job.trainingFile) {
    const invalid = await validateFile(work, 'training', job.trainingFile, undefined)
    if (invalid) return void (await records.advance(job, 'filesInvalid', { error: invalid }))
    const harmful = await judgeData(work)
    if (harmful) return void (await records.advance(job, 'dataBlocked', { error: harmful }))
  }
  const known = await withModel(work, async (base, adapter) => {
    const assessment = await remembered(work, base, adapter.sha256)
    if (assessment) await conclude(work, base, assessment, adapter.sha256)
    return assessment !== undefined
  })
  if (known) return
  const { geography } = work.resource
  await queue.prepareTuning(geography)
  await records.advance(job, 'unattested', {
    events: [EVENTS.evaluationEnqueued],
    also: (sql) => queue.enqueueTuning(job, geography, sql),
  })
}
