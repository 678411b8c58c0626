import { z } from 'zod'
import { usageTotals } from '../../metering/index.ts'
import type { ApiKey } from '../../resources/index.ts'
import { deleted, page, pageOf, seconds, unixSeconds } from '../schemas/list.ts'
import { text } from '../schemas/text.ts'
import type { Routes } from './routes.ts'

const keyObject = z
  .object({
    id: z.string(),
    object: z.literal('api_key'),
    name: z.string(),
    last_four: z.string(),
    created_at: unixSeconds,
  })
  .meta({ id: 'ApiKey' })
const madeKey = keyObject.extend({ key: z.string().describe('Shown here and never again') }).meta({ id: 'NewApiKey' })
const usage = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        model: z.string(),
        kind: z.enum(['trained_tokens', 'prompt_tokens', 'completion_tokens']),
        quantity: z.number(),
      }),
    ),
  })
  .meta({ id: 'Usage' })
const body = z.strictObject({ name: text.min(1).max(100) })
const params = z.object({ id: text })
const tags = ['keys']

/** API keys of the resource, and what it used. */
export const keyRoutes: Routes = async (app, { services }) => {
  const { resources } = services

  app.post('/keys', { schema: { tags, body, response: { 201: madeKey } } }, async (request, reply) => {
    const made = await resources.addKey(request.resource.id, request.body.name)
    return reply.status(201).send({ ...showKey(made), key: made.key })
  })

  app.get('/keys', { schema: { tags, response: { 200: pageOf(keyObject) } } }, async (request) =>
    page((await resources.listKeys(request.resource.id)).map(showKey), false),
  )

  app.delete('/keys/:id', { schema: { tags, params, response: { 200: deleted } } }, async (request) => {
    await resources.deleteKey(request.resource.id, request.params.id)
    return { id: request.params.id, object: 'api_key', deleted: true as const }
  })

  app.get('/usage', { schema: { tags: ['usage'], response: { 200: usage } } }, async (request) => ({
    object: 'list' as const,
    data: await usageTotals(services.database.sql, request.resource.id),
  }))
}

function showKey(key: ApiKey): z.infer<typeof keyObject> {
  return { id: key.id, object: 'api_key', name: key.name, last_four: key.lastFour, created_at: seconds(key.createdAt) }
}
