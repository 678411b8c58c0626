import { AssayError } from 'assay/errors'
import type { Selectable } from 'kysely'
import { CATALOGUE, isCatalogueModel } from '../catalogue/index.ts'
import { lockResource } from '../resources/index.ts'
import type { Blobs, Schema, Sql } from '../storage/index.ts'
import { type Candidate, lastEvaluation } from './candidate.ts'

/** A tuned model that passed an evaluation: under the present policy, or under one before. */
export interface TunedModel extends Candidate {
  readonly createdAt: Date
}

export interface ListedModel {
  readonly name: string
  readonly createdAt: Date
  readonly ownedBy: string
  /** Of a tuned model: what it was tuned on, and by which job. */
  readonly tuned: Pick<TunedModel, 'baseModel' | 'jobId'> | null
}

export function modelNotFound(name: string): AssayError {
  return new AssayError('model_not_found', `The model '${name}' does not exist or you do not have access to it.`, {
    status: 404,
    param: 'model',
    remedy: '`assay models` or GET /v1/models lists those there are.',
  })
}

/** The models that a resource sees: the catalogue's, and its own tuned ones. */
export class Models {
  readonly #sql: Sql
  readonly #blobs: Blobs

  constructor(sql: Sql, blobs: Blobs) {
    this.#sql = sql
    this.#blobs = blobs
  }

  async list(resourceId: string): Promise<ListedModel[]> {
    const rows = await tunedOf(this.#sql, resourceId).orderBy('models.created_at').execute()
    return [...CATALOGUE.map(listedBase), ...rows.map((row) => listedTuned(fromRow(row)))]
  }

  async get(resourceId: string, name: string): Promise<ListedModel> {
    const base = CATALOGUE.find((model) => model.name === name)
    if (base) return listedBase(base)
    return listedTuned(await this.tuned(resourceId, name))
  }

  tuned(resourceId: string, name: string): Promise<TunedModel> {
    return tunedModel(this.#sql, resourceId, name)
  }

  /** Refuses a base model, and a model that has a deployment or is being evaluated. */
  async delete(resourceId: string, name: string): Promise<void> {
    if (isCatalogueModel(name)) {
      throw new AssayError('base_model', `'${name}' is a base model and cannot be deleted.`, {
        status: 403,
        param: 'model',
      })
    }
    const model = await this.tuned(resourceId, name)
    await this.#sql.transaction().execute(async (transaction) => {
      await lockResource(transaction, resourceId)
      await refuseDeployed(transaction, resourceId, name)
      await refuseUnderEvaluation(transaction, resourceId, name)
      await transaction.deleteFrom('models').where('resource_id', '=', resourceId).where('name', '=', name).execute()
    })
    const shared = await this.#sql
      .selectFrom('checkpoints')
      .select('id')
      .where('blob_id', '=', model.blobId)
      .executeTakeFirst()
    if (!shared) await this.#blobs.delete(model.blobId)
  }
}

/** The resource's tuned model, read within a transaction where `sql` is one. Throws `model_not_found`. */
export async function tunedModel(sql: Sql, resourceId: string, name: string): Promise<TunedModel> {
  const row = await tunedOf(sql, resourceId).where('models.name', '=', name).executeTakeFirst()
  if (!row) throw modelNotFound(name)
  return fromRow(row)
}

/** Models with what their jobs say of them: a job stays as long as its model. */
function tunedOf(sql: Sql, resourceId: string) {
  return sql
    .selectFrom('models')
    .innerJoin('jobs', 'jobs.id', 'models.job_id')
    .selectAll('models')
    .select(['jobs.method', 'jobs.training_file'])
    .where('models.resource_id', '=', resourceId)
}

function fromRow(
  row: Selectable<Schema['models']> & Pick<Selectable<Schema['jobs']>, 'method' | 'training_file'>,
): TunedModel {
  return {
    name: row.name,
    jobId: row.job_id,
    baseModel: row.base_model,
    method: row.method,
    trainingFile: row.training_file,
    blobId: row.blob_id,
    sha256: row.sha256,
    createdAt: row.created_at,
  }
}

async function refuseDeployed(sql: Sql, resourceId: string, name: string): Promise<void> {
  const deployed = await sql
    .selectFrom('deployments')
    .select('name')
    .where('resource_id', '=', resourceId)
    .where('model', '=', name)
    .executeTakeFirst()
  if (!deployed) return
  throw new AssayError('model_deployed', `'${name}' has the deployment '${deployed.name}'.`, {
    status: 409,
    param: 'model',
    remedy: 'Delete the deployment first.',
  })
}

async function refuseUnderEvaluation(sql: Sql, resourceId: string, name: string): Promise<void> {
  const evaluation = await lastEvaluation(sql, resourceId, name)
  if (!evaluation || evaluation.finished_at) return
  throw new AssayError('model_under_evaluation', `'${name}' is being evaluated (${evaluation.id}).`, {
    status: 409,
    param: 'model',
    remedy: 'Cancel that first.',
  })
}

function listedBase(model: (typeof CATALOGUE)[number]): ListedModel {
  return { name: model.name, createdAt: new Date(model.createdAt * 1000), ownedBy: 'assay', tuned: null }
}

function listedTuned({ name, createdAt, baseModel, jobId }: TunedModel): ListedModel {
  return { name, createdAt, ownedBy: 'organization-owner', tuned: { baseModel, jobId } }
}
