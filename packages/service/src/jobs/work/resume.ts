import type { WorkOn } from './work-on.ts'

/** The turn of a job that was paused has come again. */
export async function resume({ job, records }: WorkOn): Promise<void> {
  await records.advance(job, 'resumed')
}
