import { z } from 'zod'
import { ask, call } from './call.ts'
import { job } from './jobs.ts'

const model = z.object({ id: z.string(), created: z.number(), owned_by: z.string() })
export type Model = z.infer<typeof model>

const deployment = z.object({
  name: z.string(),
  model: z.string(),
  status: z.enum(['creating', 'succeeded', 'failed']),
  error: z.object({ message: z.string() }).nullable(),
  content_filter: z.string().nullable(),
  created_at: z.number(),
})
export type Deployment = z.infer<typeof deployment>

const imported = z.object({
  id: z.string(),
  status: job.shape.status,
  base_model: z.string(),
  model: z.string().nullable(),
  error: z.object({ message: z.string() }).nullable(),
  created_at: z.number(),
  finished_at: z.number().nullable(),
})
export type Import = z.infer<typeof imported>

const envelope = z.object({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.string() })),
})

const evidence = z.object({
  model: z.string(),
  envelope,
  subject_sha256: z.string(),
  base_sha256: z.string(),
  public_keys: z.array(z.string()),
  policy_digests: z.array(z.string()),
})
export type Evidence = z.infer<typeof evidence>

const contentFilters = z.object({
  value: z.array(z.object({ name: z.string(), properties: z.object({ type: z.string() }) })),
})
/** They are at the addresses of Azure's management plane; which account is named there makes no difference. */
const CONTENT_FILTERS =
  '/subscriptions/assay/resourceGroups/assay/providers/Microsoft.CognitiveServices/accounts/assay/raiPolicies?api-version=2024-10-01'

const at = encodeURIComponent

export function isBase(one: Model): boolean {
  return one.owned_by === 'assay'
}

export async function listModels(key?: string): Promise<Model[]> {
  return (await call(z.object({ data: z.array(model) }), '/v1/models', key === undefined ? {} : { key })).data
}

export async function deleteModel(id: string): Promise<void> {
  await ask(`/v1/models/${at(id)}`, { method: 'DELETE' })
}

/** The latest hundred models that were tuned elsewhere. */
export async function listImports(): Promise<Import[]> {
  return (await call(z.object({ data: z.array(imported) }), '/assay/v1/imports?limit=100')).data
}

export function attestationEvidence(id: string) {
  return call(evidence, `/assay/v1/attestations/${at(id)}/evidence`)
}

export async function listDeployments(): Promise<Deployment[]> {
  return (await call(z.object({ data: z.array(deployment) }), '/assay/v1/deployments')).data
}

/** `contentFilter`: a configuration's name; null: the default. */
export function deploy({ contentFilter, ...wanted }: { name: string; model: string; contentFilter: string | null }) {
  const json = { ...wanted, content_filter: contentFilter }
  return call(deployment, '/assay/v1/deployments', { method: 'POST', json })
}

/** Names of the content filters that the customer made. */
export async function ownContentFilters(): Promise<string[]> {
  const { value } = await call(contentFilters, CONTENT_FILTERS)
  return value.filter(({ properties }) => properties.type === 'UserManaged').map(({ name }) => name)
}

export async function deleteDeployment(name: string): Promise<void> {
  await ask(`/assay/v1/deployments/${at(name)}`, { method: 'DELETE' })
}
