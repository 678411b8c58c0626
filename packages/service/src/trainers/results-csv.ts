import type { TrainingMetrics } from './trainer.ts'

/** The columns of OpenAI's result files. */
export const RESULTS_HEADER =
  'step,train_loss,train_mean_token_accuracy,valid_loss,validation_mean_token_accuracy,full_valid_loss,full_valid_mean_token_accuracy'

/** One line of `results.csv`, without its line break; empty where a step has no such figure. */
export function resultsLine(metrics: TrainingMetrics): string {
  return [
    metrics.step,
    metrics.trainLoss,
    metrics.trainMeanTokenAccuracy,
    metrics.validLoss,
    metrics.validMeanTokenAccuracy,
    metrics.fullValidLoss,
    metrics.fullValidMeanTokenAccuracy,
  ]
    .map((value) => value ?? '')
    .join(',')
}
