import { AssayError } from 'assay/errors'
import type { Selectable } from 'kysely'
import type { Resource } from '../resources/index.ts'
import type { Schema, Sql } from '../storage/index.ts'
import type { Gate } from './gate.ts'

export interface Deployment {
  readonly name: string
  readonly model: string
  readonly sku: Readonly<Record<string, unknown>> | null
  readonly createdAt: Date
}

/** Fine-tuned deployments a resource may have (Azure's quota). */
const MAX_DEPLOYMENTS = 5

/** Named models that answer chat. */
export class Deployments {
  readonly #sql: Sql
  readonly #gate: Gate

  constructor(sql: Sql, gate: Gate) {
    this.#sql = sql
    this.#gate = gate
  }

  /** Verifies the model's attestation first; refuses what is not attested. An existing name is given the new model. */
  async deploy(resource: Resource, wanted: { name: string; model: string; sku?: object | undefined }) {
    await this.#withinQuota(resource.id, wanted.name)
    const verified = await this.#gate.open(resource, wanted.model)
    await verified.adapter?.remove()
    const values = { model: wanted.model, sku: wanted.sku ? JSON.stringify(wanted.sku) : null }
    const row = await this.#sql
      .insertInto('deployments')
      .values({ ...values, resource_id: resource.id, name: wanted.name })
      .onConflict((conflict) => conflict.columns(['resource_id', 'name']).doUpdateSet(values))
      .returningAll()
      .executeTakeFirstOrThrow()
    return fromRow(row)
  }

  async list(resourceId: string): Promise<Deployment[]> {
    const rows = await this.#sql
      .selectFrom('deployments')
      .selectAll()
      .where('resource_id', '=', resourceId)
      .orderBy('created_at')
      .execute()
    return rows.map(fromRow)
  }

  async find(resourceId: string, name: string): Promise<Deployment | undefined> {
    const row = await this.#sql
      .selectFrom('deployments')
      .selectAll()
      .where('resource_id', '=', resourceId)
      .where('name', '=', name)
      .executeTakeFirst()
    return row && fromRow(row)
  }

  async get(resourceId: string, name: string): Promise<Deployment> {
    const deployment = await this.find(resourceId, name)
    if (deployment) return deployment
    throw new AssayError('deployment_not_found', `The deployment '${name}' does not exist.`, {
      status: 404,
      param: 'deployment',
      remedy: 'Create it with `assay deploy`, or list those there are with GET /assay/v1/deployments.',
    })
  }

  async delete(resourceId: string, name: string): Promise<void> {
    await this.get(resourceId, name)
    await this.#sql.deleteFrom('deployments').where('resource_id', '=', resourceId).where('name', '=', name).execute()
  }

  async #withinQuota(resourceId: string, name: string): Promise<void> {
    const others = (await this.list(resourceId)).filter((deployment) => deployment.name !== name)
    if (others.length < MAX_DEPLOYMENTS) return
    throw new AssayError('deployment_quota_exceeded', `A resource may have ${MAX_DEPLOYMENTS} deployments.`, {
      status: 429,
      remedy: 'Delete one first.',
    })
  }
}

function fromRow(row: Selectable<Schema['deployments']>): Deployment {
  return {
    name: row.name,
    model: row.model,
    sku: row.sku as Deployment['sku'],
    createdAt: row.created_at,
  }
}
