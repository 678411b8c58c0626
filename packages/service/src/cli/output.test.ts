import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'
import { deployCommand } from './deploy.ts'
import { filesCommand } from './files.ts'
import { jobsCommand } from './jobs.ts'
import { print } from './output.ts'
import { type Service, startService } from './start-service.ts'
import { usageCommand } from './usage.ts'

let written: { out: string; error: string }
beforeEach(() => {
  written = { out: '', error: '' }
  const keep = (where: keyof typeof written) => (part: unknown) => {
    written[where] += String(part)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(keep('out'))
  vi.spyOn(process.stderr, 'write').mockImplementation(keep('error'))
})
afterEach(() => vi.restoreAllMocks())

describe('a list of nothing', () => {
  let folder: string
  let service: Service
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-output-'))
    const scripted = { trainer: scriptedTrainer(), engine: scriptedEngine(), judge: async () => scriptedJudge() }
    service = await startService({ dataDirectory: folder, apiKey: 'sk-assay-output-output', ...scripted })
    vi.stubEnv('ASSAY_API_KEY', 'sk-assay-output-output')
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await service?.close()
    await rm(folder, { recursive: true, force: true })
  })
  const lists: [string, () => Command, string[], string][] = [
    ['jobs', jobsCommand, ['list'], 'No jobs yet. `assay jobs create '],
    ['files', filesCommand, ['list'], 'No files yet. `assay files upload '],
    ['deployments', deployCommand, ['list'], 'No deployments yet. `assay deploy '],
    ['usage', usageCommand, [], 'Nothing was used yet'],
    ['costs', usageCommand, ['--costs'], 'Nothing was charged yet'],
  ]

  test.each(lists)('of %s says so on standard error', async (_name, command, args, said) => {
    await command().parseAsync([...args, '--url', service.url], { from: 'user' })
    expect(written).toEqual({ out: '', error: expect.stringContaining(said) })
  })

  test.each(lists)('of %s is an empty list of JSON', async (_name, command, args) => {
    await command().parseAsync([...args, '--json', '--url', service.url], { from: 'user' })
    expect(written).toEqual({ out: '[]\n', error: '' })
  })
})

describe('a table', () => {
  const values = [{ id: 'file-0123456789abcdef', filename: 'train.jsonl', bytes: 1 }]
  const columns = ['id', 'filename', 'bytes']

  test('in a narrow terminal names what it has no room for', () => {
    const { isTTY, columns: width } = process.stdout
    Object.assign(process.stdout, { isTTY: true, columns: 24 })
    try {
      print(values, columns, false)
    } finally {
      Object.assign(process.stdout, { isTTY, columns: width })
    }
    expect(written.out).toBe('ID                     …\nfile-0123456789abcdef\n')
    expect(written.error).toContain('No room for FILENAME, BYTES: widen the terminal, or ask with --json.')
  })

  test('says nothing where all of it is there', () => {
    print(values, columns, false)
    expect(written.out).toMatch(/^ID +FILENAME +BYTES\n/)
    expect(written.error).toBe('')
  })
})
