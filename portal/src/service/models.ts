import { z } from 'zod'
import { ask, call } from './call.ts'

const model = z.object({ id: z.string(), created: z.number(), owned_by: z.string() })
export type Model = z.infer<typeof model>

const deployment = z.object({
  name: z.string(),
  model: z.string(),
  status: z.enum(['creating', 'succeeded', 'failed']),
  error: z.object({ message: z.string() }).nullable(),
  created_at: z.number(),
})
export type Deployment = z.infer<typeof deployment>

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

export function attestationEvidence(id: string) {
  return call(evidence, `/assay/v1/attestations/${at(id)}/evidence`)
}

export async function listDeployments(): Promise<Deployment[]> {
  return (await call(z.object({ data: z.array(deployment) }), '/assay/v1/deployments')).data
}

export function deploy(wanted: { name: string; model: string }) {
  return call(deployment, '/assay/v1/deployments', { method: 'POST', json: wanted })
}

export async function deleteDeployment(name: string): Promise<void> {
  await ask(`/assay/v1/deployments/${at(name)}`, { method: 'DELETE' })
}
