import { evaluateData } from 'assay/data-evaluation'
import { AssayError, EvaluationUnavailableError } from 'assay/errors'
import { faultText, validateTrainingFile } from 'assay/training-data'
import { z } from 'zod'
import { trainingRows } from '../../jobs/index.ts'
import { dataEvaluation, showDataEvaluation } from '../schemas/evaluation.ts'
import type { Routes } from './routes.ts'

const body = z.strictObject({ file: z.string().min(1) })

/** The pre-check: what the data evaluation of a job would say of an uploaded file, with the rows that it found. */
export const dataEvaluationRoutes: Routes = async (app, { services }) => {
  app.post(
    '/data-evaluations',
    { schema: { tags: ['evaluations'], body, response: { 200: dataEvaluation } } },
    async (request) => {
      const { resource } = request
      if (resource.geography !== services.geography) throw elsewhere(resource.geography)
      const id = request.body.file
      const validation = await validateTrainingFile(await services.files.content(resource, id))
      if (validation.faultCount > 0) {
        const named = validation.faults.slice(0, 10).map(faultText).join('; ')
        throw new AssayError('invalid_training_file', `The file has faults: ${named}`, { status: 400, param: 'file' })
      }
      const judge = await services.judge()
      const rows = trainingRows(services.files, resource, id)
      return showDataEvaluation(await evaluateData({ rows, judge }), judge)
    },
  )
}

function elsewhere(geography: string): AssayError {
  return new EvaluationUnavailableError(`This process does not evaluate in '${geography}', where the resource is.`)
}
