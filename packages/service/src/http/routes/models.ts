import { z } from 'zod'
import type { ListedModel } from '../../deployments/index.ts'
import { deleted, seconds, unixSeconds } from '../schemas/list.ts'
import { text } from '../schemas/text.ts'
import type { Routes } from './routes.ts'

const modelObject = z
  .object({ id: z.string(), object: z.literal('model'), created: unixSeconds, owned_by: z.string() })
  .meta({ id: 'Model' })
const params = z.object({ model: text })
const tags = ['models']

export const modelRoutes: Routes = async (app, { services }) => {
  const { models } = services
  const modelList = z.object({ object: z.literal('list'), data: z.array(modelObject) })

  app.get('/models', { schema: { tags, response: { 200: modelList } } }, async (request) => ({
    object: 'list' as const,
    data: (await models.list(request.resource.id)).map(showModel),
  }))

  app.get('/models/:model', { schema: { tags, params, response: { 200: modelObject } } }, async (request) =>
    showModel(await models.get(request.resource.id, request.params.model)),
  )

  app.delete('/models/:model', { schema: { tags, params, response: { 200: deleted } } }, async (request) => {
    await models.delete(request.resource.id, request.params.model)
    await services.chat.forget(request.resource.id, request.params.model)
    return { id: request.params.model, object: 'model', deleted: true as const }
  })
}

function showModel(model: ListedModel): z.infer<typeof modelObject> {
  return { id: model.name, object: 'model', created: seconds(model.createdAt), owned_by: model.ownedBy }
}
