import { z } from 'zod'
import { type Job, STAGES, type Stage } from '../../jobs/index.ts'
import type { JobBill } from '../../metering/index.ts'
import { evaluationProgress } from './evaluation.ts'
import { jobObject, showJob } from './fine-tuning.ts'
import { seconds, unixSeconds } from './list.ts'

/** All that a page about one job shows and that may change while it is looked at. */
export const jobJourney = z
  .object({
    object: z.literal('assay.job_journey'),
    job: jobObject,
    stages: z.array(
      z.object({
        name: z.enum(STAGES),
        status: z.enum(['waiting', 'running', 'paused', 'passed', 'failed', 'cancelled', 'not_reached']),
        started_at: unixSeconds.nullable(),
        finished_at: unixSeconds.nullable(),
      }),
    ),
    evaluation: evaluationProgress,
    bill: z.object({
      trained_tokens: z.int(),
      charged: z.object({ value: z.number(), currency: z.string() }),
    }),
    evaluation_report: z.boolean().describe('Whether a report of the model evaluation was asked for.'),
    last_event_id: z.string().nullable(),
  })
  .meta({ id: 'JobJourney' })

export type JobJourney = z.infer<typeof jobJourney>

export function showJourney(parts: {
  job: Job
  stages: readonly Stage[]
  evaluation: z.infer<typeof evaluationProgress>
  bill: JobBill
  lastEvent: { readonly id: string } | undefined
}): JobJourney {
  return {
    object: 'assay.job_journey',
    job: showJob(parts.job, 'openai'),
    stages: parts.stages.map(({ name, status, startedAt, finishedAt }) => ({
      name,
      status,
      started_at: startedAt && seconds(startedAt),
      finished_at: finishedAt && seconds(finishedAt),
    })),
    evaluation: parts.evaluation,
    bill: {
      trained_tokens: parts.bill.trainedTokens,
      charged: { value: parts.bill.charged.amount, currency: parts.bill.charged.currency },
    },
    evaluation_report: parts.job.wantsReport,
    last_event_id: parts.lastEvent?.id ?? null,
  }
}
