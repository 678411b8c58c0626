import { BuiltInTrainer, type BuiltInTrainerOptions } from './built-in/built-in-trainer.ts'
import type { Trainer } from './trainer.ts'

export {
  BASE_LEARNING_RATE,
  type ChosenHyperparameters,
  chooseHyperparameters,
  chooseMethod,
  forTrainer,
  type RequestedHyperparameters,
} from './hyperparameters.ts'
export { pythonProgram, TRAINER_FOLDER } from './python-environment.ts'
export { RESULTS_HEADER, resultsLine } from './results-csv.ts'
export { countSystemPrompts, replayRows, type SystemPromptCounts } from './safety-replay.ts'
export type {
  Trainer,
  TrainerRow,
  TrainingEvent,
  TrainingHyperparameters,
  TrainingMethod,
  TrainingMetrics,
  TrainingRequest,
} from './trainer.ts'
export { TrainingError, type TrainingErrorCode } from './training-error.ts'

/** The trainer that ships with Assay: a Python worker on this machine. */
export function builtInTrainer(options: BuiltInTrainerOptions = {}): Trainer {
  return new BuiltInTrainer(options)
}
