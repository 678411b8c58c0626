import { z } from 'zod'
import { text } from './text.ts'

/** Seconds since 1970, as both APIs give times. */
export function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

export const unixSeconds = z.int().describe('Unix time in seconds')

/** One page of a list, with the cursors that OpenAI's clients follow. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean(),
    first_id: z.string().nullable().optional(),
    last_id: z.string().nullable().optional(),
  })
}

export function page<Item extends { id: string }>(data: Item[], hasMore: boolean) {
  return {
    object: 'list' as const,
    data,
    has_more: hasMore,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  }
}

/** Query of a list; Azure's dated API adds its version. */
export function pageQuery(defaultLimit: number, maxLimit = 100) {
  return z.object({
    after: text.optional(),
    limit: z.coerce.number().int().min(1).max(maxLimit).default(defaultLimit),
    'api-version': z.string().optional(),
  })
}

export const deleted = z.object({ id: z.string(), object: z.string(), deleted: z.literal(true) })
