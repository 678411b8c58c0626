import { z } from 'zod'
import { GEOGRAPHY, type ListedResource } from '../../resources/index.ts'
import { deleted, page, pageOf, seconds, unixSeconds } from '../schemas/list.ts'
import { text } from '../schemas/text.ts'
import type { Routes } from './routes.ts'

const resourceObject = z
  .object({
    id: z.string(),
    object: z.literal('assay.resource'),
    name: z.string(),
    geography: z.string().describe('its models and data are evaluated there and nowhere else'),
    created_at: unixSeconds,
  })
  .meta({ id: 'Resource' })
const madeResource = resourceObject
  .extend({ key: z.string().describe('its first API key; shown here and never again') })
  .meta({ id: 'NewResource' })
const body = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'a to z, 0 to 9 and -, 40 characters at most' }),
  geography: z.string().regex(GEOGRAPHY).optional(),
})
const params = z.object({ id: text })
const tags = ['resources']

/** The operator's own: resources, of which each customer has one. None of these routes reads what is in them. */
export const resourceRoutes: Routes = async (app, { services }) => {
  const { resources, blobs, chat } = services

  app.post('/resources', { schema: { tags, body, response: { 201: madeResource } } }, async (request, reply) => {
    const { name, geography = services.geography } = request.body
    const made = await resources.create(name, geography)
    return reply.status(201).send({ ...showResource(made), key: made.key })
  })

  app.get('/resources', { schema: { tags, response: { 200: pageOf(resourceObject) } } }, async () =>
    page((await resources.list()).map(showResource), false),
  )

  app.delete('/resources/:id', { schema: { tags, params, response: { 200: deleted } } }, async (request) => {
    const { id } = request.params
    const left = await resources.delete(id)
    await chat.forgetAll(id)
    for (const blob of left) await blobs.delete(blob)
    return { id, object: 'assay.resource', deleted: true as const }
  })
}

function showResource(resource: ListedResource): z.infer<typeof resourceObject> {
  const { id, name, geography, createdAt } = resource
  return { id, object: 'assay.resource', name, geography, created_at: seconds(createdAt) }
}
