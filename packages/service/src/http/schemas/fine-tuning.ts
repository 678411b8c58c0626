import { AssayError } from 'assay/errors'
import { z } from 'zod'
import {
  type Checkpoint,
  type Job,
  LIFE_CYCLE,
  type RequestedHyperparameters,
  type StoredEvent,
} from '../../jobs/index.ts'
import { isFaultyFile } from '../errors/index.ts'
import type { Surface } from '../surface.ts'
import { seconds, unixSeconds } from './list.ts'
import { text } from './text.ts'

const autoOr = (number: z.ZodNumber) => z.union([z.literal('auto'), number])

const hyperparameters = z.strictObject({
  n_epochs: autoOr(z.int().min(1).max(50)).optional(),
  batch_size: autoOr(z.int().min(1).max(256)).optional(),
  learning_rate_multiplier: autoOr(z.number().positive()).optional(),
})

const dpoHyperparameters = hyperparameters.extend({
  beta: autoOr(z.number().positive().max(2)).optional(),
})

const metadata = z
  .record(text.max(64), text.max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, { error: 'at most 16 pairs' })

/** What a job is created with. Fields that this service does not know are refused, as both APIs do. */
export const createJobBody = z
  .strictObject({
    model: text.min(1),
    training_file: text.min(1),
    validation_file: text.min(1).nullish(),
    suffix: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[a-zA-Z0-9_-]*$/, { error: 'letters, digits, - and _ only' })
      .nullish(),
    seed: z.int().min(0).max(2147483647).nullish(),
    hyperparameters: hyperparameters.optional(),
    method: z
      .discriminatedUnion(
        'type',
        [
          z.strictObject({
            type: z.literal('supervised'),
            supervised: z.strictObject({ hyperparameters: hyperparameters.optional() }).optional(),
          }),
          z.strictObject({
            type: z.literal('dpo'),
            dpo: z.strictObject({ hyperparameters: dpoHyperparameters.optional() }).optional(),
          }),
        ],
        { error: 'supervised or dpo' },
      )
      .optional(),
    metadata: metadata.nullish(),
    evaluation_report: z
      .boolean()
      .describe('Of Assay: keep the counts of the model evaluation, and a comparison with the base, as result files.')
      .optional(),
    integrations: z.array(z.unknown()).max(0, { error: 'integrations are not supported' }).nullish(),
  })
  .meta({ id: 'CreateFineTuningJob' })

/** `method` counts; the deprecated top-level `hyperparameters` are read where it has none, and refused where the two differ. */
export function requestedHyperparameters(body: z.infer<typeof createJobBody>): RequestedHyperparameters {
  const { method } = body
  const ofMethod = method?.type === 'dpo' ? method.dpo?.hyperparameters : method?.supervised?.hyperparameters
  const other = Object.entries(body.hyperparameters ?? {}).find(
    ([name, value]) => ofMethod && ofMethod[name as keyof typeof ofMethod] !== value,
  )
  if (other) {
    const message = `hyperparameters.${other[0]} is not what the method says.`
    const remedy = 'Give hyperparameters in the method only: those beside it are deprecated.'
    throw new AssayError('conflicting_parameters', message, { status: 400, param: 'hyperparameters', remedy })
  }
  const given: z.infer<typeof dpoHyperparameters> = ofMethod ?? body.hyperparameters ?? {}
  return {
    n_epochs: given.n_epochs ?? 'auto',
    batch_size: given.batch_size ?? 'auto',
    learning_rate_multiplier: given.learning_rate_multiplier ?? 'auto',
    ...(method?.type === 'dpo' && { beta: given.beta ?? 'auto' }),
  }
}

const shown = z.union([z.literal('auto'), z.number()])
const shownHyperparameters = z.object({
  n_epochs: shown,
  batch_size: shown,
  learning_rate_multiplier: shown,
})

const jobError = z.object({
  code: z.string(),
  message: z.string(),
  param: z.string().nullable(),
  innererror: z.object({ code: z.string() }).optional(),
})

export const jobObject = z
  .object({
    id: z.string(),
    object: z.literal('fine_tuning.job'),
    created_at: unixSeconds,
    error: jobError.nullable(),
    fine_tuned_model: z.string().nullable(),
    finished_at: unixSeconds.nullable(),
    hyperparameters: shownHyperparameters,
    model: z.string(),
    organization_id: z.string().optional(),
    organisation_id: z.string().optional(),
    result_files: z.array(z.string()),
    status: z.enum([
      ...(['validating_files', 'queued', 'pending', 'running', 'succeeded', 'failed', 'cancelled'] as const),
      ...(['pausing', 'paused', 'resuming'] as const),
    ]),
    trained_tokens: z.int().nullable(),
    training_file: z.string(),
    validation_file: z.string().nullable(),
    seed: z.int(),
    suffix: z.string().nullable(),
    estimated_finish: unixSeconds.nullable(),
    integrations: z.array(z.unknown()),
    method: z.discriminatedUnion('type', [
      z.object({
        type: z.literal('supervised'),
        supervised: z.object({ hyperparameters: shownHyperparameters }),
      }),
      z.object({
        type: z.literal('dpo'),
        dpo: z.object({ hyperparameters: shownHyperparameters.extend({ beta: shown }) }),
      }),
    ]),
    metadata: z.record(z.string(), z.string()).nullable(),
  })
  .meta({ id: 'FineTuningJob' })

export function showJob(job: Job, surface: Surface): z.infer<typeof jobObject> {
  const states = LIFE_CYCLE[job.state]
  const { beta = 'auto', ...common } = job.hyperparameters
  return {
    id: job.id,
    object: 'fine_tuning.job',
    created_at: seconds(job.createdAt),
    error: job.error && showJobError(job.error, surface),
    fine_tuned_model: job.state === 'succeeded' ? job.tunedModel : null,
    finished_at: job.finishedAt && seconds(job.finishedAt),
    hyperparameters: common,
    model: job.model,
    ...(surface === 'azure_dated' ? { organisation_id: job.resourceId } : { organization_id: job.resourceId }),
    result_files: [...(job.resultFile ? [job.resultFile] : []), ...job.reportFiles],
    status: surface === 'azure_dated' ? states.azure : states.openai,
    trained_tokens: job.trainedTokens,
    training_file: job.trainingFile ?? '',
    validation_file: job.validationFile,
    seed: job.seed,
    suffix: job.suffix,
    estimated_finish: null,
    integrations: [],
    method:
      job.method === 'dpo'
        ? { type: 'dpo', dpo: { hyperparameters: { ...common, beta } } }
        : { type: 'supervised', supervised: { hyperparameters: common } },
    metadata: job.metadata,
  }
}

/** Azure's dated API has a code of its own for a faulty file; the own one is the inner error's there. */
function showJobError(error: NonNullable<Job['error']>, surface: Surface): z.infer<typeof jobError> {
  if (surface !== 'azure_dated' || !isFaultyFile(error.code)) return error
  return { ...error, code: 'jsonlValidationFailed', innererror: { code: error.code } }
}

export const eventObject = z
  .object({
    id: z.string(),
    object: z.literal('fine_tuning.job.event'),
    created_at: unixSeconds,
    level: z.enum(['info', 'warn', 'warning', 'error']),
    message: z.string(),
    type: z.enum(['message', 'metrics']),
    data: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'FineTuningJobEvent' })

export function showEvent(event: StoredEvent, surface: Surface): z.infer<typeof eventObject> {
  return {
    id: event.id,
    object: 'fine_tuning.job.event',
    created_at: seconds(event.createdAt),
    level: event.level === 'warn' && surface === 'azure_dated' ? 'warning' : event.level,
    message: event.message,
    type: event.type,
    data: event.data ? { ...event.data } : null,
  }
}

export const checkpointObject = z
  .object({
    id: z.string(),
    object: z.literal('fine_tuning.job.checkpoint'),
    created_at: unixSeconds,
    fine_tuned_model_checkpoint: z.string(),
    fine_tuning_job_id: z.string(),
    step_number: z.int(),
    metrics: z.record(z.string(), z.number()),
  })
  .meta({ id: 'FineTuningJobCheckpoint' })

export function showCheckpoint(checkpoint: Checkpoint): z.infer<typeof checkpointObject> {
  return {
    id: checkpoint.id,
    object: 'fine_tuning.job.checkpoint',
    created_at: seconds(checkpoint.createdAt),
    fine_tuned_model_checkpoint: checkpoint.model,
    fine_tuning_job_id: checkpoint.jobId,
    step_number: checkpoint.step,
    metrics: { step: checkpoint.step, ...checkpoint.metrics },
  }
}
