import { setTimeout as delay } from 'node:timers/promises'
import { AssayError } from 'assay/errors'
import { plainText } from 'assay/terminal'
import { createLogUpdate } from 'log-update'
import type { ApiClient } from '../api-client.ts'
import { exitCodeOf, hasEnded, JOBS } from '../job.ts'
import { type JobEvent, JobEvents } from '../job-events.ts'
import { jobPage } from './job-page.ts'
import { showLines } from './show-lines.ts'
import type { Checkpoint, Journey, WatchedJob } from './watched-job.ts'

const INTERVAL_MS = 1000
/** Of a service that says nothing for longer the connection is lost. */
const SILENCE_MS = 25_000
/** Of a terminal that does not say how high it is. */
const ROWS = 24

/** Shows a job until it ends: a page that renews itself on a terminal whose width is known, lines elsewhere. */
export async function watchJob(api: ApiClient, id: string): Promise<void> {
  const client = api.quiet(SILENCE_MS)
  const show = process.stdout.isTTY && process.stdout.columns ? showPage() : showLines()
  const path = `${JOBS}/${encodeURIComponent(id)}`
  const news = new JobEvents(client, id)
  const events: JobEvent[] = []
  let checkpoints: readonly Checkpoint[] = []
  let checkpointsAsOf: string | null = null
  let watched: WatchedJob | undefined
  for (;;) {
    try {
      // The journey first: what it says of the job's end, the events that are asked for after it know.
      const { last_event_id, ...journey } = await client.get<Journey>(`/assay${path}/journey`)
      events.push(...(await news.fresh()))
      if (hasTrained(journey) && last_event_id !== checkpointsAsOf) {
        const { data } = await client.get<{ data: Checkpoint[] }>(`${path}/checkpoints?limit=100`)
        checkpoints = data.toReversed()
        checkpointsAsOf = last_event_id
      }
      watched = { ...journey, events, checkpoints, heardAt: Date.now() / 1000 }
    } catch (error) {
      // A service that starts again, or a network that was away; but what never answered is not there.
      if (!watched || !AssayError.is(error) || error.status < 500) throw error
      watched = { ...watched, trouble: plainText(error.message) }
    }
    show(watched)
    if (hasEnded(watched.job)) break
    await delay(INTERVAL_MS)
  }
  process.exitCode = exitCodeOf(watched.job)
}

function hasTrained({ stages }: Pick<Journey, 'stages'>): boolean {
  return stages.some(({ name, started_at }) => name === 'training' && started_at !== null)
}

function showPage(): (watched: WatchedJob) => void {
  const log = createLogUpdate(process.stdout)
  return (watched) => {
    const { columns, rows = ROWS } = process.stdout
    const page = jobPage(watched, { columns, rows: rows || ROWS }, Date.now() / 1000)
    if (!hasEnded(watched.job)) return log(page)
    // How it ended stays, whole, where the terminal is lower than that.
    log.persist(page)
    log.done()
  }
}
