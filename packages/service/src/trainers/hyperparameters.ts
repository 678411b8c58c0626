import type { TrainingHyperparameters, TrainingMethod } from './trainer.ts'

/** What a job asks for; 'auto' and what is missing is chosen from the number of rows. */
export interface RequestedHyperparameters {
  readonly nEpochs?: 'auto' | number | undefined
  readonly batchSize?: 'auto' | number | undefined
  readonly learningRateMultiplier?: 'auto' | number | undefined
  /** Of DPO only. */
  readonly beta?: 'auto' | number | undefined
}

/** What a job reports once they are chosen. */
export interface ChosenHyperparameters {
  readonly nEpochs: number
  readonly batchSize: number
  readonly learningRateMultiplier: number
}

/** The absolute rate that multiplier 1 stands for, at rank 16 and α 32. Pairs are learned at a lower one, as is usual. */
export const BASE_LEARNING_RATE: Readonly<Record<TrainingMethod['type'], number>> = { supervised: 5e-4, dpo: 1e-4 }

/** Of DPO, as Rafailov et al. 2023 chose it. */
const DEFAULT_BETA = 0.1

/** About so many steps in all make a small model learn a style. */
const ENOUGH_STEPS = 60

/** Few rows are read more often and in smaller batches, many once. */
export function chooseHyperparameters(requested: RequestedHyperparameters, rows: number): ChosenHyperparameters {
  const batchSize = chosen(requested.batchSize, Math.min(16, Math.max(2, 2 ** Math.round(Math.log2(rows / 32)))))
  const steps = Math.max(1, rows / batchSize)
  return {
    batchSize,
    nEpochs: chosen(requested.nEpochs, Math.min(5, Math.max(1, Math.ceil(ENOUGH_STEPS / steps)))),
    learningRateMultiplier: chosen(requested.learningRateMultiplier, 1),
  }
}

/** How the model learns, with what was chosen for it. */
export function chooseMethod(type: TrainingMethod['type'], { beta }: RequestedHyperparameters): TrainingMethod {
  return type === 'dpo' ? { type, beta: chosen(beta, DEFAULT_BETA) } : { type }
}

export function forTrainer(
  hyperparameters: ChosenHyperparameters,
  method: TrainingMethod,
  seed: number,
): TrainingHyperparameters {
  return {
    epochs: hyperparameters.nEpochs,
    batchSize: hyperparameters.batchSize,
    learningRate: hyperparameters.learningRateMultiplier * BASE_LEARNING_RATE[method.type],
    seed,
  }
}

function chosen(requested: 'auto' | number | undefined, automatic: number): number {
  return requested === undefined || requested === 'auto' ? automatic : requested
}
