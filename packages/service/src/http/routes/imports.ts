import { join } from 'node:path'
import { AssayError } from 'assay/errors'
import { z } from 'zod'
import { normaliseAdapter } from '../../adapters/index.ts'
import { createImport, withinQuota } from '../../jobs/index.ts'
import { contentOf } from '../../storage/index.ts'
import { receiveImport } from '../receive-import.ts'
import { importObject, showImport } from '../schemas/import.ts'
import { page, pageOf, pageQuery } from '../schemas/list.ts'
import { text } from '../schemas/text.ts'
import type { Routes } from './routes.ts'

const tags = ['imports']
const DESCRIPTION = `A form with the adapter of a model that was tuned elsewhere: a GGUF file as \`adapter\`, or the two files of a
PEFT folder as \`adapter_config\` (1 MB at most) and \`adapter_model\`, 256 MB at most. With an \`attestation\` (64 KB at most) that
counts here it is not evaluated again; without, it is evaluated as a job's model is, and needs \`training_file\`: the id of an uploaded
file with what it was tuned on, which is judged as a job's data are. Further fields: \`base_model\`, \`suffix\`. Send the fields before the files: then what is wrong
with them is told before the files have come.`

/** Models that were tuned elsewhere. */
export const importRoutes: Routes = async (app, { services }) => {
  const { records, blobs, scratch } = services

  app.post(
    '/imports',
    { schema: { tags, consumes: ['multipart/form-data'], description: DESCRIPTION, response: { 201: importObject } } },
    async (request, reply) => {
      await withinQuota(records, request.resource)
      const received = await receiveImport(request, scratch)
      try {
        const { base_model: baseModel, suffix, training_file: trainingFile } = received.fields
        const normal = join(received.folder, 'normal')
        await normaliseAdapter(received.folder, baseModel, normal)
        const adapter = await blobs.put(request.resource.dataKey, contentOf(normal))
        const { attestation } = received
        const wanted = { baseModel, suffix, trainingFile, adapter, attestation }
        const job = await createImport(services, request.resource, wanted).catch(async (error: unknown) => {
          await blobs.delete(adapter.id)
          throw error
        })
        return reply.status(201).send(showImport(job))
      } finally {
        await received.remove()
      }
    },
  )

  app.get(
    '/imports',
    { schema: { tags, querystring: pageQuery(20), response: { 200: pageOf(importObject) } } },
    async (request) => {
      const { jobs, hasMore } = await records.list(request.resource.id, { ...request.query, imports: true })
      return page(jobs.map(showImport), hasMore)
    },
  )

  app.get(
    '/imports/:id',
    { schema: { tags, params: z.object({ id: text }), response: { 200: importObject } } },
    async (request) => {
      const job = await records.get(request.resource.id, request.params.id, 'id')
      if (job.surface === 'import') return showImport(job)
      throw new AssayError('import_not_found', `No such import: ${job.id}`, { status: 404, param: 'id' })
    },
  )
}
