import { evaluateData } from 'assay/data-evaluation'
import { AssayError, EvaluationUnavailableError } from 'assay/errors'
import { faultsText, validateTrainingFile } from 'assay/training-data'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { rowsOf } from '../../jobs/index.ts'
import type { HttpServices } from '../http-services.ts'
import { receiveRows } from '../receive-rows.ts'
import { dataEvaluation, showDataEvaluation } from '../schemas/evaluation.ts'
import { text } from '../schemas/text.ts'
import type { Routes } from './routes.ts'

const JSON_LINES = ['application/jsonl', 'application/x-ndjson', 'application/x-jsonlines']
const FAULTS_NAMED = 10
const body = z.strictObject({ file: text.min(1).describe('id of an uploaded file') }).nullish()

/** The pre-check: what the data evaluation of a job would say of a file, with the rows that it found. */
export const dataEvaluationRoutes: Routes = async (app, { services }) => {
  const schema = {
    tags: ['evaluations'],
    consumes: ['application/json', 'multipart/form-data', ...JSON_LINES],
    description:
      'Evaluates an uploaded file by its id, or rows sent here, as a form or as they are, which are not kept.',
    body,
    response: { 200: dataEvaluation },
  }
  // The rows stay in the stream, for the handler to read.
  app.addContentTypeParser(JSON_LINES, (_request, _rows, done) => done(null, undefined))

  app.post('/data-evaluations', { schema }, async (request, reply) => {
    const { resource } = request
    if (resource.geography !== services.geography) throw elsewhere(resource.geography)
    if (request.body) {
      const { file } = request.body
      return precheck(services, reply, () => services.files.content(resource, file, 'file'))
    }
    const received = await receiveRows(request, services.files)
    try {
      return await precheck(services, reply, async () => received.content())
    } finally {
      await received.discard()
    }
  })
}

async function precheck(
  services: HttpServices,
  { raw }: FastifyReply,
  content: () => Promise<AsyncIterable<Uint8Array>>,
) {
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  const { signal } = gone
  const validation = await validateTrainingFile(await content(), { signal })
  if (validation.faultCount > 0) {
    throw new AssayError('invalid_training_file', `The file has ${faultsText(validation, FAULTS_NAMED)}`, {
      status: 400,
      param: 'file',
    })
  }
  const judge = await services.judge()
  return showDataEvaluation(await evaluateData({ rows: rowsOf(await content()), judge, signal }), judge)
}

function elsewhere(geography: string): AssayError {
  return new EvaluationUnavailableError(`This process does not evaluate in '${geography}', where the resource is.`)
}
