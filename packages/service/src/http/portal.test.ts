import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { isPageOfPortal, servePortal } from './portal.ts'

describe('the portal', () => {
  async function app(files: Record<string, string>) {
    const directory = await mkdtemp(join(tmpdir(), 'assay-portal-'))
    await mkdir(join(directory, 'assets'))
    for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content)
    const made = Fastify()
    made.setNotFoundHandler((request, reply) =>
      isPageOfPortal(request) ? reply.sendPortal() : reply.status(404).send({ error: 'none' }),
    )
    await servePortal(made, directory)
    await made.ready()
    return { made, remove: () => rm(directory, { recursive: true, force: true }) }
  }
  const html = { accept: 'text/html,*/*' }

  test('is one page at every address that no program asks; each answer has a nonce of its own', async () => {
    const { made, remove } = await app({ 'index.html': '<style nonce="__ASSAY_NONCE__">', 'assets/a-1.js': 'let a' })
    const nonces = new Set<string>()
    for (const url of ['/', '/jobs', '/models/ft:base.v1:default']) {
      const { body, headers, statusCode } = await made.inject({ url, headers: html })
      const nonce = /nonce="(.+)"/.exec(body)?.[1] ?? ''
      expect(statusCode).toBe(200)
      expect(headers['content-security-policy']).toContain(`'nonce-${nonce}'`)
      nonces.add(nonce)
    }
    expect(nonces.size).toBe(3)
    for (const url of ['/v1/x', '/openai', '/assay/v1', '/subscriptions/x', '/assets/none.js', '/healthz/x']) {
      expect((await made.inject({ url, headers: html })).statusCode).toBe(404)
    }
    expect((await made.inject({ url: '/jobs', method: 'POST', headers: html })).statusCode).toBe(404)
    expect((await made.inject({ url: '/jobs' })).statusCode).toBe(404)
    const asset = await made.inject('/assets/a-1.js')
    expect([asset.body, asset.headers['cache-control']]).toEqual(['let a', 'public, max-age=31536000, immutable'])
    await remove()
  })

  test('is not there where it was not built: the API is', async () => {
    const { made, remove } = await app({})
    expect((await made.inject({ url: '/', headers: html })).statusCode).toBe(404)
    await remove()
  })
})
