import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { journeyOf, MOMENTS } from '../../jobs/index.ts'
import { jobBill } from '../../metering/index.ts'
import type { Resource } from '../../resources/index.ts'
import { authenticate } from '../authenticate.ts'
import type { HttpServices } from '../http-services.ts'
import { showProgress } from '../schemas/evaluation.ts'
import { type JobJourney, jobJourney, showJourney } from '../schemas/journey.ts'
import { pageOf } from '../schemas/list.ts'
import { text } from '../schemas/text.ts'
import { sendEvents } from '../server-sent-events.ts'
import type { Routes } from './routes.ts'

/** How often a job that is watched is looked at, in milliseconds. */
const INTERVAL = 500
/** A journey that did not change is sent again after so many looks: who watches can tell silence from a dead connection. */
const LOOKS_IN_SILENCE = 20

const params = z.object({ id: text })
const tags = ['fine-tuning']

/** A job as its page shows it, once or as it goes on. */
export const journeyRoutes: Routes = async (app, { services }) => {
  app.get(
    '/fine_tuning/jobs/:id/journey',
    { schema: { tags, params, response: { 200: jobJourney } } },
    async (request) => journey(services, request.resource, request.params.id),
  )

  app.get(
    '/fine_tuning/jobs/:id/journey/stream',
    {
      schema: {
        tags,
        params,
        description: 'Server-sent events: a JobJourney whenever it changes, until the job ends.',
      },
    },
    async (request, reply) => {
      const gone = new AbortController()
      reply.raw.on('close', () => gone.abort())
      const look = async () => journey(services, await authenticate(request, services.resources), request.params.id)
      // What cannot be watched is refused with a status, before the stream begins.
      return sendEvents(reply, changes(await look(), look, gone.signal)) as never
    },
  )

  app.get(
    '/fine_tuning/jobs/:id/metrics',
    {
      schema: {
        tags,
        params,
        querystring: z.object({ points: z.coerce.number().int().min(2).max(2000).default(500) }),
        response: { 200: pageOf(z.record(z.string(), z.number())) },
      },
    },
    async (request) => {
      const job = await services.records.get(request.resource.id, request.params.id)
      const data = await services.records.metrics(job.id, request.query.points)
      return { object: 'list' as const, data, has_more: false }
    },
  )
}

async function* changes(
  first: JobJourney,
  look: () => Promise<JobJourney>,
  signal: AbortSignal,
): AsyncGenerator<JobJourney> {
  let sent = ''
  let looks = 0
  for (let now = first; ; now = await look()) {
    const text = JSON.stringify(now)
    looks += 1
    if (text !== sent || looks >= LOOKS_IN_SILENCE) {
      yield now
      sent = text
      looks = 0
    }
    if (now.job.finished_at !== null) return
    await delay(INTERVAL, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
  }
}

async function journey(services: HttpServices, resource: Resource, id: string): Promise<JobJourney> {
  const { records, database, progress } = services
  const job = await records.get(resource.id, id)
  const [moments, { events }, bill] = await Promise.all([
    records.moments(job.id, MOMENTS),
    records.events(job.id, { limit: 1 }),
    jobBill(database.sql, job.id),
  ])
  return showJourney({
    job,
    stages: journeyOf(job, moments),
    evaluation: showProgress(job, progress.of(job.id)),
    bill,
    lastEvent: events[0],
  })
}
