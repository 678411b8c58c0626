import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { HttpServices } from '../http-services.ts'
import type { Surface } from '../surface.ts'

export interface RouteOptions {
  readonly services: HttpServices
  readonly surface: Surface
}

/** Routes of one concept, for every surface that has them. */
export type Routes = FastifyPluginAsyncZod<RouteOptions>
