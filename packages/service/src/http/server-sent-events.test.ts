import { connect } from 'node:net'
import Fastify from 'fastify'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
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

test('a client that does not read is hung up on, one that waits for the next value is not', async () => {
  const app = Fastify()
  const ended = { idle: false, slow: false }
  async function* endless() {
    try {
      for (;;) yield { text: 'x'.repeat(10_000) }
    } finally {
      ended.idle = true
    }
  }
  async function* slow() {
    yield { text: 'first' }
    await new Promise((resolve) => setTimeout(resolve, 1000))
    yield { text: 'second' }
    ended.slow = true
  }
  app.get('/v1/endless', (_, reply) => sendEvents(reply as never, endless(), 200))
  app.get('/v1/slow', (_, reply) => sendEvents(reply as never, slow(), 200))
  const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const idle = connect(Number(address.port), address.hostname).pause()
  idle.on('error', () => {})
  idle.write('GET /v1/endless HTTP/1.1\r\nHost: assay\r\n\r\n')
  const text = await (await fetch(new URL('/v1/slow', address))).text()
  expect(text.match(/^data: .*$/gm)).toHaveLength(3)
  await vi.waitFor(() => expect(ended).toEqual({ idle: true, slow: true }), 10_000)
  idle.destroy()
  await app.close()
})
