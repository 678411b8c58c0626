import { z } from 'zod'
import { azureDeployment, showAzureDeployment, sku } from '../schemas/azure-deployment.ts'
import { text } from '../schemas/text.ts'
import { deploymentName } from './deployments.ts'
import type { Routes } from './routes.ts'

export const ACCOUNT =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.CognitiveServices/accounts/:account'

export const account = z.object({ subscription: text, group: text, account: text })
const params = account.extend({ deployment: deploymentName })
export const querystring = z.object({ 'api-version': z.string() })
/** Nothing here heeds a tag, so one is refused rather than lost. */
const noTags = z.strictObject({}).optional()
const body = z.looseObject({
  sku: sku.optional(),
  tags: noTags,
  properties: z.looseObject({
    model: z.looseObject({ format: z.string().optional(), name: text.min(1), version: z.string().optional() }),
    raiPolicyName: text.min(1).optional(),
  }),
})
const change = z.strictObject({ sku: sku.optional(), tags: noTags })
const tags = ['deployments']
const one = { 200: azureDeployment }

/** Azure Resource Manager's deployments, as `@azure/arm-cognitiveservices` speaks them. */
export const azureDeploymentRoutes: Routes = async (app, { services }) => {
  const { deployments } = services

  app.put(
    `${ACCOUNT}/deployments/:deployment`,
    { schema: { tags, params, querystring, body, response: { ...one, 201: azureDeployment } } },
    async (request, reply) => {
      const name = request.params.deployment
      const existed = await deployments.target(request.resource.id, name)
      const { model, raiPolicyName } = request.body.properties
      const wanted = { name, model: model.name, sku: request.body.sku, contentFilter: raiPolicyName }
      const deployment = await deployments.deploy(request.resource, wanted)
      return reply.status(existed ? 200 : 201).send(showAzureDeployment(deployment, pathOf(request.url)))
    },
  )

  app.patch(
    `${ACCOUNT}/deployments/:deployment`,
    { schema: { tags, params, querystring, body: change, response: one } },
    async (request) => {
      const { id } = request.resource
      const { sku } = request.body
      const name = request.params.deployment
      const deployment = await (sku ? deployments.setSku(id, name, sku) : deployments.get(id, name))
      return showAzureDeployment(deployment, pathOf(request.url))
    },
  )

  app.get(
    `${ACCOUNT}/deployments`,
    {
      schema: { tags, params: account, querystring, response: { 200: z.object({ value: z.array(azureDeployment) }) } },
    },
    async (request) => {
      const path = pathOf(request.url)
      const all = await deployments.list(request.resource.id)
      return { value: all.map((deployment) => showAzureDeployment(deployment, `${path}/${deployment.name}`)) }
    },
  )

  app.get(
    `${ACCOUNT}/deployments/:deployment`,
    { schema: { tags, params, querystring, response: one } },
    async (request) =>
      showAzureDeployment(await deployments.get(request.resource.id, request.params.deployment), pathOf(request.url)),
  )

  app.delete(
    `${ACCOUNT}/deployments/:deployment`,
    { schema: { tags, params, querystring } },
    async (request, reply) => {
      const existed = await deployments.target(request.resource.id, request.params.deployment)
      if (existed) await deployments.delete(request.resource.id, request.params.deployment)
      return reply.status(existed ? 200 : 204).send()
    },
  )
}

/** The id of what Azure Resource Manager manages is its path. */
export function pathOf(url: string): string {
  return new URL(url, 'http://_').pathname
}
