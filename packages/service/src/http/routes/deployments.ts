import { z } from 'zod'
import type { Deployment } from '../../deployments/index.ts'
import { deleted, page, pageOf, seconds, unixSeconds } from '../schemas/list.ts'
import { text } from '../schemas/text.ts'
import type { Routes } from './routes.ts'

export const deploymentName = text
  .min(1)
  .max(64)
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, { error: 'letters, digits, ., - and _ only' })

const deploymentObject = z
  .object({
    id: z.string(),
    object: z.literal('deployment'),
    name: z.string(),
    model: z.string(),
    status: z
      .enum(['creating', 'succeeded', 'failed'])
      .describe('`creating`: of a checkpoint whose model evaluation is under way; it answers once that has passed'),
    error: z.object({ code: z.string(), message: z.string() }).nullable().describe('why a checkpoint does not answer'),
    evaluation: z
      .string()
      .nullable()
      .describe("id of a checkpoint's evaluation, which is watched and cancelled as a job is"),
    content_filter: z.string().nullable().describe('name of its content filter; null: the default'),
    created_at: unixSeconds,
  })
  .meta({ id: 'Deployment' })
const body = z.strictObject({ name: deploymentName, model: text.min(1), content_filter: text.min(1).nullish() })
const params = z.object({ name: text })
const tags = ['deployments']

/** Deployments under `/assay/v1`: what is not attested is refused, but a checkpoint is evaluated when it is asked for. */
export const deploymentRoutes: Routes = async (app, { services }) => {
  const { deployments } = services

  app.post('/deployments', { schema: { tags, body, response: { 201: deploymentObject } } }, async (request, reply) => {
    const { content_filter, ...wanted } = request.body
    const made = await deployments.deploy(request.resource, { ...wanted, contentFilter: content_filter ?? undefined })
    return reply.status(201).send(showDeployment(made))
  })

  app.get('/deployments', { schema: { tags, response: { 200: pageOf(deploymentObject) } } }, async (request) =>
    page((await deployments.list(request.resource.id)).map(showDeployment), false),
  )

  app.get('/deployments/:name', { schema: { tags, params, response: { 200: deploymentObject } } }, async (request) =>
    showDeployment(await deployments.get(request.resource.id, request.params.name)),
  )

  app.delete('/deployments/:name', { schema: { tags, params, response: { 200: deleted } } }, async (request) => {
    await deployments.delete(request.resource.id, request.params.name)
    return { id: request.params.name, object: 'deployment', deleted: true as const }
  })
}

function showDeployment(deployment: Deployment): z.infer<typeof deploymentObject> {
  return {
    id: deployment.name,
    object: 'deployment',
    name: deployment.name,
    model: deployment.model,
    status: deployment.status,
    error: deployment.error,
    evaluation: deployment.evaluation,
    content_filter: deployment.contentFilter,
    created_at: seconds(deployment.createdAt),
  }
}
