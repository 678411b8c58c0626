import { z } from 'zod'
import type { Deployment } from '../../deployments/index.ts'
import { text } from '../schemas/text.ts'
import { deploymentName } from './deployments.ts'
import type { Routes } from './routes.ts'

export const ACCOUNT =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.CognitiveServices/accounts/:account'

export const account = z.object({ subscription: text, group: text, account: text })
const params = account.extend({ deployment: deploymentName })
export const querystring = z.object({ 'api-version': z.string() })
const sku = z.object({
  name: text,
  tier: text.optional(),
  size: text.optional(),
  family: text.optional(),
  capacity: z.number().optional(),
})
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

/** Azure Resource Manager's deployments, as `@azure/arm-cognitiveservices` speaks them. */
export const azureDeploymentRoutes: Routes = async (app, { services }) => {
  const { deployments } = services

  app.put(
    `${ACCOUNT}/deployments/:deployment`,
    { schema: { tags, params, querystring, body } },
    async (request, reply) => {
      const name = request.params.deployment
      const existed = await deployments.target(request.resource.id, name)
      const { model, raiPolicyName } = request.body.properties
      const wanted = { name, model: model.name, sku: request.body.sku, contentFilter: raiPolicyName }
      const deployment = await deployments.deploy(request.resource, wanted)
      return reply.status(existed ? 200 : 201).send(showArm(deployment, request.url))
    },
  )

  app.patch(
    `${ACCOUNT}/deployments/:deployment`,
    { schema: { tags, params, querystring, body: change } },
    async (request) => {
      const { id } = request.resource
      const { sku } = request.body
      const name = request.params.deployment
      return showArm(await (sku ? deployments.setSku(id, name, sku) : deployments.get(id, name)), request.url)
    },
  )

  app.get(`${ACCOUNT}/deployments`, { schema: { tags, params: account, querystring } }, async (request) => {
    const path = new URL(request.url, 'http://_').pathname
    const all = await deployments.list(request.resource.id)
    return { value: all.map((deployment) => showArm(deployment, `${path}/${deployment.name}`)) }
  })

  app.get(`${ACCOUNT}/deployments/:deployment`, { schema: { tags, params, querystring } }, async (request) =>
    showArm(await deployments.get(request.resource.id, request.params.deployment), request.url),
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

const PROVISIONING_STATE = { creating: 'Creating', succeeded: 'Succeeded', failed: 'Failed' } as const

function showArm(deployment: Deployment, url: string) {
  return {
    id: new URL(url, 'http://_').pathname,
    type: 'Microsoft.CognitiveServices/accounts/deployments',
    name: deployment.name,
    systemData: { createdAt: deployment.createdAt.toISOString() },
    sku: deployment.sku ?? { name: 'standard', capacity: 1 },
    properties: {
      model: { format: 'OpenAI', name: deployment.model, version: '1' },
      ...(deployment.contentFilter && { raiPolicyName: deployment.contentFilter }),
      provisioningState: PROVISIONING_STATE[deployment.status],
    },
    // Where Azure's clients look for it when provisioning has failed.
    ...(deployment.error && { error: deployment.error }),
  }
}
