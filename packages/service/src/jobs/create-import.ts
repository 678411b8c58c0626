import { randomBytes, randomInt } from 'node:crypto'
import { AttestationError, type Envelope, type SafetyEvaluation } from 'assay/attestation'
import { AssayError } from 'assay/errors'
import { catalogueModel, type Locations, openBaseModel } from '../catalogue/index.ts'
import type { Attestations } from '../deployments/index.ts'
import { type Files, lockResource, type Resource } from '../resources/index.ts'
import type { StoredBlob } from '../storage/index.ts'
import { requireTrainingData, tunedModelName, withinQuota } from './create-job.ts'
import { EVENTS } from './events.ts'
import { ALL_AUTO, type Job } from './job.ts'
import type { JobRecords } from './job-records.ts'
import type { JobQueue } from './queue.ts'

export interface NewImport {
  /** Of the catalogue. */
  readonly baseModel: string
  readonly suffix: string | undefined
  /** What it was tuned on: judged as a job's data are, and its system prompts, phrases and beginnings of answers are tried in the evaluation. */
  readonly trainingFile: string | undefined
  /** As it was stored, after it was written anew. */
  readonly adapter: StoredBlob
  /** As it came, or undefined where none did. */
  readonly attestation: unknown
}

/**
 * A model that was tuned elsewhere, as a job that begins where its verdict is asked for. An attestation that holds is
 * remembered as this service's own verdicts are; one that does not counts for nothing, and the model is evaluated here.
 */
export async function createImport(
  parts: { records: JobRecords; files: Files; queue: JobQueue; attestations: Attestations; where: Locations },
  resource: Resource,
  wanted: NewImport,
): Promise<Job> {
  const id = `import-${randomBytes(16).toString('hex')}`
  const { sha256 } = wanted.adapter
  const base = await openBaseModel(catalogueModel(wanted.baseModel), parts.where)
  const attested = await attestedAs(parts.attestations, wanted.attestation, sha256, base.digest)
  if (!attested.evaluation && !wanted.trainingFile) throw missingTrainingFile(attested.refusal)
  return parts.records.create(
    {
      id,
      resource_id: resource.id,
      state: 'admitting',
      surface: 'import',
      model: wanted.baseModel,
      training_file: wanted.trainingFile ?? null,
      validation_file: null,
      suffix: wanted.suffix ?? null,
      seed: randomInt(2 ** 31),
      method: 'supervised',
      hyperparameters: ALL_AUTO as never,
      metadata: { attestation: attested.standing } as never,
      tuned_model: tunedModelName({ surface: 'import', model: wanted.baseModel, suffix: wanted.suffix }, resource),
      adapter_blob_id: wanted.adapter.id,
      adapter_sha256: sha256,
    },
    async (sql) => {
      await lockResource(sql, resource.id)
      if (wanted.trainingFile) {
        await requireTrainingData(parts.files, resource, wanted.trainingFile, 'training_file', sql)
      }
      await withinQuota(parts.records, resource, sql)
      if (attested.evaluation) {
        await parts.attestations.record(sql, resource.id, attested.evaluation, sha256, wanted.attestation as Envelope)
      }
      await parts.queue.enqueueValidation(id, sql)
    },
    attested.refusal && [EVENTS.attestationRefused(attested.refusal)],
  )
}

/** Of a model that nobody trusted vouches for, both are judged here: its data and its behaviour. */
function missingTrainingFile(refusal: AttestationError | undefined): AssayError {
  const why = refusal ? ` ${refusal.message} [${refusal.code}]` : ''
  return new AssayError('missing_required_parameter', `Missing required parameter: 'training_file'.${why}`, {
    status: 400,
    param: 'training_file',
    remedy:
      'Upload what the model was tuned on and name it: it is judged as the data of a job. Only an attestation by a key that this service trusts does without.',
  })
}

interface Attested {
  /** `none`, `accepted`, or the code of what is wrong with it. */
  readonly standing: string
  readonly evaluation?: SafetyEvaluation
  readonly refusal?: AttestationError
}

async function attestedAs(
  attestations: Attestations,
  envelope: unknown,
  sha256: string,
  baseDigest: string,
): Promise<Attested> {
  if (envelope === undefined) return { standing: 'none' }
  try {
    return { standing: 'accepted', evaluation: await attestations.verified(envelope, { sha256, baseDigest }) }
  } catch (error) {
    if (error instanceof AttestationError) return { standing: error.code, refusal: error }
    throw error
  }
}
