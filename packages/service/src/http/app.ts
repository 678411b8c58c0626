import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import multipart from '@fastify/multipart'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { AssayError, where } from 'assay/errors'
import { MAX_FILE_BYTES } from 'assay/training-data'
import Fastify, {
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { jsonSchemaTransformObject, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { requireKey, requireOperator } from './authenticate.ts'
import { answerClientError } from './client-error.ts'
import { contentSecurityPolicy } from './content-security-policy.ts'
import { apiError, errorBody } from './errors/index.ts'
import type { HttpServices } from './http-services.ts'
import { describeRoute, OPENAPI } from './openapi.ts'
import { isPageOfPortal, servePortal } from './portal.ts'
import { azureDeploymentRoutes } from './routes/azure-deployments.ts'
import { chatRoutes } from './routes/chat-completions.ts'
import { costRoutes } from './routes/costs.ts'
import { dataEvaluationRoutes } from './routes/data-evaluations.ts'
import { deploymentRoutes } from './routes/deployments.ts'
import { evaluationRoutes } from './routes/evaluations.ts'
import { fileRoutes } from './routes/files.ts'
import { fineTuningRoutes } from './routes/fine-tuning.ts'
import { healthRoutes } from './routes/health.ts'
import { importRoutes } from './routes/imports.ts'
import { journeyRoutes } from './routes/journeys.ts'
import { keyRoutes } from './routes/keys.ts'
import { modelRoutes } from './routes/models.ts'
import { moderationRoutes } from './routes/moderations.ts'
import { raiPolicyRoutes } from './routes/rai-policies.ts'
import { resourceRoutes } from './routes/resources.ts'
import type { RouteOptions, Routes } from './routes/routes.ts'
import { uploadRoutes } from './routes/uploads.ts'
import { PREFIXES, type Surface, surfaceOf } from './surface.ts'

/** Bytes of a body that is no upload. */
const BODY_LIMIT = 8 * 1024 * 1024

const SHARED: readonly Routes[] = [fileRoutes, uploadRoutes, fineTuningRoutes, modelRoutes, chatRoutes]
const OWN: readonly Routes[] = [
  deploymentRoutes,
  dataEvaluationRoutes,
  evaluationRoutes,
  importRoutes,
  journeyRoutes,
  keyRoutes,
]

/** Every route of the service, ready to listen. */
export async function buildApp(services: HttpServices): Promise<FastifyInstance> {
  // Where requests of a connection went: a fault that Node finds in the rest of one is told in that API's shape.
  const paths = new WeakMap<Socket, string>()
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    genReqId: () => `req_${randomBytes(16).toString('hex')}`,
    loggerInstance: services.log as never,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    frameworkErrors: tellError,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, paths.get(socket)),
    routerOptions: { maxParamLength: 500 },
  }) as unknown as FastifyInstance
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  readJson(app)
  tellErrors(app)
  app.addHook('onRequest', async (request) => void paths.set(request.raw.socket, request.url))
  logRequests(app)
  await app.register(multipart, { limits: { fileSize: MAX_FILE_BYTES, files: 1, fields: 10, fieldSize: 1024 } })
  await app.register(swagger, {
    openapi: OPENAPI,
    transform: describeRoute,
    transformObject: jsonSchemaTransformObject,
  })
  await describeToPeople(app)
  await app.register(healthRoutes, { services, surface: 'openai' })
  await app.register(behindKey(services))
  await app.register(behindOperatorKey(services))
  await servePortal(app, services.portal)
  app.get('/openapi.json', { schema: { hide: true } as never }, async () => app.swagger())
  await app.ready()
  return app
}

/** The same description as a page, at `/docs`; its files come with the package. It sets styles inline, and asks nobody else. */
async function describeToPeople(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurityPolicy("'unsafe-inline'"),
    theme: {
      title: 'Assay: API',
      favicon: [{ filename: 'assay.svg', rel: 'icon', sizes: 'any', type: 'image/svg+xml', content: LOGO }],
    },
    logo: { type: 'image/svg+xml', content: Buffer.from(LOGO), href: '/' },
  })
}

/** The portal's. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M16 2 28 9v14l-12 7L4 23V9z" fill="#3b4cb8"/><path d="m10.5 16.5 4 4 7.5-8.5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>'

function behindKey(services: HttpServices): FastifyPluginAsync {
  return async (app) => {
    requireKey(app, services.resources)
    for (const surface of Object.keys(PREFIXES) as Surface[]) {
      await app.register(sharedRoutes, { services, surface, prefix: PREFIXES[surface] })
    }
    for (const routes of OWN) await app.register(routes, { services, surface: 'openai', prefix: '/assay/v1' })
    await app.register(costRoutes, { services, surface: 'openai', prefix: '/v1' })
    await app.register(moderationRoutes, { services, surface: 'openai', prefix: '/v1' })
    await app.register(azureDeploymentRoutes, { services, surface: 'azure_dated' })
    await app.register(raiPolicyRoutes, { services, surface: 'azure_dated' })
  }
}

function behindOperatorKey(services: HttpServices): FastifyPluginAsync {
  return async (app) => {
    requireOperator(app, services.operatorKey)
    await app.register(resourceRoutes, { services, surface: 'openai', prefix: '/assay/v1' })
  }
}

const sharedRoutes: FastifyPluginAsync<RouteOptions> = async (app, { services, surface }) => {
  if (surface === 'azure_dated') requireApiVersion(app)
  for (const routes of SHARED) await app.register(routes, { services, surface })
}

function requireApiVersion(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    if ((request.query as Record<string, unknown>)['api-version']) return
    throw new AssayError('missing_api_version', "Missing required query parameter: 'api-version'.", {
      status: 400,
      param: 'api-version',
    })
  })
}

/** An empty body is none, whatever its content-type: clients name one on a POST or DELETE without a body. */
function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, undefined) : parse(request, body as string, done),
  )
}

function tellError(thrown: unknown, request: FastifyRequest, reply: FastifyReply) {
  const error = apiError(thrown)
  if (error.status >= 500) request.log.error({ code: error.code, ...where(error.cause ?? thrown) }, 'request failed')
  // Where the URL cannot be read, no hook has set it.
  reply.header('x-request-id', request.id)
  reply.header('x-should-retry', error.status === 429 || error.status >= 500 ? 'true' : 'false')
  return reply.status(error.status).send(errorBody(error, surfaceOf(request.url)))
}

function tellErrors(app: FastifyInstance): void {
  app.setErrorHandler(tellError)
  app.setNotFoundHandler((request, reply) => {
    if (isPageOfPortal(request)) return reply.sendPortal()
    const path = request.url.split('?')[0]
    const error = new AssayError('unknown_url', `Unknown request URL: ${request.method} ${path}.`, { status: 404 })
    return reply.status(404).send(errorBody(error, surfaceOf(request.url)))
  })
}

function logRequests(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (surfaceOf(request.url) !== 'openai') reply.header('apim-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    const path = request.routeOptions.url ?? 'unknown'
    const milliseconds = Math.round(reply.elapsedTime)
    request.log.info({ method: request.method, path, status: reply.statusCode, milliseconds }, 'request')
  })
}
