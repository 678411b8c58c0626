import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from 'assay/errors'
import { catalogueModel, openBaseModel } from '../../catalogue/index.ts'
import { meter } from '../../metering/index.ts'
import type { StoredBlob } from '../../storage/index.ts'
import { addCheckpoint, deleteCheckpoints } from '../checkpoint-records.ts'
import { EVENTS } from '../events.ts'
import { trainingRows } from './training-rows.ts'
import type { WorkOn } from './work-on.ts'

/** Trains an adapter; checkpoints are encrypted as they appear. Begun again from the start when it was interrupted. */
export async function train(work: WorkOn): Promise<void> {
  const directory = await mkdtemp(join(work.scratch, 'training-'))
  try {
    await deleteCheckpoints(work.sql, work.blobs, work.job.id)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
