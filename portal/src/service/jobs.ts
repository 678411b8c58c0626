import { CATEGORIES, type Category } from 'assay/harm'
import { z } from 'zod'
import { ask, call, pageOf } from './call.ts'
import { streamedValues } from './event-stream.ts'
import { readStream } from './read-stream.ts'

const hyperparameter = z.union([z.literal('auto'), z.number()])

export const job = z.object({
  id: z.string(),
  created_at: z.number(),
  finished_at: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string(), param: z.string().nullable() }).nullable(),
  fine_tuned_model: z.string().nullable(),
  model: z.string(),
  status: z.enum(['validating_files', 'queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled']),
  trained_tokens: z.number().nullable(),
  training_file: z.string(),
  validation_file: z.string().nullable(),
  result_files: z.array(z.string()),
  seed: z.number(),
  suffix: z.string().nullable(),
  hyperparameters: z.object({
    n_epochs: hyperparameter,
    batch_size: hyperparameter,
    learning_rate_multiplier: hyperparameter,
  }),
  method: z.discriminatedUnion('type', [
    z.object({ type: z.literal('supervised') }),
    z.object({
      type: z.literal('dpo'),
      dpo: z.object({ hyperparameters: z.object({ beta: hyperparameter }) }),
    }),
  ]),
})
export type Job = z.infer<typeof job>

/** Whether a report was kept beside the metrics of the training, which every trained job has; it may have been deleted since. */
export const hadReport = ({ result_files }: Job) => result_files.length > 1

export { CATEGORIES, type Category }

export const CATEGORY_NAMES: Readonly<Record<Category, string>> = {
  violence: 'Violence',
  sexual: 'Sexual',
  hate_fairness: 'Hate and fairness',
  self_harm: 'Self-harm',
}

const categoryResult = z.object({
  conversations: z.number(),
  harmful: z.number(),
  decision: z.enum(['accepted', 'rejected', 'undecided']),
  defectRate: z.number(),
  interval: z.tuple([z.number(), z.number()]),
  logLikelihoodRatio: z.number(),
  boundaries: z.tuple([z.number(), z.number()]),
})
export type CategoryResult = z.infer<typeof categoryResult>

const arm = z.object({
  violence: categoryResult,
  sexual: categoryResult,
  hate_fairness: categoryResult,
  self_harm: categoryResult,
})

const stage = z.object({
  name: z.enum(['file_validation', 'queue', 'data_evaluation', 'training', 'model_evaluation']),
  status: z.enum(['waiting', 'running', 'paused', 'passed', 'failed', 'cancelled', 'not_reached']),
  started_at: z.number().nullable(),
  finished_at: z.number().nullable(),
})
export type Stage = z.infer<typeof stage>

export const journey = z.object({
  job,
  stages: z.array(stage),
  evaluation: z.object({
    data_evaluation: z.object({ rows: z.number() }).nullable(),
    model_evaluation: z
      .object({ conversations: z.number(), arms: z.object({ policy: arm.optional(), customer: arm.optional() }) })
      .nullable(),
  }),
  bill: z.object({ trained_tokens: z.number(), charged: z.object({ value: z.number(), currency: z.string() }) }),
  evaluation_report: z.boolean(),
  last_event_id: z.string().nullable(),
})
export type Journey = z.infer<typeof journey>

export const jobEvent = z.object({
  id: z.string(),
  created_at: z.number(),
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
  type: z.enum(['message', 'metrics']),
})
export type JobEvent = z.infer<typeof jobEvent>

const checkpoint = z.object({
  id: z.string(),
  created_at: z.number(),
  fine_tuned_model_checkpoint: z.string(),
  step_number: z.number(),
  metrics: z.record(z.string(), z.number()),
})
export type Checkpoint = z.infer<typeof checkpoint>

const at = (id: string) => encodeURIComponent(id)
const after = (cursor: string | undefined) => (cursor ? `&after=${at(cursor)}` : '')

export function jobOf(id: string) {
  return call(job, `/v1/fine_tuning/jobs/${at(id)}`)
}

export function listJobs(cursor: string | undefined, limit: number) {
  return call(pageOf(job), `/v1/fine_tuning/jobs?limit=${limit}${after(cursor)}`)
}

export interface NewJob {
  readonly model: string
  readonly training_file: string
  readonly validation_file?: string
  readonly suffix?: string
  readonly seed?: number
  readonly evaluation_report?: boolean
  readonly method:
    | { readonly type: 'supervised'; readonly supervised: { readonly hyperparameters: object } }
    | { readonly type: 'dpo'; readonly dpo: { readonly hyperparameters: object } }
}

export function createJob(wanted: NewJob) {
  return call(job, '/v1/fine_tuning/jobs', { method: 'POST', json: wanted })
}

export function cancelJob(id: string) {
  return call(job, `/v1/fine_tuning/jobs/${at(id)}/cancel`, { method: 'POST' })
}

/** Trains to the end of its epoch and waits. */
export function pauseJob(id: string) {
  return call(job, `/v1/fine_tuning/jobs/${at(id)}/pause`, { method: 'POST' })
}

export function resumeJob(id: string) {
  return call(job, `/v1/fine_tuning/jobs/${at(id)}/resume`, { method: 'POST' })
}

export function listEvents(id: string, cursor: string | undefined, limit: number) {
  return call(pageOf(jobEvent), `/v1/fine_tuning/jobs/${at(id)}/events?limit=${limit}${after(cursor)}`)
}

export async function listCheckpoints(id: string) {
  return (await call(pageOf(checkpoint), `/v1/fine_tuning/jobs/${at(id)}/checkpoints?limit=100`)).data
}

export async function listMetrics(id: string, points: number) {
  const schema = pageOf(z.record(z.string(), z.number()))
  return (await call(schema, `/assay/v1/fine_tuning/jobs/${at(id)}/metrics?points=${points}`)).data
}

/** The job as it goes on, until it ends; throws where the connection drops. */
export async function* watchJob(id: string, signal: AbortSignal): AsyncGenerator<Journey> {
  const reply = await ask(`/assay/v1/fine_tuning/jobs/${at(id)}/journey/stream`, { signal })
  if (!reply.body) return
  for await (const value of streamedValues(readStream(reply.body))) yield journey.parse(value)
}
