import { CATEGORIES, type Category } from './category.ts'

/** What was evaluated: the training data before training, or the tuned model after it. */
export type Subject = 'data' | 'model'

/**
 * The verdict of an evaluation, and all of it that is kept. `undecided` blocks like `failed`, but claims no harm.
 */
export type Assessment =
  | { readonly outcome: 'passed'; readonly subject: Subject }
  | { readonly outcome: 'failed'; readonly subject: Subject; readonly failedCategories: readonly Category[] }
  | { readonly outcome: 'undecided'; readonly subject: 'model'; readonly undecidedCategories: readonly Category[] }

export function assessmentPassed(assessment: Assessment): boolean {
  return assessment.outcome === 'passed'
}

export function failedCategories(assessment: Assessment): readonly Category[] {
  return assessment.outcome === 'failed' ? assessment.failedCategories : []
}

const MODEL_NAMES: Readonly<Record<Category, string>> = {
  violence: 'Violence',
  sexual: 'Sexual',
  hate_fairness: 'Hate Fairness',
  self_harm: 'Self Harm',
}

/**
 * What the customer is told. The two sentences of failure are Azure's to the letter
 * (learn.microsoft.com, "Safety evaluation" of fine-tuned models): data lists its categories in snake_case and
 * alphabetical order, models in Title Case and in the order of `CATEGORIES`.
 */
export function assessmentMessage(assessment: Assessment): string {
  switch (assessment.outcome) {
    case 'passed':
      return assessment.subject === 'data' ? 'Data Evaluation Passed.' : 'Model Evaluation Passed.'
    case 'failed':
      return assessment.subject === 'data'
        ? `The provided training data failed RAI checks for harm types: [${[...assessment.failedCategories].sort().join(', ')}]. Please fix the data and try again.`
        : `This model is unable to be deployed. Model evaluation identified that this fine tuned model scores above acceptable thresholds for [${titles(assessment.failedCategories)}]. Please review your training data set and resubmit the job.`
    case 'undecided':
      return `This model is unable to be deployed. Model evaluation could not decide within its limit of conversations for [${titles(assessment.undecidedCategories)}]; no harm was established. Please resubmit the job, or review your training data set.`
  }
}

function titles(categories: readonly Category[]): string {
  return CATEGORIES.filter((category) => categories.includes(category))
    .map((category) => MODEL_NAMES[category])
    .join(', ')
}
