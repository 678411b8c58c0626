import { randomBytes, randomInt } from 'node:crypto'
import { AssayError } from 'assay/errors'
import { CATALOGUE, isCatalogueModel } from '../catalogue/index.ts'
import { type Files, lockResource, type Resource } from '../resources/index.ts'
import type { Sql } from '../storage/index.ts'
import type { Job, Method, RequestedHyperparameters, Surface } from './job.ts'
import type { JobRecords } from './job-records.ts'
import type { JobQueue } from './queue.ts'

export interface NewJob {
  readonly surface: Surface
  readonly model: string
  readonly trainingFile: string
  readonly validationFile?: string | null | undefined
  readonly suffix?: string | null | undefined
  readonly seed?: number | null | undefined
  readonly method: Method
  readonly hyperparameters: RequestedHyperparameters
  readonly metadata?: Readonly<Record<string, string>> | null | undefined
  readonly evaluationReport?: boolean | undefined
}

/** Jobs of a resource that may wait or run (Azure: 20 queued and one running). */
const MAX_UNFINISHED_JOBS = 21

/** Checks what a job refers to, records it, and queues it, all or nothing. */
export async function createJob(
  parts: { records: JobRecords; files: Files; queue: JobQueue },
  resource: Resource,
  wanted: NewJob,
): Promise<Job> {
  refuseUnknownModel(wanted.model)
  const id = `ftjob-${randomBytes(16).toString('hex')}`
  return parts.records.create(
    {
      id,
      resource_id: resource.id,
      state: 'validating_files',
      surface: wanted.surface,
      model: wanted.model,
      training_file: wanted.trainingFile,
      validation_file: wanted.validationFile ?? null,
      suffix: wanted.suffix ?? null,
      seed: wanted.seed ?? randomInt(2 ** 31),
      method: wanted.method,
      hyperparameters: wanted.hyperparameters as never,
      metadata: (wanted.metadata ?? null) as never,
      evaluation_report: wanted.evaluationReport ?? false,
      tuned_model: tunedModelName(wanted, resource),
      adapter_blob_id: null,
      adapter_sha256: null,
    },
    async (sql) => {
      await lockResource(sql, resource.id)
      await requireTrainingData(parts.files, resource, wanted.trainingFile, 'training_file', sql)
      if (wanted.validationFile)
        await requireTrainingData(parts.files, resource, wanted.validationFile, 'validation_file', sql)
      await withinQuota(parts.records, resource, sql)
      await parts.queue.enqueueValidation(id, sql)
    },
  )
}

export function tunedModelName(
  { surface, model, suffix }: Pick<NewJob, 'surface' | 'model' | 'suffix'>,
  resource: Resource,
): string {
  return surface !== 'azure'
    ? `ft:${model}:${resource.name}:${suffix ?? ''}:${randomBytes(6).toString('base64url')}`
    : `${model}.ft-${randomBytes(16).toString('hex')}${suffix ? `-${suffix}` : ''}`
}

export function refuseUnknownModel(model: string, param = 'model'): void {
  if (isCatalogueModel(model)) return
  throw new AssayError('model_not_found', 'The specified base model does not support fine-tuning.', {
    status: 400,
    param,
    remedy: `Choose one of ${CATALOGUE.map((base) => base.name).join(', ')}.`,
  })
}

export async function requireTrainingData(files: Files, resource: Resource, id: string, param: string, sql: Sql) {
  const file = await files.get(resource.id, id, param, sql)
  if (file.purpose !== 'fine-tune') {
    throw new AssayError('invalid_file_purpose', `${id} was not uploaded with purpose 'fine-tune'.`, {
      status: 400,
      param,
      remedy: "Upload it again with purpose 'fine-tune'.",
    })
  }
}

/** Decides within a transaction that holds the resource; without one it only saves work that would be refused. */
export async function withinQuota(records: JobRecords, resource: Pick<Resource, 'id'>, sql?: Sql): Promise<void> {
  if ((await records.countUnfinished(resource.id, sql)) < MAX_UNFINISHED_JOBS) return
  throw new AssayError('job_quota_exceeded', `A resource may have ${MAX_UNFINISHED_JOBS} unfinished jobs.`, {
    status: 429,
    remedy: 'Wait until one has ended, or cancel one.',
  })
}
