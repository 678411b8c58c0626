import { Readable } from 'node:stream'
import { z } from 'zod'
import { importFromUrl } from '../import-from-url.ts'
import { receiveUpload } from '../receive-upload.ts'
import { fileImportBody, fileObject, showFile } from '../schemas/file.ts'
import { deleted, page, pageOf, pageQuery } from '../schemas/list.ts'
import { text } from '../schemas/text.ts'
import type { Routes } from './routes.ts'

const params = z.object({ id: text })
const query = pageQuery(10_000, 10_000).extend({
  purpose: text.optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
})

export const fileRoutes: Routes = async (app, { services, surface }) => {
  const { files } = services
  const created = surface === 'azure_dated' ? 201 : 200

  app.post(
    '/files',
    {
      schema: {
        tags: ['files'],
        consumes: ['multipart/form-data'],
        response: { [created]: fileObject } as { 200: typeof fileObject },
      },
    },
    async (request, reply) => {
      const file = await receiveUpload(request, files)
      if (created === 201) reply.header('location', `${new URL(request.url, 'http://_').pathname}/${file.id}`)
      return reply.status(created as 200).send(showFile(file))
    },
  )

  app.get(
    '/files',
    { schema: { tags: ['files'], querystring: query, response: { 200: pageOf(fileObject) } } },
    async (request) => {
      const found = await files.list(request.resource.id, request.query)
      return page(found.files.map(showFile), found.hasMore)
    },
  )

  app.get('/files/:id', { schema: { tags: ['files'], params, response: { 200: fileObject } } }, async (request) =>
    showFile(await files.get(request.resource.id, request.params.id)),
  )

  app.get('/files/:id/content', { schema: { tags: ['files'], params } }, async (request, reply) => {
    const content = await files.content(request.resource, request.params.id)
    return reply.type('application/octet-stream').send(Readable.from(content))
  })

  app.delete('/files/:id', { schema: { tags: ['files'], params, response: { 200: deleted } } }, async (request) => {
    await files.delete(request.resource.id, request.params.id)
    return { id: request.params.id, object: 'file', deleted: true as const }
  })

  if (surface !== 'azure_dated') return
  app.post(
    '/files/import',
    { schema: { tags: ['files'], body: fileImportBody, response: { 201: fileObject } } },
    async (request, reply) => {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const { content_url: url, filename, purpose } = request.body
      const wanted = { url, origins: services.importOrigins, signal: gone.signal }
      const received = await importFromUrl(request.resource, files, wanted)
      const file = await received.keep({ filename, purpose }).catch(async (error: unknown) => {
        await received.discard()
        throw error
      })
      return reply.status(201).header('location', `/openai/files/${file.id}`).send(showFile(file))
    },
  )
}
