import { AssayError } from 'assay/errors'
import type { Selectable } from 'kysely'
import { lockResource } from '../resources/index.ts'
import type { Schema, Sql } from '../storage/index.ts'
import {
  type ContentFilterConfiguration,
  isSystemConfiguration,
  requireApplicable,
  SYSTEM_CONFIGURATIONS,
} from './configuration.ts'

/** Configurations that a resource may have of its own. */
const MAX_CONFIGURATIONS = 100

/** The content filter configurations of each resource: those that everyone has, and its own. */
export class ContentFilterConfigurations {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  async list(resourceId: string): Promise<ContentFilterConfiguration[]> {
    const rows = await this.#sql
      .selectFrom('content_filters')
      .selectAll()
      .where('resource_id', '=', resourceId)
      .orderBy('created_at')
      .execute()
    return [...SYSTEM_CONFIGURATIONS, ...rows.map(fromRow)]
  }

  get(resourceId: string, name: string): Promise<ContentFilterConfiguration> {
    return contentFilterConfiguration(this.#sql, resourceId, name)
  }

  /** Makes a configuration or replaces it, also for the deployments that name it; says whether it is new. */
  async put(resourceId: string, configuration: ContentFilterConfiguration): Promise<boolean> {
    const { name } = configuration
    requireOwn(name)
    requireApplicable(configuration)
    const values = {
      base_policy_name: configuration.basePolicyName,
      mode: configuration.mode,
      filters: JSON.stringify(configuration.contentFilters),
    }
    return this.#sql.transaction().execute(async (transaction) => {
      await lockResource(transaction, resourceId)
      const existed = await findRow(transaction, resourceId, name)
      if (!existed) await withinQuota(transaction, resourceId)
      await transaction
        .insertInto('content_filters')
        .values({ ...values, resource_id: resourceId, name })
        .onConflict((conflict) => conflict.columns(['resource_id', 'name']).doUpdateSet(values))
        .execute()
      return existed === undefined
    })
  }

  /** Refuses one that a deployment names; says whether there was one. */
  async delete(resourceId: string, name: string): Promise<boolean> {
    requireOwn(name)
    return this.#sql.transaction().execute(async (transaction) => {
      await lockResource(transaction, resourceId)
      await refuseUsed(transaction, resourceId, name)
      const { numDeletedRows } = await transaction
        .deleteFrom('content_filters')
        .where('resource_id', '=', resourceId)
        .where('name', '=', name)
        .executeTakeFirst()
      return numDeletedRows > 0n
    })
  }
}

/** A configuration by its name, read within a transaction where `sql` is one. Throws `content_filter_not_found`. */
export async function contentFilterConfiguration(
  sql: Sql,
  resourceId: string,
  name: string,
): Promise<ContentFilterConfiguration> {
  const system = SYSTEM_CONFIGURATIONS.find((one) => one.name === name)
  if (system) return system
  const row = await findRow(sql, resourceId, name)
  if (row) return fromRow(row)
  throw new AssayError('content_filter_not_found', `The content filter '${name}' does not exist.`, {
    status: 404,
    param: 'content_filter',
    remedy: 'Create it first (docs/content-filters.md), or leave the name out for the default.',
  })
}

function findRow(sql: Sql, resourceId: string, name: string) {
  return sql
    .selectFrom('content_filters')
    .selectAll()
    .where('resource_id', '=', resourceId)
    .where('name', '=', name)
    .executeTakeFirst()
}

function fromRow(row: Selectable<Schema['content_filters']>): ContentFilterConfiguration {
  return {
    name: row.name,
    basePolicyName: row.base_policy_name,
    mode: row.mode as ContentFilterConfiguration['mode'],
    contentFilters: row.filters as ContentFilterConfiguration['contentFilters'],
  }
}

function requireOwn(name: string): void {
  if (!isSystemConfiguration(name)) return
  throw new AssayError('reserved_name', `'${name}' is a content filter of everyone's, and cannot be changed.`, {
    status: 403,
    param: 'raiPolicyName',
    remedy: 'Choose a name that does not begin with Microsoft.',
  })
}

async function refuseUsed(sql: Sql, resourceId: string, name: string): Promise<void> {
  const used = await sql
    .selectFrom('deployments')
    .select('name')
    .where('resource_id', '=', resourceId)
    .where('content_filter', '=', name)
    .executeTakeFirst()
  if (!used) return
  throw new AssayError('content_filter_in_use', `The deployment '${used.name}' names the content filter '${name}'.`, {
    status: 409,
    param: 'raiPolicyName',
    remedy: 'Deploy it with another one first.',
  })
}

async function withinQuota(sql: Sql, resourceId: string): Promise<void> {
  const { own } = await sql
    .selectFrom('content_filters')
    .select((expression) => expression.fn.countAll<number>().as('own'))
    .where('resource_id', '=', resourceId)
    .executeTakeFirstOrThrow()
  if (Number(own) < MAX_CONFIGURATIONS) return
  throw new AssayError('content_filter_quota_exceeded', `A resource may have ${MAX_CONFIGURATIONS} content filters.`, {
    status: 429,
    remedy: 'Delete one first.',
  })
}
