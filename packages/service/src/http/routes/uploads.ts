import { z } from 'zod'
import { receivePart } from '../receive-part.ts'
import { text } from '../schemas/text.ts'
import {
  completeUploadBody,
  createUploadBody,
  partObject,
  showPart,
  showUpload,
  uploadObject,
} from '../schemas/upload.ts'
import type { Routes } from './routes.ts'

const params = z.object({ id: text })
const tags = ['uploads']
const response = { 200: uploadObject }

/** Uploads in parts: a file that is sent in pieces, each of which can be sent again. */
export const uploadRoutes: Routes = async (app, { services, surface }) => {
  const { uploads } = services

  app.post('/uploads', { schema: { tags, body: createUploadBody, response } }, async (request, reply) => {
    const { filename, bytes, expires_after: expiry } = request.body
    const upload = await uploads.create(request.resource, { filename, bytes, lifetime: expiry?.seconds })
    if (surface === 'azure_dated') reply.header('location', `/openai/uploads/${upload.id}`)
    return showUpload(upload)
  })

  app.post(
    '/uploads/:id/parts',
    { schema: { tags, params, consumes: ['multipart/form-data'], response: { 200: partObject } } },
    async (request) => showPart(await receivePart(request, uploads, request.params.id), surface),
  )

  app.post(
    '/uploads/:id/complete',
    { schema: { tags, params, body: completeUploadBody, response } },
    async (request) => {
      const { part_ids: partIds, md5 } = request.body
      return showUpload(await uploads.complete(request.resource, request.params.id, { partIds, md5 }))
    },
  )

  app.post('/uploads/:id/cancel', { schema: { tags, params, response } }, async (request) =>
    showUpload(await uploads.cancel(request.resource.id, request.params.id)),
  )
}
