import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'
import { serveCommand } from './serve.ts'
import { startService } from './start-service.ts'

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('a repeated %s does not cut off the stop', async (signal) => {
  const code = `
    import { stopped } from ${JSON.stringify(new URL('serve.ts', import.meta.url).href)}
    const alive = setInterval(() => {}, 1000)
    const told = stopped()
    process.stdout.write('ready')
    await told
    await new Promise((resolve) => setTimeout(resolve, 500))
    process.stdout.write(' closed')
    clearInterval(alive)`
  const args = ['--conditions=assay-source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.on('data', (part) => {
    if (printed === '') {
      child.kill(signal)
      setTimeout(() => child.kill(signal), 100)
    }
    printed += part
  })
  expect(await once(child, 'close')).toEqual([0, null])
  expect(printed).toBe('ready closed')
})

test('an unknown log level is wrong usage', async () => {
  const serve = serveCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  await expect(serve.parseAsync(['--log-level', 'bogus'], { from: 'user' })).rejects.toMatchObject({
    code: 'commander.invalidArgument',
  })
})

test.each([
  ['ASSAY_API_KEY', 'abc'],
  ['ASSAY_API_KEY', 'fifteen-letters'],
  ['ASSAY_API_KEY', 'a key with blanks in it'],
  ['ASSAY_OPERATOR_KEY', 'abc'],
])('%s: %j is refused before anything is started', async (variable, secret) => {
  vi.stubEnv(variable, secret)
  await expect(serveCommand().parseAsync([], { from: 'user' })).rejects.toMatchObject({
    code: 'weak_key',
    status: 400,
    message: expect.stringContaining(variable),
    remedy: expect.stringContaining('openssl rand -hex 32'),
  })
  vi.unstubAllEnvs()
})

const scripted = { trainer: scriptedTrainer(), engine: scriptedEngine(), judge: async () => scriptedJudge() }

test('a geography that no queue can be named after is refused', async () => {
  const starting = startService({ ...scripted, geography: 'Süd / x' })
  await expect(starting).rejects.toMatchObject({ code: 'invalid_geography', status: 400 })
})

test('the address of an IPv6 host is a URL', async () => {
  const service = await startService({ ...scripted, host: '::1' })
  try {
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
  } finally {
    await service.close()
  }
})
