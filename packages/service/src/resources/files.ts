import { randomBytes } from 'node:crypto'
import { AssayError } from 'assay/errors'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Blobs, Sql } from '../storage/index.ts'
import { AtOnce } from './at-once.ts'
import { lockResource } from './lock-resource.ts'
import type { Resource } from './resource.ts'

export type FilePurpose = 'fine-tune' | 'fine-tune-results'

/** A file of a resource, encrypted under its data key. */
export interface StoredFile {
  readonly id: string
  readonly filename: string
  readonly purpose: FilePurpose
  /** Before encryption. */
  readonly bytes: number
  readonly createdAt: Date
  readonly expiresAt: Date | null
}

export interface NewFile {
  readonly filename: string
  readonly purpose: FilePurpose
  readonly expiresAt?: Date | null
}

export interface FilePage {
  readonly files: readonly StoredFile[]
  readonly hasMore: boolean
}

/** Content that is stored, but belongs to no file yet: `keep` it or `discard` it. */
export interface ReceivedContent {
  /** The file's id, should it be kept. */
  readonly id: string
  readonly bytes: number
  /** `sql`: the transaction that it belongs to, where there is one. */
  keep(file: NewFile, sql?: Sql): Promise<StoredFile>
  /** As it came, as often as it is read. */
  content(): AsyncIterable<Uint8Array>
  discard(): Promise<void>
}

/** What the training files of a resource may have together, in bytes: no business rule, but a bound on the disk. */
const MAX_BYTES = 10e9
/** Files of a resource that may be on their way at the same time. */
const MAX_SENT_AT_ONCE = 16

/** Files of resources. No file is seen from another resource: it is not found there. */
export class Files {
  readonly #sql: Sql
  readonly #blobs: Blobs
  readonly #receiving = new AtOnce(MAX_SENT_AT_ONCE, tooManyAtOnce)

  constructor(sql: Sql, blobs: Blobs) {
    this.#sql = sql
    this.#blobs = blobs
  }

  /** As `receive`, of what somebody sends, at their pace: what is on its way takes room before any quota counts it. */
  receiveSent(resource: Resource, content: AsyncIterable<Uint8Array>): Promise<ReceivedContent> {
    return this.#receiving.run(resource.id, () => this.receive(resource, content))
  }

  /** Stores content before its purpose is known: a multipart form may name that last. */
  async receive(resource: Resource, content: AsyncIterable<Uint8Array>): Promise<ReceivedContent> {
    const blob = await this.#blobs.put(resource.dataKey, content)
    const id = `file-${randomBytes(16).toString('hex')}`
    return {
      id,
      bytes: blob.bytes,
      content: () => this.#blobs.get(resource.dataKey, blob.id),
      discard: () => this.#blobs.delete(blob.id),
      keep: async ({ filename, purpose, expiresAt = null }, sql) => {
        const store = async (within: Sql) => {
          if (purpose === 'fine-tune') await withinQuota(within, resource.id, blob.bytes)
          const row = await within
            .insertInto('files')
            .values({
              id,
              resource_id: resource.id,
              blob_id: blob.id,
              sha256: blob.sha256,
              bytes: blob.bytes,
              filename,
              purpose,
              expires_at: expiresAt,
            })
            .returningAll()
            .executeTakeFirstOrThrow()
          return fromRow(row)
        }
        return sql ? store(sql) : this.#sql.transaction().execute(store)
      },
    }
  }

  /** `param`: the parameter that names the file, for the error. `within`: the transaction, where there is one. */
  async get(resourceId: string, id: string, param = 'id', within: Sql = this.#sql): Promise<StoredFile> {
    const file = await this.find(resourceId, id, within)
    if (file) return file
    throw fileNotFound(id, param)
  }

  async find(resourceId: string, id: string, within: Sql = this.#sql): Promise<StoredFile | undefined> {
    const row = await this.#row(resourceId, id, within)
    return row && !isExpired(row) ? fromRow(row) : undefined
  }

  async list(
    resourceId: string,
    page: { purpose?: string | undefined; after?: string | undefined; limit: number; order: 'asc' | 'desc' },
  ): Promise<FilePage> {
    let query = this.#sql
      .selectFrom('files')
      .selectAll()
      .where('resource_id', '=', resourceId)
      .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', new Date())]))
      .orderBy('created_at', page.order)
      .orderBy('id', page.order)
      .limit(page.limit + 1)
    if (page.purpose) query = query.where('purpose', '=', page.purpose)
    if (page.after) {
      const { id } = await this.get(resourceId, page.after, 'after')
      const operator = sql.raw(page.order === 'desc' ? '<' : '>')
      // Compared in the database: its times are finer than a Date.
      query = query.where(
        sql<boolean>`(created_at, id) ${operator} (select after.created_at, after.id from files after where after.id = ${id})`,
      )
    }
    const rows = await query.execute()
    return { files: rows.slice(0, page.limit).map(fromRow), hasMore: rows.length > page.limit }
  }

  /** The content as it was uploaded. Found first, streamed then. */
  async content(resource: Resource, id: string, param = 'id'): Promise<AsyncIterable<Uint8Array>> {
    const row = await this.#row(resource.id, id)
    if (!row || isExpired(row)) throw fileNotFound(id, param)
    return this.#blobs.get(resource.dataKey, row.blob_id)
  }

  /** The content of a file that an unfinished job names: it may expire meanwhile, and stays readable until the job has ended. */
  async contentForJob(
    resource: Resource,
    id: string,
    param: 'training_file' | 'validation_file',
  ): Promise<AsyncIterable<Uint8Array>> {
    const row = await this.#row(resource.id, id)
    if (!row) throw fileNotFound(id, param)
    return this.#blobs.get(resource.dataKey, row.blob_id)
  }

  /** Deletes a file, expired or not; refuses one that an unfinished job reads. */
  async delete(resourceId: string, id: string): Promise<void> {
    const blobId = await this.#sql.transaction().execute(async (transaction) => {
      await lockResource(transaction, resourceId)
      const row = await this.#row(resourceId, id, transaction)
      if (!row) throw fileNotFound(id, 'id')
      await refuseInUse(transaction, resourceId, id)
      await transaction.deleteFrom('files').where('id', '=', id).execute()
      return row.blob_id
    })
    await this.#blobs.delete(blobId)
  }

  /** Deletes what has expired, of all resources, unless an unfinished job reads it. */
  async deleteExpired(): Promise<void> {
    const rows = await this.#sql
      .deleteFrom('files')
      .where('expires_at', '<=', new Date())
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('jobs')
              .select('jobs.id')
              .where(unfinishedJobReads(sql.ref('files.id'))),
          ),
        ),
      )
      .returning('blob_id')
      .execute()
    for (const row of rows) await this.#blobs.delete(row.blob_id)
  }

  #row(resourceId: string, id: string, within: Sql = this.#sql) {
    return within
      .selectFrom('files')
      .selectAll()
      .where('resource_id', '=', resourceId)
      .where('id', '=', id)
      .executeTakeFirst()
  }
}

function isExpired(row: { expires_at: Date | null }): boolean {
  return row.expires_at !== null && row.expires_at <= new Date()
}

function fileNotFound(id: string, param: string): AssayError {
  return new AssayError('file_not_found', `No such File object: ${id}`, { status: 404, param })
}

/** Of a row of jobs: whether it is an unfinished one that reads this file. */
function unfinishedJobReads(file: string | RawBuilder<unknown>): RawBuilder<SqlBool> {
  return sql<SqlBool>`jobs.finished_at is null and ${file} in (jobs.training_file, jobs.validation_file)`
}

async function refuseInUse(database: Sql, resourceId: string, id: string): Promise<void> {
  const job = await database
    .selectFrom('jobs')
    .select('id')
    .where('resource_id', '=', resourceId)
    .where(unfinishedJobReads(id))
    .executeTakeFirst()
  if (!job) return
  throw new AssayError('file_in_use', `The job ${job.id} uses the file ${id}.`, {
    status: 409,
    param: 'id',
    remedy: 'Cancel the job first, or wait until it has ended.',
  })
}

function fromRow(row: {
  id: string
  filename: string
  purpose: string
  bytes: number
  created_at: Date
  expires_at: Date | null
}): StoredFile {
  return {
    id: row.id,
    filename: row.filename,
    purpose: row.purpose as FilePurpose,
    bytes: row.bytes,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

/** Decides within a transaction, and holds the resource until its end. */
async function withinQuota(transaction: Sql, resourceId: string, bytes: number): Promise<void> {
  await lockResource(transaction, resourceId)
  const { stored } = await transaction
    .selectFrom('files')
    .select((of) => of.fn.sum<string | null>('bytes').as('stored'))
    .where('resource_id', '=', resourceId)
    .where('purpose', '=', 'fine-tune')
    .executeTakeFirstOrThrow()
  if (Number(stored) + bytes <= MAX_BYTES) return
  throw new AssayError(
    'file_quota_exceeded',
    `The training files of a resource may have ${MAX_BYTES / 1e9} GB together.`,
    {
      status: 429,
      param: 'file',
      remedy: 'Delete those that no job needs any more.',
    },
  )
}

function tooManyAtOnce(): AssayError {
  return new AssayError('too_many_files_at_once', `A resource may send ${MAX_SENT_AT_ONCE} files at the same time.`, {
    status: 429,
    remedy: 'Send this one again when others have arrived.',
  })
}
