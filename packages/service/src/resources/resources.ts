import { randomBytes } from 'node:crypto'
import { AssayError } from 'assay/errors'
import type { KeyEncryptionKey, Sql } from '../storage/index.ts'
import { hashApiKey, newApiKey } from './api-key.ts'
import { lockResource } from './lock-resource.ts'
import type { ApiKey, ListedResource, Resource } from './resource.ts'

const DEFAULT_RESOURCE = 'default'

/** Resources and their API keys. */
export class Resources {
  readonly #sql: Sql
  readonly #keys: KeyEncryptionKey

  constructor(sql: Sql, keys: KeyEncryptionKey) {
    this.#sql = sql
    this.#keys = keys
  }

  /**
   * Makes the resource `default` at the first start and returns its key, new or as given; later `undefined`, or
   * the given key, which then opens the resource as well.
   */
  async ensureDefault(geography: string, givenKey?: string): Promise<string | undefined> {
    const existing = await this.#sql
      .selectFrom('resources')
      .select('id')
      .where('name', '=', DEFAULT_RESOURCE)
      .executeTakeFirst()
    const id = existing?.id ?? (await this.#create(DEFAULT_RESOURCE, geography)).id
    if (givenKey) {
      await this.#store(id, 'ASSAY_API_KEY', givenKey)
      return givenKey
    }
    return existing ? undefined : (await this.addKey(id, 'first key')).key
  }

  /** Throws `invalid_api_key` (401) for a key that nobody has. */
  async authenticate(key: string): Promise<Resource> {
    const row = await this.#sql
      .selectFrom('api_keys')
      .innerJoin('resources', 'resources.id', 'api_keys.resource_id')
      .selectAll('resources')
      .where('api_keys.hash', '=', hashApiKey(key))
      .executeTakeFirst()
    if (!row) throw invalidApiKey()
    return this.#opened(row)
  }

  async byId(id: string): Promise<Resource> {
    return this.#opened(
      await this.#sql.selectFrom('resources').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    )
  }

  /** The key is returned here and never again. */
  async addKey(resourceId: string, name: string): Promise<ApiKey & { readonly key: string }> {
    const key = newApiKey()
    return { ...(await this.#store(resourceId, name, key)), key }
  }

  async listKeys(resourceId: string): Promise<ApiKey[]> {
    const rows = await this.#sql
      .selectFrom('api_keys')
      .selectAll()
      .where('resource_id', '=', resourceId)
      .orderBy('created_at')
      .execute()
    return rows.map((row) => ({ id: row.id, name: row.name, lastFour: row.last_four, createdAt: row.created_at }))
  }

  /** Throws `key_not_found`, or `last_api_key`: nobody could open the resource any more, nor make it another key. */
  async deleteKey(resourceId: string, id: string): Promise<void> {
    await this.#sql.transaction().execute(async (transaction) => {
      await lockResource(transaction, resourceId)
      const ofResource = transaction.selectFrom('api_keys').select('id').where('resource_id', '=', resourceId)
      const keys = await ofResource.limit(2).execute()
      const key = await ofResource.where('id', '=', id).executeTakeFirst()
      if (!key) throw keyNotFound(id)
      if (keys.length === 1) throw lastApiKey()
      await transaction.deleteFrom('api_keys').where('id', '=', id).execute()
    })
  }

  /** Makes a further resource, as an operator does; a new installation has `default` only. Throws `resource_exists`. */
  async create(name: string, geography: string): Promise<ListedResource & { readonly key: string }> {
    return this.#sql.transaction().execute(async (transaction) => {
      const { id, createdAt } = await this.#create(name, geography, transaction)
      const key = newApiKey()
      await this.#store(id, 'first key', key, transaction)
      return { id, name, geography, createdAt, key }
    })
  }

  async list(): Promise<ListedResource[]> {
    const rows = await this.#sql
      .selectFrom('resources')
      .select(['id', 'name', 'geography', 'created_at'])
      .orderBy('created_at')
      .execute()
    return rows.map(({ created_at: createdAt, ...row }) => ({ ...row, createdAt }))
  }

  /**
   * Deletes a resource with all that is its own: keys, files, jobs, models, deployments, verdicts, usage. Its data key goes in the
   * same transaction, so what is left of its blobs opens for nobody. Refuses one that has unfinished jobs.
   *
   * @returns the ids of its blobs, to be deleted now that nobody can find them
   */
  async delete(id: string): Promise<readonly string[]> {
    return this.#sql.transaction().execute(async (transaction) => {
      await lockResource(transaction, id)
      const ofJobs = transaction.selectFrom('jobs').where('resource_id', '=', id)
      const unfinished = await ofJobs.select('id').where('finished_at', 'is', null).executeTakeFirst()
      if (unfinished) throw resourceInUse(id, unfinished.id)
      const blobs = await transaction
        .selectFrom('files')
        .select('blob_id')
        .where('resource_id', '=', id)
        .union(transaction.selectFrom('models').select('blob_id').where('resource_id', '=', id))
        .union(
          transaction
            .selectFrom('upload_parts')
            .innerJoin('uploads', 'uploads.id', 'upload_parts.upload_id')
            .select('upload_parts.blob_id')
            .where('uploads.resource_id', '=', id),
        )
        .union(transaction.selectFrom('checkpoints').select('blob_id').where('job_id', 'in', ofJobs.select('id')))
        .union(
          ofJobs
            .select('adapter_blob_id as blob_id')
            .where('adapter_blob_id', 'is not', null)
            .$castTo<{ blob_id: string }>(),
        )
        .execute()
      const { numDeletedRows } = await transaction.deleteFrom('resources').where('id', '=', id).executeTakeFirst()
      if (numDeletedRows === 0n) throw resourceNotFound(id)
      return blobs.map((row) => row.blob_id)
    })
  }

  async #create(name: string, geography: string, sql: Sql = this.#sql): Promise<{ id: string; createdAt: Date }> {
    const id = `resource-${randomBytes(12).toString('hex')}`
    const wrapped = this.#keys.wrap(randomBytes(32))
    const made = await sql
      .insertInto('resources')
      .values({ id, name, geography, wrapped_data_key: wrapped })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('created_at')
      .executeTakeFirst()
    if (made) return { id, createdAt: made.created_at }
    throw new AssayError('resource_exists', `There is a resource '${name}' already.`, { status: 409, param: 'name' })
  }

  async #store(resourceId: string, name: string, key: string, sql: Sql = this.#sql): Promise<ApiKey> {
    const row = { id: `key-${randomBytes(12).toString('hex')}`, name, hash: hashApiKey(key), last_four: key.slice(-4) }
    await sql
      .insertInto('api_keys')
      .values({ ...row, resource_id: resourceId })
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .execute()
    return { id: row.id, name, lastFour: row.last_four, createdAt: new Date() }
  }

  #opened(row: { id: string; name: string; geography: string; wrapped_data_key: string }): Resource {
    return { id: row.id, name: row.name, geography: row.geography, dataKey: this.#keys.unwrap(row.wrapped_data_key) }
  }
}

function keyNotFound(id: string): AssayError {
  return new AssayError('key_not_found', `No such API key: ${id}`, { status: 404, param: 'id' })
}

function lastApiKey(): AssayError {
  return new AssayError('last_api_key', 'This is the only API key of the resource: nothing would open it any more.', {
    status: 409,
    param: 'id',
    remedy: 'Create another key first, then delete this one with it.',
  })
}

function resourceNotFound(id: string): AssayError {
  return new AssayError('resource_not_found', `No such resource: ${id}`, { status: 404, param: 'id' })
}

function resourceInUse(id: string, job: string): AssayError {
  return new AssayError('resource_in_use', `${id} has an unfinished job, ${job}.`, {
    status: 409,
    param: 'id',
    remedy: 'Let its owner cancel it, or wait until it has ended.',
  })
}

export function invalidApiKey(): AssayError {
  return new AssayError('invalid_api_key', 'Incorrect API key provided.', {
    status: 401,
    remedy: 'Send the key that the service printed at its first start, or one made with `assay keys create`.',
  })
}
