import { createHash, type Hash, randomBytes } from 'node:crypto'
import { AssayError } from 'assay/errors'
import type { Selectable } from 'kysely'
import type { Blobs, Schema, Sql } from '../storage/index.ts'
import { AtOnce } from './at-once.ts'
import type { Files, StoredFile } from './files.ts'
import { lockResource } from './lock-resource.ts'
import type { Resource } from './resource.ts'

/** A file that comes in parts, in any order and at the same time. */
export interface Upload {
  readonly id: string
  readonly filename: string
  /** What all parts together will have, as the client said. */
  readonly bytes: number
  readonly status: 'pending' | 'completed' | 'cancelled' | 'expired'
  readonly createdAt: Date
  readonly expiresAt: Date
  /** Once it is completed, unless the file was deleted since. */
  readonly file: StoredFile | null
}

export interface UploadPart {
  readonly id: string
  readonly uploadId: string
  readonly createdAt: Date
}

/** How long an upload may take, in milliseconds (OpenAI's hour). */
const LIFETIME = 3600 * 1000
/** A completion that began in time has as long again, in milliseconds, before the parts are deleted. */
const GRACE = LIFETIME
/** What pending uploads of a resource may have together (Azure's quota of files). */
const MAX_PENDING = { uploads: 50, bytes: 2 ** 30 }
/** Blobs that one upload may be made of; a file of the greatest size takes eight of the greatest parts. */
const MAX_PARTS = 1000
/** Parts of a resource that may be on their way at the same time: so many may take room before they are counted. */
const MAX_PARTS_AT_ONCE = 16
/** A client that missed the answer sends its part again: parts may have so many times what the file will have. */
const ROOM_FOR_REPEATED_PARTS = 2

/** Uploads in parts. Parts are encrypted as files are; a completed upload is a file like any other. */
export class Uploads {
  readonly #sql: Sql
  readonly #blobs: Blobs
  readonly #files: Files
  readonly #receiving = new AtOnce(MAX_PARTS_AT_ONCE, tooManyAtOnce)
  /** Uploads that are being completed; in this process, which is the only one of its blobs. */
  readonly #completing = new Set<string>()

  constructor(sql: Sql, blobs: Blobs, files: Files) {
    this.#sql = sql
    this.#blobs = blobs
    this.#files = files
  }

  /** `lifetime`: how many seconds the file is to be kept, where it is to expire. */
  async create(
    resource: Resource,
    wanted: { filename: string; bytes: number; lifetime: number | undefined },
  ): Promise<Upload> {
    const id = `upload_${randomBytes(16).toString('hex')}`
    const row = await this.#sql.transaction().execute(async (transaction) => {
      await lockResource(transaction, resource.id)
      await withinQuota(transaction, resource.id, wanted.bytes)
      return transaction
        .insertInto('uploads')
        .values({
          id,
          resource_id: resource.id,
          filename: wanted.filename,
          bytes: wanted.bytes,
          lifetime: wanted.lifetime ?? null,
          expires_at: new Date(Date.now() + LIFETIME),
        })
        .returningAll()
        .executeTakeFirstOrThrow()
    })
    return this.#shown(row)
  }

  /** Stores a part of a pending upload, as a whole or not at all. */
  async addPart(resource: Resource, id: string, content: AsyncIterable<Uint8Array>): Promise<UploadPart> {
    return this.#receiving.run(resource.id, () => this.#addPart(resource, id, content))
  }

  /** Takes back a part that came with something wrong. */
  removePart({ id, uploadId }: UploadPart): Promise<void> {
    return this.#deleteParts(uploadId, id)
  }

  async #addPart(resource: Resource, id: string, content: AsyncIterable<Uint8Array>): Promise<UploadPart> {
    await requireRoom(this.#sql, await pendingUpload(this.#sql, resource.id, id), 0)
    const blob = await this.#blobs.put(resource.dataKey, content)
    try {
      if (blob.bytes === 0) throw new AssayError('empty_file', 'The part is empty.', { status: 400, param: 'data' })
      const part = { id: `part_${randomBytes(16).toString('hex')}`, blob_id: blob.id, bytes: blob.bytes }
      return await this.#sql.transaction().execute(async (transaction) => {
        await lockResource(transaction, resource.id)
        await requireRoom(transaction, await pendingUpload(transaction, resource.id, id), blob.bytes)
        const values = { ...part, upload_id: id }
        const row = await transaction.insertInto('upload_parts').values(values).returningAll().executeTakeFirstOrThrow()
        return { id: row.id, uploadId: id, createdAt: row.created_at }
      })
    } catch (error) {
      await this.#blobs.delete(blob.id)
      throw error
    }
  }

  /**
   * Joins the parts that `partIds` names, in that order, into a file. They have to have the bytes that were announced,
   * and the MD5 (hex) where one is given; else the upload stays pending. One that is completed is told again.
   */
  async complete(
    resource: Resource,
    id: string,
    { partIds, md5 }: { partIds: readonly string[]; md5?: string | undefined },
  ): Promise<Upload> {
    if (this.#completing.has(id)) throw beingCompleted(id)
    this.#completing.add(id)
    try {
      return await this.#complete(resource, id, { partIds, md5 })
    } finally {
      this.#completing.delete(id)
    }
  }

  async #complete(
    resource: Resource,
    id: string,
    { partIds, md5 }: { partIds: readonly string[]; md5: string | undefined },
  ): Promise<Upload> {
    const upload = await findUpload(this.#sql, resource.id, id)
    if (upload.status === 'completed') return this.#shown(upload)
    requirePending(upload)
    const parts = inOrder(await partsOf(this.#sql, id), partIds)
    requireAllBytes(upload, parts)
    const hash = createHash('md5')
    const received = await this.#files.receive(resource, this.#joined(resource, parts, hash))
    try {
      if (md5 !== undefined && hash.digest('hex') !== md5.toLowerCase()) throw wrongMd5()
      await this.#sql.transaction().execute(async (transaction) => {
        await lockResource(transaction, resource.id)
        const now = await findUpload(transaction, resource.id, id)
        // What began in time may end late: `requirePending` alone would call it expired.
        if (now.status !== 'pending') requirePending(now)
        const expiresAt = upload.lifetime === null ? null : new Date(Date.now() + upload.lifetime * 1000)
        await received.keep({ filename: upload.filename, purpose: 'fine-tune', expiresAt }, transaction)
        await setStatus(transaction, id, { status: 'completed', file_id: received.id })
      })
    } catch (error) {
      await received.discard()
      throw error
    }
    return this.#withoutParts(resource.id, id)
  }

  async cancel(resourceId: string, id: string): Promise<Upload> {
    // Its parts are being read.
    if (this.#completing.has(id)) throw beingCompleted(id)
    await this.#sql.transaction().execute(async (transaction) => {
      await lockResource(transaction, resourceId)
      const upload = await findUpload(transaction, resourceId, id)
      if (upload.status !== 'cancelled') requirePending(upload)
      await setStatus(transaction, id, { status: 'cancelled' })
    })
    return this.#withoutParts(resourceId, id)
  }

  /** Deletes uploads that nobody can complete any more, of all resources, with their parts. */
  async deleteExpired(): Promise<void> {
    const before = new Date(Date.now() - GRACE)
    const expired = await this.#sql.selectFrom('uploads').select('id').where('expires_at', '<=', before).execute()
    for (const { id } of expired) {
      await this.#deleteParts(id)
      await this.#sql.deleteFrom('uploads').where('id', '=', id).execute()
    }
  }

  async #withoutParts(resourceId: string, id: string): Promise<Upload> {
    await this.#deleteParts(id)
    return this.#shown(await findUpload(this.#sql, resourceId, id))
  }

  /** All parts of an upload, or one. */
  async #deleteParts(uploadId: string, id?: string): Promise<void> {
    const parts = await this.#sql
      .deleteFrom('upload_parts')
      .where('upload_id', '=', uploadId)
      .$if(id !== undefined, (query) => query.where('id', '=', id as string))
      .returning('blob_id')
      .execute()
    for (const part of parts) await this.#blobs.delete(part.blob_id)
  }

  async *#joined(resource: Resource, parts: readonly PartRow[], hash: Hash): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      for await (const chunk of this.#blobs.get(resource.dataKey, part.blob_id)) {
        hash.update(chunk)
        yield chunk
      }
    }
  }

  async #shown(row: UploadRow): Promise<Upload> {
    const { id, filename, bytes } = row
    const file = row.file_id === null ? undefined : await this.#files.find(row.resource_id, row.file_id)
    const times = { createdAt: row.created_at, expiresAt: row.expires_at }
    return { id, filename, bytes, status: statusOf(row), ...times, file: file ?? null }
  }
}

type UploadRow = Selectable<Schema['uploads']>
type PartRow = Selectable<Schema['upload_parts']>

function statusOf({ status, expires_at }: UploadRow): Upload['status'] {
  return status === 'pending' && expires_at <= new Date() ? 'expired' : (status as Upload['status'])
}

async function findUpload(sql: Sql, resourceId: string, id: string): Promise<UploadRow> {
  const row = await sql
    .selectFrom('uploads')
    .selectAll()
    .where('resource_id', '=', resourceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (row) return row
  throw new AssayError('upload_not_found', `No such Upload object: ${id}`, { status: 404, param: 'upload_id' })
}

async function pendingUpload(sql: Sql, resourceId: string, id: string): Promise<UploadRow> {
  const upload = await findUpload(sql, resourceId, id)
  requirePending(upload)
  return upload
}

function requirePending(upload: UploadRow): void {
  const status = statusOf(upload)
  if (status === 'pending') return
  throw new AssayError('upload_not_pending', `The upload ${upload.id} is ${status}.`, {
    status: 400,
    param: 'upload_id',
    remedy: 'Create another.',
  })
}

async function setStatus(sql: Sql, id: string, values: { status: Upload['status']; file_id?: string }): Promise<void> {
  await sql.updateTable('uploads').set(values).where('id', '=', id).execute()
}

function partsOf(sql: Sql, id: string): Promise<PartRow[]> {
  return sql.selectFrom('upload_parts').selectAll().where('upload_id', '=', id).execute()
}

async function withinQuota(sql: Sql, resourceId: string, bytes: number): Promise<void> {
  const pending = await sql
    .selectFrom('uploads')
    .select('bytes')
    .where('resource_id', '=', resourceId)
    .where('status', '=', 'pending')
    .where('expires_at', '>', new Date())
    .execute()
  const together = pending.reduce((sum, upload) => sum + upload.bytes, bytes)
  if (pending.length < MAX_PENDING.uploads && together <= MAX_PENDING.bytes) return
  const most = `${MAX_PENDING.uploads} pending uploads of 1 GB together`
  throw new AssayError('upload_quota_exceeded', `A resource may have ${most}.`, {
    status: 429,
    remedy: 'Complete or cancel one first.',
  })
}

async function requireRoom(sql: Sql, upload: UploadRow, bytes: number): Promise<void> {
  const parts = await partsOf(sql, upload.id)
  if (parts.length >= MAX_PARTS) {
    throw new AssayError('too_many_parts', `An upload may have ${MAX_PARTS} parts.`, {
      status: 400,
      param: 'data',
      remedy: 'Send larger ones, in another upload.',
    })
  }
  if (sizeOf(parts) + bytes <= upload.bytes * ROOM_FOR_REPEATED_PARTS) return
  throw new AssayError('upload_too_large', `The parts of ${upload.id} are more than its ${upload.bytes} bytes.`, {
    status: 400,
    param: 'data',
    remedy: 'Create another upload, of as many bytes as the file has.',
  })
}

function sizeOf(parts: readonly PartRow[]): number {
  return parts.reduce((sum, part) => sum + part.bytes, 0)
}

function inOrder(parts: readonly PartRow[], ids: readonly string[]): PartRow[] {
  const byId = new Map(parts.map((part) => [part.id, part]))
  return ids.map((id) => {
    const part = byId.get(id)
    // A part is taken once.
    byId.delete(id)
    if (part) return part
    throw new AssayError('part_not_found', `No such part of the upload: ${id}`, { status: 400, param: 'part_ids' })
  })
}

function requireAllBytes(upload: UploadRow, parts: readonly PartRow[]): void {
  const bytes = sizeOf(parts)
  if (bytes === upload.bytes) return
  throw new AssayError('upload_incomplete', `The parts have ${bytes} bytes, and the upload ${upload.bytes}.`, {
    status: 400,
    param: 'part_ids',
    remedy: 'Add what is missing, then complete the upload.',
  })
}

function tooManyAtOnce(): AssayError {
  return new AssayError('too_many_parts_at_once', `A resource may send ${MAX_PARTS_AT_ONCE} parts at the same time.`, {
    status: 429,
    remedy: 'Send this one again when others have arrived.',
  })
}

function beingCompleted(id: string): AssayError {
  return new AssayError('upload_being_completed', `The upload ${id} is being completed.`, {
    status: 409,
    param: 'upload_id',
    remedy: 'Wait for the answer to that request.',
  })
}

function wrongMd5(): AssayError {
  return new AssayError('wrong_md5', 'The parts, in this order, have another MD5.', {
    status: 400,
    param: 'md5',
    remedy: 'Check the order of `part_ids`, or send the parts again.',
  })
}
