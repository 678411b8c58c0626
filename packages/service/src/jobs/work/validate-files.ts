import { faultsText, type TrainingFormat, type Validation, validateTrainingFile } from 'assay/training-data'
import { EVENTS, type FileRole } from '../events.ts'
import type { JobError, Method } from '../job.ts'
import type { WorkOn } from './work-on.ts'

/** Faults that the message names; the count says how many there are. */
const FAULTS_NAMED = 10

/** Reads every line of the job's files and queues the job, or fails it naming the lines. */
export async function validateFiles(work: WorkOn): Promise<void> {
  const { job, records, queue } = work
  const fileIds: [FileRole, string | null][] = [
    ['training', job.trainingFile],
    ['validation', job.validationFile],
  ]
  for (const [role, fileId] of fileIds) {
    if (!fileId) continue
    const error = await validateFile(work, role, fileId, job.method === 'dpo' ? 'preference' : 'supervised')
    if (!error) continue
    await records.advance(job, 'filesInvalid', { error })
    return
  }
  const { geography } = work.resource
  await queue.prepareTuning(geography)
  await records.advance(job, 'filesValid', { also: (sql) => queue.enqueueTuning(job, geography, sql) })
}

/** What is wrong with a file of the job, or undefined. @param format undefined: either will do. */
export async function validateFile(
  { job, records, files, resource, signal }: WorkOn,
  role: FileRole,
  fileId: string,
  format: TrainingFormat | undefined,
): Promise<JobError | undefined> {
  await records.append(job.id, EVENTS.preprocessing(role))
  const content = await files.contentForJob(resource, fileId, `${role}_file`)
  const validation = await validateTrainingFile(content, { format, signal })
  if (validation.faultCount > 0) return invalidFile(role, validation, job.method)
  await records.append(job.id, EVENTS.preprocessed(role))
  return undefined
}

function invalidFile(role: FileRole, validation: Validation, method: Method): JobError {
  const { faults } = validation
  if (faults[0]?.code === 'wrong_format') {
    const other = method === 'dpo' ? 'supervised' : 'dpo'
    return {
      code: `invalid_${role}_file`,
      message: `The ${role} file is not one for method ${method}: ${faults[0].reason} Method ${other} reads it.`,
      param: `${role}_file`,
    }
  }
  return {
    code: `invalid_${role}_file`,
    message: `The ${role} file has ${faultsText(validation, FAULTS_NAMED)}`,
    param: `${role}_file`,
  }
}
