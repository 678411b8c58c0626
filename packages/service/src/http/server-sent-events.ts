import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Sends values as server-sent events and ends with `[DONE]`, as OpenAI's streams do. */
export function sendEvents(reply: FastifyReply, values: AsyncIterable<object>): FastifyReply {
  async function* lines() {
    try {
      for await (const value of values) yield `data: ${JSON.stringify(value)}\n\n`
      yield 'data: [DONE]\n\n'
    } catch {
      yield `data: ${JSON.stringify({ error: { message: 'The reply broke off.', type: 'server_error', param: null, code: 'reply_broken_off' } })}\n\n`
    }
  }
  reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-cache')
  return reply.serializer((value: unknown) => value as string).send(Readable.from(lines()))
}
