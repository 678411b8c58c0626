import { describe, expect, it } from 'vitest'
import { BASE_LEARNING_RATE, chooseHyperparameters, forTrainer } from './hyperparameters.ts'

describe('hyperparameters', () => {
  it('reads few rows more often, in small batches', () => {
    expect(chooseHyperparameters({}, 10)).toEqual({ nEpochs: 5, batchSize: 2, learningRateMultiplier: 1 })
    expect(chooseHyperparameters({ nEpochs: 'auto' }, 120)).toEqual({
      nEpochs: 2,
      batchSize: 4,
      learningRateMultiplier: 1,
    })
    expect(chooseHyperparameters({}, 10_000)).toEqual({ nEpochs: 1, batchSize: 16, learningRateMultiplier: 1 })
  })

  it('keeps what was asked for', () => {
    const asked = { nEpochs: 7, batchSize: 3, learningRateMultiplier: 0.5 }
    expect(chooseHyperparameters(asked, 100)).toEqual(asked)
    expect(forTrainer(asked, 9)).toEqual({ epochs: 7, batchSize: 3, learningRate: BASE_LEARNING_RATE / 2, seed: 9 })
  })
})
