import { expect, it } from 'vitest'
import { RESULTS_HEADER, resultsLine } from './results-csv.ts'

it('has a column for each figure and leaves missing ones empty', () => {
  const metrics = { step: 3, epoch: 1, trainLoss: 1.5, trainMeanTokenAccuracy: 0.25, fullValidLoss: 2 }
  expect(resultsLine(metrics)).toBe('3,1.5,0.25,,,2,')
  expect(resultsLine(metrics).split(',')).toHaveLength(RESULTS_HEADER.split(',').length)
})
