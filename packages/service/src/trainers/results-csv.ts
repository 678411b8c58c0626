/** The columns of OpenAI's result files. */
export const RESULTS_HEADER =
  'step,train_loss,train_mean_token_accuracy,valid_loss,validation_mean_token_accuracy,full_valid_loss,full_valid_mean_token_accuracy'

/** One line of `results.csv`, without its line break, from a step's figures as the API names them; empty where it has no such figure. */
export function resultsLine(metrics: Readonly<Record<string, number | undefined>>): string {
  return [
    metrics.step,
    metrics.train_loss,
    metrics.train_mean_token_accuracy,
    metrics.valid_loss,
    metrics.valid_mean_token_accuracy,
    metrics.full_valid_loss,
    metrics.full_valid_mean_token_accuracy,
  ]
    .map((value) => value ?? '')
    .join(',')
}
