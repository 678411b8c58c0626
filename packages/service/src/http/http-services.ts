import type { Judge } from 'assay/judges'
import type { Logger } from 'pino'
import type { Locations } from '../catalogue/index.ts'
import type { ContentFilterConfigurations } from '../content-filters/index.ts'
import type { Attestations, Chat, Deployments, Gate, Models } from '../deployments/index.ts'
import type { EvaluationProgress, JobQueue, JobRecords } from '../jobs/index.ts'
import type { Files, Resources, Uploads } from '../resources/index.ts'
import type { Blobs, Database } from '../storage/index.ts'

/** What the routes call. */
export interface HttpServices {
  readonly database: Database
  readonly blobs: Blobs
  readonly resources: Resources
  readonly files: Files
  readonly uploads: Uploads
  readonly records: JobRecords
  readonly queue: JobQueue
  readonly progress: EvaluationProgress
  readonly models: Models
  readonly attestations: Attestations
  readonly gate: Gate
  readonly deployments: Deployments
  readonly contentFilters: ContentFilterConfigurations
  readonly chat: Chat
  judge(): Promise<Judge>
  /** Origins that files may be imported from. */
  readonly importOrigins: ReadonlySet<string>
  /** Where this process evaluates. */
  readonly geography: string
  readonly where: Locations
  /** Opens the operator's routes; without one nothing does. */
  readonly operatorKey: string | undefined
  /** Where what was uploaded may lie in the clear while it is read. */
  readonly scratch: string
  /** Folder of the portal as it was built; where there is none, nothing is at `/`. */
  readonly portal: string
  readonly log: Logger
}
