import { Readable } from 'node:stream'
import { where } from 'assay/errors'
import type { FastifyReply } from 'fastify'
import { apiError, errorBody } from './errors/index.ts'
import { surfaceOf } from './surface.ts'

/** So long, in milliseconds, a client may read nothing of what waits for it: behind a stream a model may be held. */
const PATIENCE = 60_000

/**
 * Sends values as server-sent events and ends with `[DONE]`, or with an error, as OpenAI's streams do. A client that does
 * not read is hung up on.
 */
export function sendEvents(reply: FastifyReply, values: AsyncIterable<object>, patience = PATIENCE): FastifyReply {
  const { request } = reply
  let sent = 0
  let sentBefore = -1
  const watch = setInterval(() => {
    if (reply.raw.writableNeedDrain && sent === sentBefore) reply.raw.destroy()
    sentBefore = sent
  }, patience)
  reply.raw.once('close', () => clearInterval(watch))
  async function* lines() {
    try {
      for await (const value of values) {
        yield `data: ${JSON.stringify(value)}\n\n`
        sent += 1
      }
      yield 'data: [DONE]\n\n'
    } catch (thrown) {
      const error = apiError(thrown)
      // Whoever hung up broke it off themselves.
      if (!reply.raw.destroyed)
        request.log.error({ code: error.code, ...where(error.cause ?? thrown) }, 'reply broke off')
      yield `data: ${JSON.stringify(errorBody(error, surfaceOf(request.url)))}\n\n`
    }
  }
  reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-cache')
  return reply.serializer((value: unknown) => value as string).send(Readable.from(lines()))
}
