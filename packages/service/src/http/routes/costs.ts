import { z } from 'zod'
import { dailyCosts } from '../../metering/index.ts'
import { unixSeconds } from '../schemas/list.ts'
import type { Routes } from './routes.ts'

const DAY = 86_400

/** Up to the last second of the year 9999, which is what RFC 3339 can write. */
const time = z.coerce.number().int().min(0).max(253_402_300_799)

const query = z.object({
  start_time: time.default(0),
  end_time: time.optional(),
  bucket_width: z.literal('1d').default('1d'),
  limit: z.coerce.number().int().min(1).max(180).default(180),
  page: time.optional().describe('`next_page` of the page before: the day that this one starts with'),
  group_by: z.union([z.string(), z.array(z.string())]).optional(),
  'api-version': z.string().optional(),
})

const costs = z.object({
  object: z.literal('page'),
  data: z.array(
    z.object({
      object: z.literal('bucket'),
      start_time: unixSeconds,
      end_time: unixSeconds,
      results: z.array(
        z.object({
          object: z.literal('organization.costs.result'),
          amount: z.object({ value: z.number(), currency: z.string() }),
          line_item: z.string().nullable(),
          project_id: z.string().nullable(),
          quantity: z.number().nullable(),
        }),
      ),
    }),
  ),
  has_more: z.boolean(),
  next_page: z.string().nullable(),
})

/** What was charged, by day: days without a charge are left out. */
export const costRoutes: Routes = async (app, { services }) => {
  app.get(
    '/organization/costs',
    { schema: { tags: ['usage'], querystring: query, response: { 200: costs } } },
    async (request) => {
      const { start_time, end_time, limit, page = 0 } = request.query
      const to = end_time === undefined ? new Date(Date.now() + 1000) : new Date(end_time * 1000)
      const from = new Date(Math.max(start_time, page) * 1000)
      const found = await dailyCosts(services.database.sql, request.resource.id, from, to)
      const days = [...Map.groupBy(found, (cost) => cost.day.getTime() / 1000)]
      return {
        object: 'page' as const,
        data: days.slice(0, limit).map(([start, ofDay]) => ({
          object: 'bucket' as const,
          start_time: start,
          end_time: start + DAY,
          results: ofDay.map((cost) => ({
            object: 'organization.costs.result' as const,
            amount: { value: cost.amount, currency: cost.currency },
            line_item: cost.lineItem,
            project_id: null,
            quantity: cost.quantity,
          })),
        })),
        has_more: days.length > limit,
        next_page: days[limit]?.[0].toString() ?? null,
      }
    },
  )
}
