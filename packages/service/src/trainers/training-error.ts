import { AssayError } from 'assay/errors'
import { SET_UP } from '../installation/index.ts'

export type TrainingErrorCode =
  | 'trainer_unavailable'
  | 'base_model_missing'
  | 'nothing_to_learn'
  | 'out_of_memory'
  | 'training_failed'

const STATUS: Record<TrainingErrorCode, number> = {
  trainer_unavailable: 503,
  base_model_missing: 500,
  nothing_to_learn: 400,
  out_of_memory: 500,
  training_failed: 500,
}

const REMEDIES: Record<TrainingErrorCode, string> = {
  trainer_unavailable: `Run ${SET_UP}, which installs the Python environment.`,
  base_model_missing: `Run ${SET_UP}, which fetches the base models.`,
  nothing_to_learn: 'Each row needs an assistant message with weight 1 within the context length of the model.',
  out_of_memory: 'Choose a smaller batch size.',
  training_failed: 'Try again; if it fails again, report the place that the message names.',
}

/** The training could not be done. The message holds no text of a row. */
export class TrainingError extends AssayError {
  declare readonly code: TrainingErrorCode

  constructor(code: TrainingErrorCode, message: string) {
    super(code, message, { status: STATUS[code], remedy: REMEDIES[code] })
    this.name = 'TrainingError'
  }
}

export function isTrainingErrorCode(code: string): code is TrainingErrorCode {
  return code in STATUS
}
