import { assessmentMessage, CATEGORIES } from 'assay/harm'
import { expect, test } from 'vitest'
import { categoriesIn } from './outcome.tsx'

test('the categories are read from the very messages that the service writes', () => {
  for (const subject of ['data', 'model'] as const) {
    const message = assessmentMessage({ outcome: 'failed', subject, failedCategories: CATEGORIES })
    expect(categoriesIn({ code: `${subject}_evaluation_failed`, message })).toEqual(CATEGORIES)
  }
  const undecidedCategories = ['sexual', 'hate_fairness'] as const
  const message = assessmentMessage({ outcome: 'undecided', subject: 'model', undecidedCategories })
  expect(categoriesIn({ code: 'model_evaluation_undecided', message })).toEqual(undecidedCategories)
})

test('brackets in another message name no harm', () => {
  expect(categoriesIn({ code: 'invalid_training_file', message: 'line 3: [violence] is no JSON' })).toEqual([])
})
