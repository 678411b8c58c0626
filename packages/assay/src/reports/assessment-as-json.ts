import { z } from 'zod'
import { type Assessment, assessmentMessage, assessmentPassed, CATEGORIES, failedCategories } from '../harm/index.ts'

export const assessmentSchema = z
  .object({
    passed: z.boolean(),
    failed_categories: z.array(z.enum(CATEGORIES)),
    message: z.string(),
  })
  .meta({ id: 'Assessment' })

/** The assessment as every JSON of ours shows it. */
export function assessmentAsJson(assessment: Assessment) {
  return {
    passed: assessmentPassed(assessment),
    failed_categories: [...failedCategories(assessment)],
    message: assessmentMessage(assessment),
  }
}
