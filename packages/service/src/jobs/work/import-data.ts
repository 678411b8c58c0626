import { evaluateData } from 'assay/data-evaluation'
import { assessmentMessage, assessmentPassed } from 'assay/harm'
import { EVENTS } from '../events.ts'
import { trainingRows } from './training-rows.ts'
import type { WorkOn } from './work-on.ts'

/** The data evaluation, within the data import. Findings are for the pre-check's caller: here only the verdict stays. */
export async function importData(work: WorkOn): Promise<void> {
  const { job, records, progress } = work
  const { assessment } = await evaluateData({
    rows: trainingRows(work.files, work.resource, job.trainingFile),
    judge: await work.judge(),
    advice: false,
    signal: work.signal,
    onProgress: (rows) => progress.show(job.id, { stage: 'data_evaluation', rows }),
  })
  if (assessmentPassed(assessment)) {
    await records.advance(job, 'dataPassed', { events: [EVENTS.finetuningStarted] })
    return
  }
  await records.advance(job, 'dataBlocked', {
    error: { code: 'data_evaluation_failed', message: assessmentMessage(assessment), param: 'training_file' },
  })
}
