import { setTimeout as delay } from 'node:timers/promises'
import { AssayError } from 'assay/errors'
import { plainText } from 'assay/terminal'
import { createLogUpdate } from 'log-update'
import type { ApiClient } from '../api-client.ts'
import { exitCodeOf, hasEnded, JOBS } from '../job.ts'
import { type JobEvent, JobEvents } from '../job-events.ts'
import { type Journey, jobPage, NAMES, type WatchedJob } from './job-page.ts'

const INTERVAL_MS = 1000
/** Where there is no terminal, counts are said so often. */
const COUNTS_EVERY_MS = 10_000

/** Shows a job until it ends: a page that renews itself on a terminal whose width is known, lines elsewhere. */
export async function watchJob(client: ApiClient, id: string): Promise<void> {
  const show = process.stdout.isTTY && process.stdout.columns ? showPage() : showLines()
  const path = `/assay${JOBS}/${encodeURIComponent(id)}/journey`
  const news = new JobEvents(client, id)
  const events: JobEvent[] = []
  let watched: WatchedJob | undefined
  for (;;) {
    try {
      // The journey first: what it says of the job's end, the events that are asked for after it know.
      const journey = await client.get<Journey>(path)
      events.push(...(await news.fresh()))
      watched = { ...journey, events }
    } catch (error) {
      // A service that starts again, or a network that was away; but what never answered is not there.
      if (!watched || !AssayError.is(error) || error.status < 500) throw error
      watched = { ...watched, trouble: `${plainText(error.message)} Trying again.` }
    }
    show.update(watched)
    if (hasEnded(watched.job) && !watched.trouble) break
    await delay(INTERVAL_MS)
  }
  show.end()
  process.exitCode = exitCodeOf(watched.job)
}

interface Display {
  update(watched: WatchedJob): void
  end(): void
}

function showPage(): Display {
  const log = createLogUpdate(process.stdout)
  return {
    update: (watched) => log(jobPage(watched, process.stdout.columns, Date.now() / 1000)),
    end: () => log.done(),
  }
}

function showLines(): Display {
  const say = (line: string) => process.stdout.write(`${line}\n`)
  let shown = 0
  let stage = ''
  let countsAt = 0
  let saidTrouble: string | undefined
  return {
    update(watched) {
      const { job, stages, events, evaluation, trouble } = watched
      const now = Date.now()
      if (trouble && trouble !== saidTrouble) say(trouble)
      saidTrouble = trouble
      for (const { message } of events.slice(shown)) say(plainText(message))
      shown = events.length
      const running = stages.find(({ status }) => status === 'running')
      if (running && running.name !== stage) say(`── ${NAMES[running.name]}`)
      stage = running?.name ?? stage
      const held = evaluation.model_evaluation?.conversations
      if (held !== undefined && now - countsAt >= COUNTS_EVERY_MS) {
        countsAt = now
        say(`${held} conversations held`)
      }
      // As wide as it takes: nobody's terminal wraps it.
      if (hasEnded(job)) say(`\n${jobPage(watched, Number.MAX_SAFE_INTEGER, now / 1000)}`)
    },
    end: () => {},
  }
}
