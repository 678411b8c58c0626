import type { ModelEvaluationProgress } from 'assay/model-evaluation'

/** Counts of an evaluation that is going on. */
export type LiveProgress =
  | { readonly stage: 'data_evaluation'; readonly rows: number }
  | { readonly stage: 'model_evaluation'; readonly progress: ModelEvaluationProgress }

/** In memory only: shown to whoever watches, and gone with the verdict. */
export class EvaluationProgress {
  readonly #byJob = new Map<string, LiveProgress>()

  show(jobId: string, progress: LiveProgress): void {
    this.#byJob.set(jobId, progress)
  }

  of(jobId: string): LiveProgress | undefined {
    return this.#byJob.get(jobId)
  }

  clear(jobId: string): void {
    this.#byJob.delete(jobId)
  }
}
