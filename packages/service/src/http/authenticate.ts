import { timingSafeEqual } from 'node:crypto'
import { AssayError } from 'assay/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { hashApiKey, invalidApiKey, type Resource, type Resources } from '../resources/index.ts'

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

/** Refuses what does not carry the operator's key; everything, where the service was started without one. */
export function requireOperator(app: FastifyInstance, operatorKey: string | undefined): void {
  app.addHook('onRequest', async (request) => {
    if (!operatorKey) throw noOperator()
    const [given, wanted] = [keyOf(request), operatorKey].map((key) => Buffer.from(hashApiKey(key)))
    if (!given || !wanted || !timingSafeEqual(given, wanted)) throw notTheOperator()
  })
}

function noOperator(): AssayError {
  return new AssayError('no_operator_key', 'This service was started without an operator key.', {
    status: 403,
    remedy: 'Its operator sets ASSAY_OPERATOR_KEY for `assay serve`.',
  })
}

function notTheOperator(): AssayError {
  return new AssayError('invalid_operator_key', 'Resources are made, listed and deleted with the operator key.', {
    status: 401,
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
