import { EVENTS } from '../events.ts'
import type { WorkOn } from './work-on.ts'

/** The job's turn has come. */
export async function start({ job, records }: WorkOn): Promise<void> {
  await records.advance(job, 'started', { events: [EVENTS.started, EVENTS.dataImportStarted] })
}
