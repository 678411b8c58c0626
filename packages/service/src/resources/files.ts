import { randomBytes } from 'node:crypto'
import { AssayError } from 'assay/errors'
import type { Blobs, Sql } from '../storage/index.ts'
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

/** Files of resources. No file is seen from another resource: it is not found there. */
export class Files {
  readonly #sql: Sql
  readonly #blobs: Blobs

  constructor(sql: Sql, blobs: Blobs) {
    this.#sql = sql
    this.#blobs = blobs
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
      keep: async (file, sql = this.#sql) => {
        const row = await sql
          .insertInto('files')
          .values({
            id,
            resource_id: resource.id,
            blob_id: blob.id,
            sha256: blob.sha256,
            bytes: blob.bytes,
            filename: file.filename,
            purpose: file.purpose,
            expires_at: file.expiresAt ?? null,
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        return fromRow(row)
      },
    }
  }

  async get(resourceId: string, id: string): Promise<StoredFile> {
    return fromRow(await this.#row(resourceId, id))
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
      const after = await this.#row(resourceId, page.after)
      const operator = page.order === 'desc' ? '<' : '>'
      query = query.where((where) =>
        where.or([
          where('created_at', operator, after.created_at),
          where.and([where('created_at', '=', after.created_at), where('id', operator, after.id)]),
        ]),
      )
    }
    const rows = await query.execute()
    return { files: rows.slice(0, page.limit).map(fromRow), hasMore: rows.length > page.limit }
  }

  /** The content as it was uploaded. Found first, streamed then. */
  async content(resource: Resource, id: string): Promise<AsyncIterable<Uint8Array>> {
    const { blob_id } = await this.#row(resource.id, id)
    return this.#blobs.get(resource.dataKey, blob_id)
  }

  async delete(resourceId: string, id: string): Promise<void> {
    const { blob_id } = await this.#row(resourceId, id)
    await this.#sql.deleteFrom('files').where('resource_id', '=', resourceId).where('id', '=', id).execute()
    await this.#blobs.delete(blob_id)
  }

  async #row(resourceId: string, id: string) {
    const row = await this.#sql
      .selectFrom('files')
      .selectAll()
      .where('resource_id', '=', resourceId)
      .where('id', '=', id)
      .executeTakeFirst()
    if (row && (row.expires_at === null || row.expires_at > new Date())) return row
    throw new AssayError('file_not_found', `No such File object: ${id}`, { status: 404, param: 'id' })
  }
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
