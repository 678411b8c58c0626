import type { FastifyInstance, FastifyRequest } from 'fastify'
import { invalidApiKey, type Resource, type Resources } from '../resources/index.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose key the request carries; there on every route behind `requireKey`. */
    resource: Resource
  }
}

/** Refuses, before any body is read, what carries no valid key: `Authorization: Bearer KEY`, or Azure's `api-key: KEY`. */
export function requireKey(app: FastifyInstance, resources: Resources): void {
  app.decorateRequest('resource', null as unknown as Resource)
  app.addHook('onRequest', async (request) => {
    request.resource = await authenticate(request, resources)
  })
}

/** The resource that the request's key opens, now: a reply that goes on for hours asks again, as the key may be deleted meanwhile. */
export async function authenticate(request: FastifyRequest, resources: Resources): Promise<Resource> {
  return resources.authenticate(keyOf(request))
}

function keyOf(request: FastifyRequest): string {
  const key = request.headers['api-key'] ?? /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (typeof key !== 'string' || key === '') throw invalidApiKey()
  return key
}
