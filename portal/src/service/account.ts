import { z } from 'zod'
import { ask, call } from './call.ts'

const key = z.object({ id: z.string(), name: z.string(), last_four: z.string(), created_at: z.number() })
export type ApiKey = z.infer<typeof key>

export async function listKeys(): Promise<ApiKey[]> {
  return (await call(z.object({ data: z.array(key) }), '/assay/v1/keys')).data
}

export function makeKey(name: string) {
  return call(key.extend({ key: z.string() }), '/assay/v1/keys', { method: 'POST', json: { name } })
}

export async function deleteKey(id: string): Promise<void> {
  await ask(`/assay/v1/keys/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

const used = z.object({
  model: z.string(),
  kind: z.enum(['trained_tokens', 'prompt_tokens', 'completion_tokens']),
  quantity: z.number(),
})
export type Used = z.infer<typeof used>

export async function usageTotals(): Promise<Used[]> {
  return (await call(z.object({ data: z.array(used) }), '/assay/v1/usage')).data
}

const bucket = z.object({
  start_time: z.number(),
  results: z.array(
    z.object({
      amount: z.object({ value: z.number(), currency: z.string() }),
      line_item: z.string().nullable(),
      quantity: z.number().nullable(),
    }),
  ),
})
export type DayOfCosts = z.infer<typeof bucket>

/** Days with a charge, oldest first. */
export async function dailyCosts(): Promise<DayOfCosts[]> {
  const schema = z.object({ data: z.array(bucket), next_page: z.string().nullable() })
  const days: DayOfCosts[] = []
  let page: string | null = '0'
  while (page !== null) {
    const found: z.infer<typeof schema> = await call(schema, `/v1/organization/costs?limit=180&page=${page}`)
    days.push(...found.data)
    page = found.next_page
  }
  return days
}
