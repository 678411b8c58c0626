/** Changes to what a stopped service has stored, as somebody with access to its disk could make them. */
import { join } from 'node:path'
import { openDatabase, type Sql } from '../packages/service/src/storage/index.ts'

async function withDatabase<Value>(directory: string, use: (sql: Sql) => Promise<Value>): Promise<Value> {
  const database = await openDatabase({ directory: join(directory, 'database') })
  try {
    return await use(database.sql)
  } finally {
    await database.close()
  }
}

/** Where the encrypted adapter of a model is. */
export function storedAdapter(directory: string, model: string): Promise<string> {
  return withDatabase(directory, async (sql) => {
    const { blob_id } = await sql
      .selectFrom('models')
      .select('blob_id')
      .where('name', '=', model)
      .executeTakeFirstOrThrow()
    return join(directory, 'blobs', blob_id)
  })
}

export function flipByte(bytes: Uint8Array): Uint8Array {
  const flipped = Uint8Array.from(bytes)
  const middle = flipped.length >> 1
  flipped[middle] = (flipped[middle] ?? 0) ^ 1
  return flipped
}

/** Flips a byte of what was signed; returns what puts it back. */
export function flipAttestation(directory: string, model: string): Promise<() => Promise<void>> {
  return withDatabase(directory, async (sql) => {
    const { envelope, sha256 } = await sql
      .selectFrom('attestations')
      .innerJoin('models', 'models.sha256', 'attestations.subject_sha256')
      .select(['envelope', 'models.sha256'])
      .where('models.name', '=', model)
      .executeTakeFirstOrThrow()
    const { payload } = envelope as { payload: string }
    const flipped = Buffer.from(flipByte(Buffer.from(payload, 'base64'))).toString('base64')
    const store = (to: Sql, signed: string) =>
      to
        .updateTable('attestations')
        .set({ envelope: JSON.stringify({ ...envelope, payload: signed }) })
        .where('subject_sha256', '=', sha256)
        .execute()
    await store(sql, flipped)
    return async () => void (await withDatabase(directory, (again) => store(again, payload)))
  })
}
