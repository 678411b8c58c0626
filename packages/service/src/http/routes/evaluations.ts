import { z } from 'zod'
import { evaluationProgress, showProgress } from '../schemas/evaluation.ts'
import { text } from '../schemas/text.ts'
import type { Routes } from './routes.ts'

const tags = ['evaluations']

const envelope = z
  .object({
    payloadType: z.string(),
    payload: z.string().describe('an in-toto statement, in Base64'),
    signatures: z.array(z.object({ keyid: z.string(), sig: z.string() })).readonly(),
  })
  .meta({ id: 'Attestation' })
const publicKeys = z.object({
  object: z.literal('list'),
  public_keys: z.array(z.string()).readonly().describe('SPKI in PEM'),
})

/** An attestation with what it has to agree with, for a client that verifies it itself. */
const evidence = z
  .object({
    object: z.literal('assay.attestation_evidence'),
    model: z.string(),
    envelope,
    subject_sha256: z.string().describe('of the bytes that are stored, computed at this request'),
    base_sha256: z.string().describe('of the base model that is here now'),
    public_keys: z.array(z.string()).describe('SPKI in PEM'),
    policy_digests: z.array(z.string()).describe('of the policies that were shipped'),
  })
  .meta({ id: 'AttestationEvidence' })

/** Live counts of a job's evaluation, and the attestation that its verdict ends in. */
export const evaluationRoutes: Routes = async (app, { services }) => {
  const jobParams = z.object({ id: text })

  app.get(
    '/fine_tuning/jobs/:id/evaluation',
    { schema: { tags, params: jobParams, response: { 200: evaluationProgress } } },
    async (request) => {
      const job = await services.records.get(request.resource.id, request.params.id)
      return showProgress(job, services.progress.of(job.id))
    },
  )

  app.get(
    '/attestations/:model',
    { schema: { tags, params: z.object({ model: text }), response: { 200: envelope } } },
    async (request) => services.gate.envelope(request.resource, request.params.model),
  )

  app.get(
    '/attestations/:model/evidence',
    { schema: { tags, params: z.object({ model: text }), response: { 200: evidence } } },
    async (request) => {
      const found = await services.gate.evidence(request.resource, request.params.model)
      return {
        object: 'assay.attestation_evidence' as const,
        model: request.params.model,
        envelope: found.envelope,
        subject_sha256: found.subjectSha256,
        base_sha256: found.baseSha256,
        public_keys: [...found.publicKeysPem],
        policy_digests: [...found.policyDigests],
      }
    },
  )

  app.get('/attestations', { schema: { tags, response: { 200: publicKeys } } }, async () => ({
    object: 'list' as const,
    public_keys: await services.attestations.publicKeys(),
  }))
}
