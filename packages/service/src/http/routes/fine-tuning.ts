import { z } from 'zod'
import { cancelJob, createJob, deleteJob } from '../../jobs/index.ts'
import {
  checkpointObject,
  createJobBody,
  eventObject,
  jobObject,
  requestedHyperparameters,
  showCheckpoint,
  showEvent,
  showJob,
} from '../schemas/fine-tuning.ts'
import { page, pageOf, pageQuery } from '../schemas/list.ts'
import { text } from '../schemas/text.ts'
import type { Routes } from './routes.ts'

const params = z.object({ id: text })
/** `metadata[key]=value`, as OpenAI's clients write it, or `metadata=null`: the jobs that have none. */
const jobsQuery = pageQuery(20)
  .extend({ metadata: z.literal('null').optional() })
  .catchall(text)
  .refine((query) => Object.keys(query).every((name) => text.safeParse(name).success), {
    path: ['metadata'],
    error: 'no NUL and no unpaired surrogate in a name',
  })
const tags = ['fine-tuning']

export const fineTuningRoutes: Routes = async (app, { services, surface }) => {
  const { records } = services
  const created = surface === 'azure_dated' ? 201 : 200

  app.post(
    '/fine_tuning/jobs',
    { schema: { tags, body: createJobBody, response: { [created]: jobObject } as { 200: typeof jobObject } } },
    async (request, reply) => {
      const { body } = request
      const job = await createJob(services, request.resource, {
        surface: surface === 'openai' ? 'openai' : 'azure',
        model: body.model,
        trainingFile: body.training_file,
        validationFile: body.validation_file,
        suffix: body.suffix,
        seed: body.seed,
        method: body.method?.type ?? 'supervised',
        hyperparameters: requestedHyperparameters(body),
        metadata: body.metadata,
        evaluationReport: body.evaluation_report,
      })
      if (created === 201) reply.header('location', `/openai/fine_tuning/jobs/${job.id}`)
      return reply.status(created as 200).send(showJob(job, surface))
    },
  )

  app.get(
    '/fine_tuning/jobs',
    { schema: { tags, querystring: jobsQuery, response: { 200: pageOf(jobObject) } } },
    async (request) => {
      const { jobs, hasMore } = await records.list(request.resource.id, {
        ...request.query,
        metadata: metadataFilter(request.query),
      })
      return page(
        jobs.map((job) => showJob(job, surface)),
        hasMore,
      )
    },
  )

  app.get('/fine_tuning/jobs/:id', { schema: { tags, params, response: { 200: jobObject } } }, async (request) =>
    showJob(await records.get(request.resource.id, request.params.id), surface),
  )

  app.post(
    '/fine_tuning/jobs/:id/cancel',
    { schema: { tags, params, response: { 200: jobObject } } },
    async (request) => showJob(await cancelJob(records, request.resource.id, request.params.id), surface),
  )

  app.get(
    '/fine_tuning/jobs/:id/events',
    { schema: { tags, params, querystring: pageQuery(20), response: { 200: pageOf(eventObject) } } },
    async (request) => {
      const job = await records.get(request.resource.id, request.params.id)
      const { events, hasMore } = await records.events(job.id, request.query)
      return page(
        events.map((event) => showEvent(event, surface)),
        hasMore,
      )
    },
  )

  app.get(
    '/fine_tuning/jobs/:id/checkpoints',
    { schema: { tags, params, querystring: pageQuery(10), response: { 200: pageOf(checkpointObject) } } },
    async (request) => {
      const job = await records.get(request.resource.id, request.params.id)
      const { checkpoints, hasMore } = await records.checkpoints(job.id, request.query)
      return page(checkpoints.map(showCheckpoint), hasMore)
    },
  )

  if (surface !== 'azure_dated') return
  app.delete('/fine_tuning/jobs/:id', { schema: { tags, params } }, async (request, reply) => {
    await deleteJob(services, request.resource.id, request.params.id)
    return reply.status(204).send()
  })
}

function metadataFilter(query: z.infer<typeof jobsQuery>): Record<string, string> | null {
  if (query.metadata) return null
  const pairs = Object.entries(query).map(([name, value]) => [/^metadata\[(.+)\]$/.exec(name)?.[1], value])
  return Object.fromEntries(pairs.filter(([key]) => key !== undefined))
}
