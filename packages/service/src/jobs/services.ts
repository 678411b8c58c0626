import type { Judge } from 'assay/judges'
import type { HarmlessPrompts } from 'assay/model-evaluation'
import type { Logger } from 'pino'
import type { Locations, ShippedObjectives } from '../catalogue/index.ts'
import type { Attestations } from '../deployments/index.ts'
import type { Engine } from '../engines/index.ts'
import type { Files, Resources } from '../resources/index.ts'
import type { Blobs, Sql } from '../storage/index.ts'
import type { Trainer } from '../trainers/index.ts'
import type { EvaluationProgress } from './evaluation-progress.ts'
import type { JobRecords } from './job-records.ts'

/** What the work on a job needs of the other rooms. */
export interface JobServices {
  readonly sql: Sql
  readonly blobs: Blobs
  readonly resources: Resources
  readonly files: Files
  readonly attestations: Attestations
  readonly records: JobRecords
  readonly progress: EvaluationProgress
  readonly trainer: Trainer
  readonly engine: Engine
  /** Loaded when first needed. Throws where the evaluator cannot be had: the evaluator's fault, never the data's. */
  judge(): Promise<Judge>
  objectives(): Promise<ShippedObjectives>
  harmlessPrompts(): Promise<HarmlessPrompts>
  /** What base models answered to the list of the comparison: bits, by base and judge. */
  readonly baseOutcomes: Map<string, Map<string, boolean>>
  readonly where: Locations
  /** Plain adapters and checkpoints live here while they are in use; wiped at start and end. */
  readonly scratch: string
  readonly log: Logger
}
