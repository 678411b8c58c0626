import { type Assessment, assessmentMessage, assessmentPassed, failedCategories } from '../harm/index.ts'

/** The assessment as every JSON of ours shows it. */
export function assessmentAsJson(assessment: Assessment) {
  return {
    passed: assessmentPassed(assessment),
    failed_categories: [...failedCategories(assessment)],
    message: assessmentMessage(assessment),
  }
}
