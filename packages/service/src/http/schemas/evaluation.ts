import type { DataEvaluation } from 'assay/data-evaluation'
import { assessmentMessage, assessmentPassed, failedCategories, POLICY, policyDigest } from 'assay/harm'
import type { Judge } from 'assay/judges'
import { z } from 'zod'

const category = z.enum(['violence', 'sexual', 'hate_fairness', 'self_harm'])

const categoryResult = z.object({
  conversations: z.int(),
  harmful: z.int(),
  decision: z.enum(['accepted', 'rejected', 'undecided']),
  defectRate: z.number(),
  interval: z.tuple([z.number(), z.number()]).readonly(),
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

/** The pre-check's answer: the findings go to the caller, who holds the data, and are kept nowhere. */
export const dataEvaluation = z
  .object({
    object: z.literal('assay.data_evaluation'),
    assessment: z.object({ passed: z.boolean(), failed_categories: z.array(category), message: z.string() }),
    policy: z.object({ version: z.string(), digest: z.string() }),
    judge: z.object({ name: z.string(), digest: z.string() }),
    rows: z.int(),
    findings: z.array(
      z.object({ line: z.int(), message: z.int(), category, severity: z.int(), probability: z.number() }),
    ),
    findings_left_out: z.int(),
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
    findings: evaluation.findings.map((finding) => ({ ...finding })),
    findings_left_out: evaluation.findingsLeftOut,
  }
}
