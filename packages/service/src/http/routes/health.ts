import { z } from 'zod'
import type { Routes } from './routes.ts'

const status = z.object({ status: z.enum(['ok', 'unavailable']) })

/** For those who watch the process: alive, and able to serve. */
export const healthRoutes: Routes = async (app, { services }) => {
  const schema = { tags: ['health'], response: { 200: status, 503: status } }

  app.get('/healthz', { schema }, async () => ({ status: 'ok' as const }))

  app.get('/readyz', { schema }, async (_, reply) => {
    const ready = await services.database.ping().then(
      () => true,
      () => false,
    )
    return ready ? { status: 'ok' as const } : reply.status(503).send({ status: 'unavailable' as const })
  })
}
