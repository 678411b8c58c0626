import { EVENTS } from '../events.ts'
import { conclude, remembered, withModel } from './verdict.ts'
import type { WorkOn } from './work-on.ts'

/** An imported model whose bytes have a verdict that counts here is done with; any other waits for its evaluation. */
export async function admitModel(work: WorkOn): Promise<void> {
  const { job, records, queue } = work
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
