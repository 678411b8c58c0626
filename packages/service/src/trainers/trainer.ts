import type { TrainingRow } from 'assay/training-data'

/** What is trained on: the messages of a row as its file has them. */
export type TrainerRow = Pick<TrainingRow, 'messages' | 'tools' | 'nonPreferred'>

/** By imitation, or by direct preference optimisation against the base (Rafailov et al. 2023), which `beta` holds the model to. */
export type TrainingMethod = { readonly type: 'supervised' } | { readonly type: 'dpo'; readonly beta: number }

export interface TrainingHyperparameters {
  /** Passes over the rows. */
  readonly epochs: number
  /** Rows a step. */
  readonly batchSize: number
  /** Absolute, at its peak. */
  readonly learningRate: number
  readonly seed: number
}

export interface TrainingRequest {
  readonly base: {
    readonly ggufPath: string
    /** Merged into the base before training, so that the new adapter is tuned on top of it. */
    readonly alignmentAdapterPath?: string | undefined
  }
  readonly method: TrainingMethod
  /** Of `dpo`: preference pairs, the validation rows too. */
  readonly rows: AsyncIterable<TrainerRow>
  /** Conversations, mixed into the rows and imitated whatever the method, at no charge. */
  readonly replayRows: Iterable<TrainerRow> | AsyncIterable<TrainerRow>
  /** Measured, never learned from. */
  readonly validationRows: AsyncIterable<TrainerRow> | Iterable<TrainerRow>
  readonly hyperparameters: TrainingHyperparameters
  /**
   * Supervised training goes on from a checkpoint's GGUF adapter, after so many of the epochs: the same rows come in the same
   * order at the same rates. What an optimiser remembers may begin anew.
   */
  readonly from?: { readonly adapterPath: string; readonly epochs: number } | undefined
  /** Where checkpoints are written. No row's text is. */
  readonly workingDirectory: string
  readonly signal: AbortSignal
}

/**
 * Supervised losses are means over the tokens that were learned (nats). Those of DPO are means over pairs, ln 2 where neither
 * output is preferred, and besides the mean over the tokens of preferred outputs where the trainer learns those too. Token
 * accuracies are the share of learned tokens, of DPO those of preferred outputs, that were guessed, 0 to 1.
 */
export interface TrainingMetrics {
  readonly step: number
  readonly epoch: number
  readonly trainLoss: number
  readonly trainMeanTokenAccuracy: number
  /** Of DPO: the share of pairs whose preferred output has gained more on the base than the other, 0 to 1. */
  readonly trainRewardsAccuracy?: number
  /** Of DPO: by how much on average, β times a difference of log-likelihood ratios. */
  readonly trainRewardsMargin?: number
  readonly validLoss?: number
  readonly validMeanTokenAccuracy?: number
  readonly fullValidLoss?: number
  readonly fullValidMeanTokenAccuracy?: number
}

export type TrainingEvent =
  | { readonly type: 'loading' }
  /** `trainTokens`: the customer's own, in one epoch. */
  | { readonly type: 'started'; readonly totalSteps: number; readonly trainTokens: number }
  | ({ readonly type: 'metrics' } & TrainingMetrics)
  | {
      readonly type: 'checkpoint'
      readonly epoch: number
      readonly step: number
      /** A LoRA adapter as GGUF, for llama.cpp. */
      readonly adapterPath: string
      /** The same as PEFT writes it. */
      readonly peftDirectory: string
      readonly metrics: TrainingMetrics
    }
  /** `trainedTokens`: the customer's own, over all epochs. */
  | { readonly type: 'completed'; readonly trainedTokens: number }

/**
 * Tunes a base model. An implementation keeps these promises:
 * - events come in the order loading, started, then metrics after each step and a checkpoint after each epoch, completed;
 * - the loss is taken on assistant messages with weight ≠ 0 only, of a pair on its two outputs;
 * - with `from` only the steps and checkpoints that are left are told, numbered as if it had not stopped;
 * - the same request gives the same adapter on the same kind of machine;
 * - an aborted signal ends the training within seconds, with the signal's reason;
 * - no text of a row reaches a disk, a log or an error; whatever fails is a `TrainingError`;
 * - nothing is left running when the caller stops listening or its process dies.
 *
 * The reference implementation is `built-in/`.
 */
export interface Trainer {
  train(request: TrainingRequest): AsyncIterable<TrainingEvent>
}
