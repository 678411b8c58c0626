import { z } from 'zod'
import { type Job, LIFE_CYCLE } from '../../jobs/index.ts'
import { seconds, unixSeconds } from './list.ts'
import { text } from './text.ts'

/** Fields of the form beside its files. */
export const importFields = z.strictObject({
  base_model: text.default('smollm2-135m-aligned'),
  suffix: z
    .string()
    .max(64)
    .regex(/^[a-zA-Z0-9_-]*$/, { error: 'letters, digits, - and _ only' })
    .optional(),
  training_file: text.min(1).optional(),
})

/** A model that was tuned elsewhere, on its way to a name. */
export const importObject = z
  .object({
    id: z.string().describe('also of a job: its events, its evaluation and `cancel` are those of /v1/fine_tuning/jobs'),
    object: z.literal('assay.import'),
    status: z.string().describe('as that of a job'),
    base_model: z.string(),
    model: z.string().nullable().describe('what to deploy; null unless it succeeded'),
    sha256: z.string().describe('of the adapter as it is served: what an attestation has to speak of'),
    attestation: z
      .string()
      .describe('`accepted`: not evaluated again; `none`; else the code of what is wrong with it: evaluated here'),
    training_file: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string(), param: z.string().nullable() }).nullable(),
    created_at: unixSeconds,
    finished_at: unixSeconds.nullable(),
  })
  .meta({ id: 'Import' })

export function showImport(job: Job): z.infer<typeof importObject> {
  return {
    id: job.id,
    object: 'assay.import',
    status: LIFE_CYCLE[job.state].openai,
    base_model: job.model,
    model: job.state === 'succeeded' ? job.tunedModel : null,
    sha256: job.adapter?.sha256 ?? '',
    attestation: job.metadata?.attestation ?? 'none',
    training_file: job.trainingFile,
    error: job.error,
    created_at: seconds(job.createdAt),
    finished_at: job.finishedAt && seconds(job.finishedAt),
  }
}
