import { type Assessment, assessmentPassed, failedCategories, POLICY, policyDigest } from '../harm/index.ts'
import type { SafetyEvaluation } from './statement.ts'

/** What is signed of an assessment: the verdict under the present policy, by which judge, on which base model, now. */
export async function safetyEvaluation(
  assessment: Assessment,
  judge: SafetyEvaluation['judge'],
  baseModel: SafetyEvaluation['baseModel'],
): Promise<SafetyEvaluation> {
  return {
    deployable: assessmentPassed(assessment),
    failedCategories: failedCategories(assessment),
    ...(assessment.outcome === 'undecided' && { undecidedCategories: assessment.undecidedCategories }),
    outcome: assessment.outcome,
    policyDigest: await policyDigest(),
    policyVersion: POLICY.version,
    judge: { name: judge.name, digest: judge.digest },
    baseModel,
    evaluatedAt: new Date().toISOString(),
  }
}
