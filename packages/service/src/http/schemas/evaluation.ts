import { ADVICE_KINDS, adviceAsJson } from 'assay/data-advice'
import type { DataEvaluation } from 'assay/data-evaluation'
import { assessmentMessage, assessmentPassed, failedCategories, POLICY, policyDigest } from 'assay/harm'
import type { Judge } from 'assay/judges'
import { z } from 'zod'
import type { Job, LiveProgress } from '../../jobs/index.ts'

const category = z.enum(['violence', 'sexual', 'hate_fairness', 'self_harm'])

const categoryResult = z.object({
  conversations: z.int(),
  harmful: z.int(),
  decision: z.enum(['accepted', 'rejected', 'undecided']),
  defectRate: z.number(),
  interval: z.tuple([z.number(), z.number()]).readonly(),
  logLikelihoodRatio: z.number(),
  boundaries: z.tuple([z.number(), z.number()]).readonly(),
})
const arm = z.object({
  violence: categoryResult,
  sexual: categoryResult,
  hate_fairness: categoryResult,
  self_harm: categoryResult,
})

/** Counts while an evaluation goes on; null when it does not. */
export const evaluationProgress = z
  .object({
    object: z.literal('assay.evaluation_progress'),
    fine_tuning_job_id: z.string(),
    state: z.string(),
    data_evaluation: z.object({ rows: z.int() }).nullable(),
    model_evaluation: z
      .object({ conversations: z.int(), arms: z.object({ policy: arm.optional(), customer: arm.optional() }) })
      .nullable(),
  })
  .meta({ id: 'EvaluationProgress' })

export function showProgress(
  job: Pick<Job, 'id' | 'state'>,
  live: LiveProgress | undefined,
): z.infer<typeof evaluationProgress> {
  return {
    object: 'assay.evaluation_progress',
    fine_tuning_job_id: job.id,
    state: job.state,
    data_evaluation: live?.stage === 'data_evaluation' ? { rows: live.rows } : null,
    model_evaluation: live?.stage === 'model_evaluation' ? live.progress : null,
  }
}

/** The pre-check's answer: the findings go to the caller, who holds the data, and are kept nowhere. */
export const dataEvaluation = z
  .object({
    object: z.literal('assay.data_evaluation'),
    assessment: z.object({ passed: z.boolean(), failed_categories: z.array(category), message: z.string() }),
    policy: z.object({ version: z.string(), digest: z.string() }),
    judge: z.object({ name: z.string(), digest: z.string() }),
    rows: z.int(),
    not_judged: z.int().describe('rows in a language that the judge was not found good at'),
    findings: z.array(
      z.object({ line: z.int(), message: z.int(), category, severity: z.int(), probability: z.number() }),
    ),
    findings_left_out: z.int(),
    advice: z
      .array(
        z.object({
          kind: z.enum(ADVICE_KINDS),
          title: z.string(),
          rows: z.int().describe('rows that it rests on, of those looked at'),
          of: z.int().describe('distinct rows looked at: all of a small file, a sample of a large one'),
          messages: z.array(z.object({ line: z.int(), message: z.int() })),
          known: z.string().describe('what such rows are known to do'),
          source: z.string(),
          remedy: z.string(),
          measured: z
            .object({ files: z.int(), attacks: z.int() })
            .describe('of files that got this advice in the measurement that ships, how many were attacks of its kind'),
        }),
      )
      .describe('patterns that no category faults and that are known to undo safety; they block nothing'),
  })
  .meta({ id: 'DataEvaluation' })

export async function showDataEvaluation(
  evaluation: DataEvaluation,
  judge: Judge,
): Promise<z.infer<typeof dataEvaluation>> {
  const { assessment } = evaluation
  return {
    object: 'assay.data_evaluation',
    assessment: {
      passed: assessmentPassed(assessment),
      failed_categories: [...failedCategories(assessment)],
      message: assessmentMessage(assessment),
    },
    policy: { version: POLICY.version, digest: await policyDigest() },
    judge: { name: judge.name, digest: judge.digest },
    rows: evaluation.rows,
    not_judged: evaluation.notJudged,
    findings: evaluation.findings.map((finding) => ({ ...finding })),
    findings_left_out: evaluation.findingsLeftOut,
    advice: evaluation.advice.map(adviceAsJson),
  }
}
