import type { Sql } from '../storage/index.ts'

/** One change of a resource at a time, until the transaction ends: what it checks stays true until it is written. */
export async function lockResource(transaction: Sql, resourceId: string): Promise<void> {
  await transaction.selectFrom('resources').select('id').where('id', '=', resourceId).forNoKeyUpdate().execute()
}
