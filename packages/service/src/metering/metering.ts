import { randomUUID } from 'node:crypto'
import type { Sql } from '../storage/index.ts'
import { PRICE, rounded, trainingPrice } from './price.ts'

export type UsageKind = 'trained_tokens' | 'prompt_tokens' | 'completion_tokens'

export interface Usage {
  readonly resourceId: string
  readonly jobId?: string
  readonly model: string
  readonly kind: UsageKind
  readonly quantity: number
}

/** Notes what was used, when it was used. A job's tokens are noted once, however often the job was interrupted. */
export async function meter(sql: Sql, usage: Usage): Promise<void> {
  const id = usage.jobId ? `${usage.jobId}:${usage.kind}` : randomUUID()
  await sql
    .insertInto('usage')
    .values({
      id,
      resource_id: usage.resourceId,
      job_id: usage.jobId ?? null,
      model: usage.model,
      kind: usage.kind,
      quantity: usage.quantity,
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ quantity: usage.quantity }))
    .execute()
}

/**
 * Bills a job's training, once for all its epochs: of a job with a checkpoint that passed before, only what came after. Called in
 * the transaction that records the passed evaluation, and nowhere else.
 */
export async function chargeTraining(
  sql: Sql,
  job: { readonly id: string; readonly resourceId: string; readonly model: string; readonly trainedTokens: number },
): Promise<void> {
  await sql
    .insertInto('charges')
    .values({
      id: randomUUID(),
      resource_id: job.resourceId,
      job_id: job.id,
      line_item: `fine-tuning, ${job.model}`,
      quantity: job.trainedTokens,
      amount: trainingPrice(job.model, job.trainedTokens),
      currency: PRICE.currency,
    })
    .onConflict((conflict) =>
      conflict
        .column('job_id')
        .doUpdateSet((expression) => ({
          quantity: expression.ref('excluded.quantity'),
          amount: expression.ref('excluded.amount'),
        }))
        .whereRef('charges.quantity', '<', 'excluded.quantity'),
    )
    .execute()
}

/** Takes back what a job was charged for a checkpoint, where its model is blocked in the end: neither can be deployed. */
export async function takeBackCharge(sql: Sql, jobId: string): Promise<void> {
  await sql.deleteFrom('charges').where('job_id', '=', jobId).execute()
}

/** What one job used and what it was charged: nothing, unless its model passed. */
export interface JobBill {
  readonly trainedTokens: number
  readonly charged: { readonly amount: number; readonly currency: string }
}

export async function jobBill(sql: Sql, jobId: string): Promise<JobBill> {
  const used = await sql
    .selectFrom('usage')
    .select('quantity')
    .where('job_id', '=', jobId)
    .where('kind', '=', 'trained_tokens')
    .executeTakeFirst()
  const charges = await sql.selectFrom('charges').select(['amount', 'currency']).where('job_id', '=', jobId).execute()
  const amount = rounded(charges.reduce((sum, charge) => sum + charge.amount, 0))
  return {
    trainedTokens: Number(used?.quantity ?? 0),
    charged: { amount, currency: charges[0]?.currency ?? PRICE.currency },
  }
}

export interface DailyCost {
  /** Start of the day, UTC. */
  readonly day: Date
  readonly lineItem: string
  readonly amount: number
  readonly currency: string
  readonly quantity: number
}

/** Charges by day and line item, oldest first. */
export async function dailyCosts(sql: Sql, resourceId: string, from: Date, to: Date): Promise<DailyCost[]> {
  const rows = await sql
    .selectFrom('charges')
    .selectAll()
    .where('resource_id', '=', resourceId)
    .where('created_at', '>=', from)
    .where('created_at', '<', to)
    .orderBy('created_at')
    .execute()
  const costs = new Map<string, DailyCost>()
  for (const row of rows) {
    const day = new Date(
      Date.UTC(row.created_at.getUTCFullYear(), row.created_at.getUTCMonth(), row.created_at.getUTCDate()),
    )
    const key = `${day.getTime()} ${row.line_item} ${row.currency}`
    const sum = costs.get(key)
    costs.set(key, {
      day,
      lineItem: row.line_item,
      currency: row.currency,
      amount: rounded((sum?.amount ?? 0) + row.amount),
      quantity: (sum?.quantity ?? 0) + row.quantity,
    })
  }
  return [...costs.values()]
}

/** Sums of what was used, by model and kind. */
export async function usageTotals(sql: Sql, resourceId: string): Promise<Pick<Usage, 'model' | 'kind' | 'quantity'>[]> {
  const rows = await sql
    .selectFrom('usage')
    .select((expression) => ['model', 'kind', expression.fn.sum<number>('quantity').as('quantity')])
    .where('resource_id', '=', resourceId)
    .groupBy(['model', 'kind'])
    .orderBy('model')
    .execute()
  return rows.map((row) => ({ model: row.model, kind: row.kind as UsageKind, quantity: Number(row.quantity) }))
}
