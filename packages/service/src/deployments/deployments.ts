import { AssayError } from 'assay/errors'
import type { Selectable } from 'kysely'
import { isCatalogueModel } from '../catalogue/index.ts'
import { contentFilterConfiguration } from '../content-filters/index.ts'
import { lockResource, type Resource } from '../resources/index.ts'
import type { Schema, Sql } from '../storage/index.ts'
import type { Standing } from './candidate.ts'
import { findCheckpoint } from './checkpoints.ts'
import type { Gate } from './gate.ts'
import { tunedModel } from './models.ts'

/** What was paid for on Azure; kept and given back, and nothing here goes by it. */
export interface Sku {
  readonly name: string
  readonly tier?: string | undefined
  readonly size?: string | undefined
  readonly family?: string | undefined
  readonly capacity?: number | undefined
}

/** `creating`: of a model or checkpoint whose evaluation is under way; it answers once that has passed. */
export interface Deployment extends Standing {
  readonly name: string
  readonly model: string
  readonly sku: Sku | null
  /** Name of its configuration; null: the default. */
  readonly contentFilter: string | null
  readonly createdAt: Date
}

/** Fine-tuned deployments a resource may have (Azure's quota). */
const MAX_DEPLOYMENTS = 5
/** What tuned models are called: `ft:…`, and on Azure's surface `….ft-<32 hex digits>…`. */
const TUNED_MODEL = /^ft:|\.ft-[0-9a-f]{32}/

/** Named models that answer chat. */
export class Deployments {
  readonly #sql: Sql
  readonly #gate: Gate

  constructor(sql: Sql, gate: Gate) {
    this.#sql = sql
    this.#gate = gate
  }

  /**
   * Verifies the model's attestation first; refuses what is not attested. An existing name is given the new model. What is
   * being evaluated may take a new name meanwhile, and answers when it has passed; it does not take the place of a model
   * that answers.
   */
  async deploy(
    resource: Resource,
    wanted: { name: string; model: string; sku?: Sku | undefined; contentFilter?: string | undefined },
  ) {
    refuseModelName(wanted.name)
    await withinQuota(this.#sql, resource.id, wanted.name)
    const { contentFilter = null } = wanted
    if (contentFilter !== null) await contentFilterConfiguration(this.#sql, resource.id, contentFilter)
    const waiting = await this.#verify(resource, wanted.model)
    const values = {
      model: wanted.model,
      sku: wanted.sku ? JSON.stringify(wanted.sku) : null,
      content_filter: contentFilter,
    }
    const row = await this.#sql.transaction().execute(async (transaction) => {
      await lockResource(transaction, resource.id)
      await withinQuota(transaction, resource.id, wanted.name)
      // It may have been deleted while it was verified.
      await requireModel(transaction, resource.id, wanted.model)
      if (contentFilter !== null) await contentFilterConfiguration(transaction, resource.id, contentFilter)
      if (waiting) await refuseReplacing(transaction, resource.id, wanted, waiting)
      return transaction
        .insertInto('deployments')
        .values({ ...values, resource_id: resource.id, name: wanted.name })
        .onConflict((conflict) => conflict.columns(['resource_id', 'name']).doUpdateSet(values))
        .returningAll()
        .executeTakeFirstOrThrow()
    })
    return this.#fromRow(row)
  }

  /** The gate's answer where it is that the model is being evaluated; every other refusal is thrown. */
  async #verify(resource: Resource, model: string): Promise<AssayError | undefined> {
    try {
      const verified = await this.#gate.open(resource, model, { again: true })
      await verified.adapter?.remove()
      return undefined
    } catch (error) {
      if (AssayError.is(error) && error.code === 'model_not_evaluated') return error
      throw error
    }
  }

  async list(resourceId: string): Promise<Deployment[]> {
    const rows = await this.#sql
      .selectFrom('deployments')
      .selectAll()
      .where('resource_id', '=', resourceId)
      .orderBy('created_at')
      .execute()
    return Promise.all(rows.map((row) => this.#fromRow(row)))
  }

  async get(resourceId: string, name: string): Promise<Deployment> {
    const row = await this.#row(resourceId, name)
    if (!row) throw deploymentNotFound(name)
    return this.#fromRow(row)
  }

  /** What a name of a deployment stands for; whether that may answer, the gate says. */
  async target(resourceId: string, name: string): Promise<Pick<Deployment, 'model' | 'contentFilter'> | undefined> {
    const row = await this.#row(resourceId, name)
    return row && { model: row.model, contentFilter: row.content_filter }
  }

  async #row(resourceId: string, name: string): Promise<Selectable<Schema['deployments']> | undefined> {
    return this.#sql
      .selectFrom('deployments')
      .selectAll()
      .where('resource_id', '=', resourceId)
      .where('name', '=', name)
      .executeTakeFirst()
  }

  async setSku(resourceId: string, name: string, sku: Sku): Promise<Deployment> {
    await this.#sql
      .updateTable('deployments')
      .set({ sku: JSON.stringify(sku) })
      .where('resource_id', '=', resourceId)
      .where('name', '=', name)
      .execute()
    return this.get(resourceId, name)
  }

  async delete(resourceId: string, name: string): Promise<void> {
    await this.get(resourceId, name)
    await this.#sql.deleteFrom('deployments').where('resource_id', '=', resourceId).where('name', '=', name).execute()
  }

  async #fromRow(row: Selectable<Schema['deployments']>): Promise<Deployment> {
    const standing = await this.#gate.standing(row.resource_id, row.model)
    return {
      name: row.name,
      model: row.model,
      sku: row.sku as Sku | null,
      contentFilter: row.content_filter,
      createdAt: row.created_at,
      ...standing,
    }
  }
}

export function deploymentNotFound(name: string): AssayError {
  return new AssayError('deployment_not_found', `The deployment '${name}' does not exist.`, {
    status: 404,
    param: 'deployment',
    remedy: 'Create it with `assay deploy`, or list those there are with GET /assay/v1/deployments.',
  })
}

/** A deployment named like a model would answer chat in its place. */
function refuseModelName(name: string): void {
  if (!isCatalogueModel(name) && !TUNED_MODEL.test(name)) return
  throw new AssayError('reserved_name', `'${name}' is the name of a model.`, {
    status: 400,
    param: 'name',
    remedy: 'Choose another name for the deployment.',
  })
}

async function withinQuota(sql: Sql, resourceId: string, name: string): Promise<void> {
  const others = await sql
    .selectFrom('deployments')
    .select('name')
    .where('resource_id', '=', resourceId)
    .where('name', '!=', name)
    .execute()
  if (others.length < MAX_DEPLOYMENTS) return
  throw new AssayError('deployment_quota_exceeded', `A resource may have ${MAX_DEPLOYMENTS} deployments.`, {
    status: 429,
    remedy: 'Delete one first.',
  })
}

/** A model of the catalogue, a tuned one or a checkpoint, read within a transaction where `sql` is one. Throws `model_not_found`. */
export async function requireModel(sql: Sql, resourceId: string, name: string): Promise<void> {
  if (isCatalogueModel(name) || (await findCheckpoint(sql, resourceId, name))) return
  await tunedModel(sql, resourceId, name)
}

async function refuseReplacing(
  sql: Sql,
  resourceId: string,
  { name, model }: { name: string; model: string },
  refusal: AssayError,
): Promise<void> {
  const other = await sql
    .selectFrom('deployments')
    .select('model')
    .where('resource_id', '=', resourceId)
    .where('name', '=', name)
    .where('model', '!=', model)
    .executeTakeFirst()
  if (other) throw refusal
}
