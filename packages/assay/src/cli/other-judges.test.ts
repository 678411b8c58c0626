import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { loopbackVendor, type VendorRequest } from '../../../../tests/loopback-vendor.ts'
import { CATEGORIES } from '../harm/index.ts'
import { parseCalibration } from '../judges/index.ts'
import { calibrateCommand } from './calibrate.ts'
import { checkCommand } from './check.ts'
import { judgeCommand } from './judge.ts'
import { openJudge, openReader } from './judge-option.ts'

// The commands with a judge behind an endpoint: Azure AI Content Safety, as a server on loopback plays it.

const AZURE = { violence: 'Violence', sexual: 'Sexual', hate_fairness: 'Hate', self_harm: 'SelfHarm' }

/** What happens before the vendor answers, and what it answers instead of a judgement. */
let whenAsked: () => Promise<{ status: number; body: unknown } | undefined> = async () => undefined
const analyse = async ({ body }: VendorRequest) => {
  const instead = await whenAsked()
  if (instead) return instead
  return {
    body: {
      categoriesAnalysis: body.categories.map((category: string) => ({
        category,
        severity: Number(new RegExp(`${category}=(\\d)`).exec(body.text)?.[1] ?? 0),
      })),
    },
  }
}

let folder: string
let vendor: Awaited<ReturnType<typeof loopbackVendor>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-judges-'))
  vendor = await loopbackVendor(analyse)
  vi.stubEnv('ASSAY_TEST_KEY', 'k')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await vendor[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

let written: string
beforeEach(() => {
  written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text, ...more) => {
    written += String(text)
    for (const each of more) if (typeof each === 'function') each()
    return true
  })
  return () => {
    vi.restoreAllMocks()
    whenAsked = async () => undefined
    process.exitCode = 0
  }
})

const at = (name: string) => join(folder, name)
const run = (command: Command, ...args: readonly string[]) => command.exitOverride().parseAsync(args, { from: 'user' })
const write = (name: string, rows: readonly unknown[]) =>
  writeFile(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
const configure = (name: string, more: object = {}) =>
  write(name, [{ judge: 'azure-content-safety', endpoint: vendor.url, apiKeyEnv: 'ASSAY_TEST_KEY', ...more }])

const labelled = () => [
  ...CATEGORIES.flatMap((category) =>
    Array.from({ length: 50 }, (_, index) => ({ text: `${AZURE[category]}=6 ${index}`, labels: { [category]: 1 } })),
  ),
  ...Array.from({ length: 100 }, (_, index) => ({
    text: `calm ${index}`,
    labels: { violence: 0, sexual: 0, hate_fairness: 0, self_harm: 0 },
  })),
]

const row = (reply: string) => ({
  messages: [
    { role: 'user', content: 'Q' },
    { role: 'assistant', content: reply },
  ],
})
const rows = (count: number, reply: string) => Array.from({ length: count }, (_, index) => row(`${reply} ${index}`))

/** Writes `azure-calibration.json`, by which `calibrated.json` can gate. */
async function calibrateAzure(...options: readonly string[]): Promise<void> {
  await configure('azure.json')
  await configure('calibrated.json', { calibration: 'azure-calibration.json' })
  await write('labels.jsonl', labelled())
  await write('school.jsonl', rows(300, 'calm'))
  const files = ['--labels', at('labels.jsonl'), '--honest', at('school.jsonl')]
  const output = ['--output', at('azure-calibration.json')]
  await run(calibrateCommand(), '--judge', at('azure.json'), ...files, ...output, ...options)
}

test('a judge behind an endpoint judges at once, and decides once it is calibrated', async () => {
  // Without a calibration, and with one that is not there yet: both can judge, and be measured.
  await configure('azure.json')
  await configure('calibrated.json', { calibration: 'azure-calibration.json' })
  await write('inputs.jsonl', [
    { id: 1, text: 'Hate=5' },
    { id: 'b', text: 'calm' },
  ])
  await run(judgeCommand(), '--judge', at('azure.json'), at('inputs.jsonl'))
  const judged = written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(judged).toMatchObject([
    { id: 1, severity: { hate_fairness: 5 } },
    { id: 'b', severity: { hate_fairness: 0 } },
  ])

  await write('bad.jsonl', rows(12, 'Violence=7'))
  await expect(run(checkCommand(), '--judge', at('azure.json'), at('bad.jsonl'))).rejects.toMatchObject({
    code: 'judge_not_calibrated',
    status: 400,
  })
  await expect(run(checkCommand(), '--judge', at('calibrated.json'), at('bad.jsonl'))).rejects.toMatchObject({
    code: 'file_not_found',
  })

  written = ''
  await calibrateAzure('--json')
  expect(JSON.parse(written)).toMatchObject({
    judge: { name: 'azure-content-safety' },
    honestRows: { 'school.jsonl': 300 },
  })
  const calibration = parseCalibration(await readFile(at('azure-calibration.json'), 'utf8'))
  expect(calibration.reply.violence.sensitivity).toEqual({ successes: 50, trials: 50 })

  written = ''
  await run(checkCommand(), '--judge', at('calibrated.json'), '--format', 'json', at('bad.jsonl'), at('school.jsonl'))
  expect(JSON.parse(written)).toMatchObject({
    judge: { name: 'azure-content-safety' },
    files: [{ assessment: { passed: false, failed_categories: ['violence'] } }, { assessment: { passed: true } }],
  })
  expect(process.exitCode).toBe(1)

  // The same error is not another judge's.
  await configure('moderation.json', { judge: 'openai-moderation', calibration: 'azure-calibration.json' })
  await expect(openJudge(at('moderation.json'))).rejects.toMatchObject({ code: 'calibration_of_another_judge' })
  await writeFile(at('nameless.json'), JSON.stringify({ ...calibration, judge: undefined }))
  await configure('no-name.json', { calibration: 'nameless.json' })
  await expect(openJudge(at('no-name.json'))).rejects.toThrow('a judge that it does not name')
})

test('a file that is written to while it is judged gets no verdict', async () => {
  await calibrateAzure()
  // Longer than what is read ahead, so that most of it is still to be read when the judge is first asked.
  await write('growing.jsonl', rows(300, `calm ${'word '.repeat(800)}`))
  const check = () => run(checkCommand(), '--judge', at('calibrated.json'), at('growing.jsonl'))
  let asked = 0
  whenAsked = async () => {
    asked += 1
    if (asked === 1) await appendFile(at('growing.jsonl'), `${JSON.stringify(row('Violence=7'))}\n`)
    return undefined
  }
  written = ''
  await check()
  expect(process.exitCode).toBe(3)
  expect(written).toMatch(/^NOT EVALUATED .*\n.*was written to while it was checked.*\[file_changed\]/)
  expect(written).not.toContain('PASSED')
  // Left alone it gets one.
  written = ''
  await check()
  expect(written).toContain('PASSED')
})

test('what comes through standard input is judged as a file is, to the byte', async () => {
  await calibrateAzure()
  const content = Buffer.from(
    `${rows(30, 'Violence=7')
      .map((one) => JSON.stringify(one))
      .join('\n')}\n`,
  )
  await writeFile(at('same.jsonl'), content)
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(
    Readable.from([content.subarray(0, 100), content.subarray(100)]) as typeof process.stdin,
  )
  const judging = ['--judge', at('calibrated.json')]
  written = ''
  await run(checkCommand(), ...judging, '--format', 'json', '-', at('same.jsonl'))
  const { files, command } = JSON.parse(written)
  expect(files[0]).toMatchObject({ file: 'stdin', outcome: 'failed', rows: 30 })
  expect({ ...files[0], file: '', seconds: 0 }).toEqual({ ...files[1], file: '', seconds: 0 })
  expect(command).toEqual(['assay', 'check', ...judging, '-', at('same.jsonl')])
  await expect(run(checkCommand(), ...judging, '-', '-')).rejects.toMatchObject({ code: 'stdin_named_twice' })
})

test('a judge that stops answering leaves the verdicts that it gave, and is not asked for the files that are left', async () => {
  await calibrateAzure()
  await write('bad.jsonl', rows(30, 'Violence=7'))
  await write('school.jsonl', rows(30, 'calm'))
  let asked = 0
  whenAsked = async () => {
    asked += 1
    return asked > 30 ? { status: 401, body: { error: { code: '401', message: 'no' } } } : undefined
  }
  written = ''
  const files = ['bad.jsonl', 'school.jsonl', 'bad.jsonl'].map(at)
  await run(checkCommand(), '--judge', at('calibrated.json'), '--format', 'json', '--output', at('q.json'), ...files)
  expect(process.exitCode).toBe(3)
  const report = JSON.parse(await readFile(at('q.json'), 'utf8'))
  expect(report.files.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    'failed',
    'not_evaluated',
    'not_evaluated',
  ])
  expect(report.files[1].error.code).toBe('evaluation_unavailable')
  expect(asked).toBeLessThan(60)
})

test('the report in words names every category', async () => {
  await configure('azure.json')
  await write('labels.jsonl', [...labelled(), ...labelled().slice(-100), ...labelled().slice(-100)])
  await run(calibrateCommand(), '--judge', at('azure.json'), '--labels', at('labels.jsonl'), '--output', at('out.json'))
  for (const category of CATEGORIES) expect(written).toContain(category)
  expect(written).toContain('50 of 50 harmful found, 300 of 300 harmless left alone')
})

test('a bad label is told by its line; nothing is written over an earlier calibration', async () => {
  await configure('azure.json')
  await write('labels.jsonl', [
    { text: 'a', labels: { violence: 1 } },
    { text: 'a', labels: { violence: 'yes' } },
  ])
  await writeFile(at('earlier.json'), 'earlier')
  const asked = vendor.requests.length
  const args = ['--judge', at('azure.json'), '--labels', at('labels.jsonl'), '--output', at('earlier.json')]
  await expect(run(calibrateCommand(), ...args)).rejects.toThrow('Line 2')
  expect(await readFile(at('earlier.json'), 'utf8')).toBe('earlier')
  expect(vendor.requests).toHaveLength(asked)
  await write('school.jsonl', [{ messages: [] }])
  await write('labels.jsonl', labelled())
  await expect(run(calibrateCommand(), ...args, '--honest', at('school.jsonl'))).rejects.toMatchObject({
    code: 'invalid_honest_file',
  })
})

test('wrong configurations are told apart', async () => {
  await expect(openReader(at('none.json'))).rejects.toMatchObject({ code: 'file_not_found' })
  await write('broken.json', [{ judge: 'azure-content-safety' }])
  await expect(openReader(at('broken.json'))).rejects.toMatchObject({ code: 'invalid_judge_configuration' })
  await expect(openReader(at('broken.json'))).rejects.toThrow('endpoint')
  await writeFile(at('no-json.json'), '{"judge":')
  await expect(openReader(at('no-json.json'))).rejects.toThrow('It is not JSON')
  const marked = { judge: 'azure-content-safety', endpoint: vendor.url, apiKeyEnv: 'ASSAY_TEST_KEY' }
  await writeFile(at('marked.json'), `\uFEFF${JSON.stringify(marked)}`)
  await expect(openReader(at('marked.json'))).resolves.toMatchObject({ name: 'azure-content-safety' })
  await configure('no-key.json', { apiKeyEnv: 'ASSAY_TEST_NO_KEY' })
  await expect(openReader(at('no-key.json'))).rejects.toMatchObject({ code: 'judge_key_missing' })
  await configure('no-calibration.json', { calibration: 'broken.json' })
  await expect(openJudge(at('no-calibration.json'))).rejects.toMatchObject({ code: 'invalid_calibration' })
})
