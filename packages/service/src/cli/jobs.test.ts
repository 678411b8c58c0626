import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ApiClient } from './api-client.ts'
import { jobsCommand } from './jobs.ts'

/** Answers as the service does of a job that ended with this error code. */
let server: Server
beforeAll(async () => {
  server = createServer((request, reply) => {
    const [, code] = /jobs\/([^/?]+)/.exec(request.url ?? '') ?? []
    const job = { id: code, status: 'failed', fine_tuned_model: null, error: { code, message: 'It failed.' } }
    reply.end(JSON.stringify(request.url?.includes('/events') ? { data: [], has_more: false } : job))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('ASSAY_API_KEY', 'sk-x')
})
afterAll(() => {
  vi.unstubAllEnvs()
  server.close()
})

test.each([
  ['data_evaluation_failed', 1],
  ['evaluation_unavailable', 3],
])('following a job that ends with %s exits with %i', async (code, exit) => {
  const said: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((part) => said.push(String(part)) > 0)
  const before = process.exitCode
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await jobsCommand().parseAsync(['follow', code, '--url', url], { from: 'user' })
    expect(process.exitCode).toBe(exit)
    expect(said).toEqual([`It failed. [${code}]\n`])
  } finally {
    process.exitCode = before
    write.mockRestore()
  }
})

test.each(['/nope', tmpdir(), join(tmpdir(), 'no', 'such')])(
  'uploading %s says that it cannot be read',
  async (path) => {
    const client = new ApiClient({ url: 'http://127.0.0.1:9', apiKey: 'sk-x' })
    await expect(client.upload(path)).rejects.toMatchObject({ code: 'file_unreadable', status: 400 })
  },
)
