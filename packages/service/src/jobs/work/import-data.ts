import { evaluateData } from 'assay/data-evaluation'
import { assessmentMessage, assessmentPassed } from 'assay/harm'
import { EVENTS } from '../events.ts'
import type { JobError } from '../job.ts'
import { trainingRows } from './training-rows.ts'
import type { WorkOn } from './work-on.ts'

/** The data evaluation, within the data import. */
export async function importData(work: WorkOn): Promise<void> {
  const { job, records } = work
  const error = await judgeData(work)
  if (error) await records.advance(job, 'dataBlocked', { error })
  else await records.advance(job, 'dataPassed', { events: [EVENTS.finetuningStarted] })
}

/** Why training data that was validated is refused, or undefined. Findings are for the pre-check's caller: here only the verdict stays. */
export async function judgeData(work: WorkOn): Promise<JobError | undefined> {
  const { job, progress } = work
  const { assessment } = await evaluateData({
    rows: trainingRows(work.files, work.resource, job.trainingFile),
    judge: await work.judge(),
    advice: false,
    signal: work.signal,
    onProgress: (rows) => progress.show(job.id, { stage: 'data_evaluation', rows }),
  })
  if (assessmentPassed(assessment)) return undefined
  return { code: 'data_evaluation_failed', message: assessmentMessage(assessment), param: 'training_file' }
}
