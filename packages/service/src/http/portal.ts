import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { contentSecurityPolicy } from './content-security-policy.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** Sends the portal's one page: which part of it is shown, its own router reads from the address. */
    sendPortal(this: FastifyReply): FastifyReply
  }
}

/** Where programs ask; an unknown address there is an error in JSON, never a page. */
const API = /^\/(v1|openai|assay|subscriptions|assets|docs|healthz|readyz|openapi\.json)(\/|$)/

/** What Vite writes in place of a nonce, with `html.cspNonce`. */
const NONCE = '__ASSAY_NONCE__'

/** Whether a request that no route knows is a person's, on the way to a page of the portal. */
export function isPageOfPortal(request: FastifyRequest): boolean {
  const path = request.url.split('?')[0] ?? ''
  const wantsPage = request.headers.accept?.includes('text/html') === true
  return request.method === 'GET' && wantsPage && !API.test(path) && request.server.hasReplyDecorator('sendPortal')
}

/**
 * The portal's files, at `/`. They hold no secret: the page asks for a key, and every call that it makes carries it. A
 * checkout that was not set up has none, and is the API alone.
 */
export async function servePortal(app: FastifyInstance, directory: string): Promise<void> {
  const page = await readFile(join(directory, 'index.html'), 'utf8').catch(() => undefined)
  if (page === undefined) return
  // Names of assets hold a digest of their content: a browser that has one need not ask again.
  await app.register(fastifyStatic, {
    root: join(directory, 'assets'),
    prefix: '/assets/',
    index: false,
    decorateReply: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    schemaHide: true,
  })
  app.decorateReply('sendPortal', function (this: FastifyReply) {
    const nonce = randomBytes(16).toString('base64')
    return this.status(200)
      .type('text/html; charset=utf-8')
      .headers(protection(nonce))
      .serializer((html: unknown) => html as string)
      .send(page.replaceAll(NONCE, nonce))
  })
  app.get('/', { schema: { hide: true } as never }, (_request, reply) => reply.sendPortal())
}

/** Styles need this answer's nonce. */
function protection(nonce: string): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(`'nonce-${nonce}'`),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  }
}
