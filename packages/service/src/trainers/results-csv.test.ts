import { expect, it } from 'vitest'
import { RESULTS_HEADER, resultsLine } from './results-csv.ts'

it('has a column for each figure and leaves missing ones empty', () => {
  const metrics = { step: 3, epoch: 1, train_loss: 1.5, train_mean_token_accuracy: 0.25, full_valid_loss: 2 }
  expect(resultsLine(metrics)).toBe('3,1.5,0.25,,,2,')
  expect(resultsLine(metrics).split(',')).toHaveLength(RESULTS_HEADER.split(',').length)
})
