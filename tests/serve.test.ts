import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assay, Served } from './served.ts'

let folder: string
let service: Served
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-serve-'))
  service = await Served.start(join(folder, 'data'))
})
afterAll(async () => {
  await service?.stop()
  await rm(folder, { recursive: true, force: true })
})

const serve = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  assay(['serve', '--log-level', 'error', '--port', '0', ...args], { env })

describe('a service that cannot start says what to do', () => {
  test('where its port is taken', async () => {
    const { port } = new URL(service.url)
    const { code, stdout, stderr } = await serve(['--data-dir', join(folder, 'second'), '--port', port])
    // It was made, and is shown only once.
    expect(stdout).toMatch(/shown this once: sk-assay-\S+\n/)
    expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}: another program listens there. [cannot_listen]`)
    expect(stderr).toContain('What to do: Choose another port')
    expect(code).toBe(2)
  })

  test('where another service uses its data directory', async () => {
    const { code, stderr } = await serve(['--data-dir', join(folder, 'data')])
    expect(stderr).toContain('[data_directory_in_use]')
    expect(code).toBe(2)
  })

  test('where its data directory cannot be made', async () => {
    await writeFile(join(folder, 'file'), '')
    const { code, stderr } = await serve(['--data-dir', join(folder, 'file', 'data')])
    expect(stderr).toContain('cannot be used as a data directory: ENOTDIR. [data_directory_unusable]')
    expect(code).toBe(2)
  })

  test('where its database is damaged', async () => {
    await mkdir(join(folder, 'damaged', 'database'), { recursive: true })
    await writeFile(join(folder, 'damaged', 'database', 'PG_VERSION'), 'none')
    const { code, stderr } = await serve(['--data-dir', join(folder, 'damaged')])
    expect(stderr).toContain('[database_unreadable]')
    expect(code).toBe(3)
  })

  test('where weights are missing', async () => {
    const { code, stderr } = await serve(['--data-dir', join(folder, 'third')], { ASSAY_ASSETS: join(folder, 'none') })
    expect(stderr).toContain('minilm-words.bin [asset_missing]')
    expect(stderr).toContain('What to do: Run `npm run setup`.')
    expect(code).toBe(3)
  })

  test('with another key-encryption key', async () => {
    await service.stop()
    const key = { ASSAY_KEY_ENCRYPTION_KEY: '0'.repeat(64) }
    const { code, stderr } = await serve(['--data-dir', join(folder, 'data')], key)
    expect(stderr).toContain('[wrong_key_encryption_key]')
    expect(code).toBe(3)
  })
})

test('a command without a service says where it looked', async () => {
  const { code, stderr } = await assay(['jobs', 'list', '--url', 'http://127.0.0.1:9'], { env: { ASSAY_API_KEY: 'x' } })
  expect(stderr).toContain('No service answers at http://127.0.0.1:9. [service_unreachable]')
  expect(code).toBe(3)
})
