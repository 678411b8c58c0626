import { z } from 'zod'
import type { Deployment } from '../../deployments/index.ts'
import { text } from './text.ts'

export const sku = z.object({
  name: text,
  tier: text.optional(),
  size: text.optional(),
  family: text.optional(),
  capacity: z.number().optional(),
})

const PROVISIONING_STATE = { creating: 'Creating', succeeded: 'Succeeded', failed: 'Failed' } as const

/** A deployment as Azure Resource Manager writes it. */
export const azureDeployment = z
  .object({
    id: z.string().describe('the path that it was asked for by'),
    type: z.literal('Microsoft.CognitiveServices/accounts/deployments'),
    name: z.string(),
    systemData: z.object({ createdAt: z.string().describe('ISO 8601') }),
    sku,
    properties: z.object({
      model: z.object({ format: z.literal('OpenAI'), name: z.string(), version: z.string() }),
      raiPolicyName: z.string().optional(),
      provisioningState: z.enum(Object.values(PROVISIONING_STATE)),
    }),
    error: z
      .object({ code: z.string(), message: z.string() })
      .optional()
      .describe('where Azure’s clients look for it when provisioning has failed'),
  })
  .meta({ id: 'AzureDeployment' })

export function showAzureDeployment(deployment: Deployment, path: string): z.infer<typeof azureDeployment> {
  return {
    id: path,
    type: 'Microsoft.CognitiveServices/accounts/deployments',
    name: deployment.name,
    systemData: { createdAt: deployment.createdAt.toISOString() },
    sku: deployment.sku ?? { name: 'standard', capacity: 1 },
    properties: {
      model: { format: 'OpenAI', name: deployment.model, version: '1' },
      ...(deployment.contentFilter && { raiPolicyName: deployment.contentFilter }),
      provisioningState: PROVISIONING_STATE[deployment.status],
    },
    ...(deployment.error && { error: deployment.error }),
  }
}
