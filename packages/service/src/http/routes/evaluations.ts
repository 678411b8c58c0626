import { z } from 'zod'
import { evaluationProgress } from '../schemas/evaluation.ts'
import { text } from '../schemas/text.ts'
import type { Routes } from './routes.ts'

const tags = ['evaluations']

/** Live counts of a job's evaluation, and the attestation that its verdict ends in. */
export const evaluationRoutes: Routes = async (app, { services }) => {
  const jobParams = z.object({ id: text })

  app.get(
    '/fine_tuning/jobs/:id/evaluation',
    { schema: { tags, params: jobParams, response: { 200: evaluationProgress } } },
    async (request) => {
      const job = await services.records.get(request.resource.id, request.params.id)
      const live = services.progress.of(job.id)
      return {
        object: 'assay.evaluation_progress' as const,
        fine_tuning_job_id: job.id,
        state: job.state,
        data_evaluation: live?.stage === 'data_evaluation' ? { rows: live.rows } : null,
        model_evaluation: live?.stage === 'model_evaluation' ? live.progress : null,
      }
    },
  )

  app.get('/attestations/:model', { schema: { tags, params: z.object({ model: text }) } }, async (request) =>
    services.gate.envelope(request.resource, request.params.model),
  )

  app.get('/attestations', { schema: { tags } }, async () => ({
    object: 'list',
    public_keys: await services.attestations.publicKeys(),
  }))
}
