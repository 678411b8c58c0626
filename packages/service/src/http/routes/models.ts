import { z } from 'zod'
import type { ListedModel } from '../../deployments/index.ts'
import { deleted, seconds, unixSeconds } from '../schemas/list.ts'
import { text } from '../schemas/text.ts'
import type { Surface } from '../surface.ts'
import type { Routes } from './routes.ts'

/** What Azure's dated API says beside. It has a date of deprecation too, which no model here has. */
const azureFields = z.object({
  created_at: unixSeconds,
  status: z.literal('succeeded'),
  lifecycle_status: z.literal('generally-available'),
  capabilities: z.object({
    fine_tune: z.boolean(),
    inference: z.boolean(),
    completion: z.boolean(),
    chat_completion: z.boolean(),
    embeddings: z.boolean(),
  }),
  model: z.string().optional().describe('the base of a tuned model'),
  fine_tune: z.string().optional().describe('the job of a tuned model'),
})
const modelObject = z
  .object({ id: z.string(), object: z.literal('model'), created: unixSeconds, owned_by: z.string() })
  .extend(azureFields.partial().shape)
  .meta({ id: 'Model' })
const params = z.object({ model: text })
const tags = ['models']

export const modelRoutes: Routes = async (app, { services, surface }) => {
  const { models } = services
  const modelList = z.object({ object: z.literal('list'), data: z.array(modelObject) })

  app.get('/models', { schema: { tags, response: { 200: modelList } } }, async (request) => ({
    object: 'list' as const,
    data: (await models.list(request.resource.id)).map((model) => showModel(model, surface)),
  }))

  app.get('/models/:model', { schema: { tags, params, response: { 200: modelObject } } }, async (request) =>
    showModel(await models.get(request.resource.id, request.params.model), surface),
  )

  app.delete('/models/:model', { schema: { tags, params, response: { 200: deleted } } }, async (request) => {
    await models.delete(request.resource.id, request.params.model)
    await services.chat.forget(request.resource.id, request.params.model)
    return { id: request.params.model, object: 'model', deleted: true as const }
  })
}

function showModel(model: ListedModel, surface: Surface): z.infer<typeof modelObject> {
  const created = seconds(model.createdAt)
  const { name, ownedBy } = model
  return {
    id: name,
    object: 'model',
    created,
    owned_by: ownedBy,
    ...(surface === 'azure_dated' && showAzureFields(model, created)),
  }
}

function showAzureFields({ tuned }: ListedModel, created: number): z.infer<typeof azureFields> {
  return {
    created_at: created,
    status: 'succeeded',
    lifecycle_status: 'generally-available',
    capabilities: {
      fine_tune: tuned === null,
      inference: true,
      completion: false,
      chat_completion: true,
      embeddings: false,
    },
    ...(tuned && { model: tuned.baseModel, fine_tune: tuned.jobId }),
  }
}
