import { z } from 'zod'
import { raiPolicy, raiPolicyBody, showRaiPolicy } from '../schemas/rai-policy.ts'
import { ACCOUNT, account, pathOf, querystring } from './azure-deployments.ts'
import { deploymentName } from './deployments.ts'
import type { Routes } from './routes.ts'

const params = account.extend({ name: deploymentName })
const tags = ['content filters']
const one = { 200: raiPolicy }

/** Azure Resource Manager's configurations of content filters, as `@azure/arm-cognitiveservices` speaks them. */
export const raiPolicyRoutes: Routes = async (app, { services }) => {
  const { contentFilters } = services

  app.put(
    `${ACCOUNT}/raiPolicies/:name`,
    { schema: { tags, params, querystring, body: raiPolicyBody, response: { ...one, 201: raiPolicy } } },
    async (request, reply) => {
      const { basePolicyName, mode, contentFilters: filters } = request.body.properties
      const configuration = { name: request.params.name, basePolicyName, mode, contentFilters: filters }
      const made = await contentFilters.put(request.resource.id, configuration)
      return reply.status(made ? 201 : 200).send(showRaiPolicy(configuration, pathOf(request.url)))
    },
  )

  app.get(
    `${ACCOUNT}/raiPolicies`,
    { schema: { tags, params: account, querystring, response: { 200: z.object({ value: z.array(raiPolicy) }) } } },
    async (request) => {
      const all = await contentFilters.list(request.resource.id)
      return { value: all.map((one) => showRaiPolicy(one, `${pathOf(request.url)}/${one.name}`)) }
    },
  )

  app.get(`${ACCOUNT}/raiPolicies/:name`, { schema: { tags, params, querystring, response: one } }, async (request) =>
    showRaiPolicy(await contentFilters.get(request.resource.id, request.params.name), pathOf(request.url)),
  )

  app.delete(`${ACCOUNT}/raiPolicies/:name`, { schema: { tags, params, querystring } }, async (request, reply) => {
    const existed = await contentFilters.delete(request.resource.id, request.params.name)
    return reply.status(existed ? 200 : 204).send()
  })
}
