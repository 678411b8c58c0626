import { describe, expect, it } from 'vitest'
import { BASE_LEARNING_RATE, chooseHyperparameters, chooseMethod, forTrainer } from './hyperparameters.ts'

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
    const rate = BASE_LEARNING_RATE.supervised / 2
    expect(forTrainer(asked, { type: 'supervised' }, 9)).toEqual({
      epochs: 7,
      batchSize: 3,
      learningRate: rate,
      seed: 9,
    })
  })

  it('holds a preference job to its base as Rafailov et al. do, and learns from pairs at a lower rate', () => {
    expect(chooseMethod('dpo', {})).toEqual({ type: 'dpo', beta: 0.1 })
    expect(chooseMethod('dpo', { beta: 'auto' })).toEqual({ type: 'dpo', beta: 0.1 })
    expect(chooseMethod('dpo', { beta: 2 })).toEqual({ type: 'dpo', beta: 2 })
    const { learningRate } = forTrainer(chooseHyperparameters({}, 30), { type: 'dpo', beta: 0.1 }, 1)
    expect(learningRate).toBeLessThan(BASE_LEARNING_RATE.supervised)
  })
})
