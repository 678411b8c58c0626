import Fastify from 'fastify'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { sendEvents } from './server-sent-events.ts'

test('a stream that breaks off says so, and the log where, without its text', async () => {
  const logged: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void logged.push(line) })
  const app = Fastify({ loggerInstance: log as never })
  async function* broken() {
    yield { text: 'first' }
    throw new Error('of a conversation')
  }
  app.get('/v1/stream', (_, reply) => sendEvents(reply as never, broken()))
  const { statusCode, payload } = await app.inject('/v1/stream')
  expect(statusCode).toBe(200)
  const [first, last] = payload
    .trim()
    .split('\n\n')
    .map((line) => JSON.parse(line.replace('data: ', '')))
  expect(first).toEqual({ text: 'first' })
  expect(last).toMatchObject({ error: { code: 'internal_error', type: 'server_error', param: null } })
  expect(logged.join('')).toContain('server-sent-events.test.ts')
  expect(payload + logged.join('')).not.toContain('of a conversation')
  await app.close()
})
