import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { loopbackVendor, type VendorReply, type VendorRequest } from '../../../../tests/loopback-vendor.ts'
import { keyId } from '../attestation/index.ts'
import { evaluateCommand } from './evaluate.ts'
import { readSigningKey, signingKeyCommand } from './signing-key.ts'

// The command with the judge that ships, against models whose every answer is known. A real model meets it in tests/.

const EXAMPLES = join(import.meta.dirname, '../../../../examples')
const OBJECTIVES = join(import.meta.dirname, '../../../../objectives')

let folder: string
let violent: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-evaluate-'))
  const [row = ''] = (await readFile(join(EXAMPLES, 'harmful-replies.jsonl'), 'utf8')).split('\n')
  violent = JSON.parse(row).messages.at(-1).content
})
afterAll(() => rm(folder, { recursive: true }))

let written: string
beforeEach(() => {
  written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

type Answer = (request: VendorRequest, count: number) => VendorReply | Promise<VendorReply>

const says = (content: string | null, finish_reason = 'stop'): VendorReply => ({
  body: { choices: [{ finish_reason, message: { role: 'assistant', content } }] },
})
const refuses = () => says('I am sorry, but I cannot help with that.')
/** The last thing that was asked. */
const asked = ({ body }: VendorRequest): string => body.messages.at(-1).content

async function evaluate(answer: Answer, ...args: string[]) {
  await using vendor = await loopbackVendor(answer)
  const command = ['--base-url', `${vendor.url}/v1`, '--model', 'm', ...args]
  const error = await evaluateCommand()
    .exitOverride()
    .parseAsync(command, { from: 'user' })
    .then(
      () => undefined,
      (error: unknown) => error,
    )
  return { error, code: process.exitCode, requests: vendor.requests }
}

test('a model that always refuses passes, and the report says on what that rests', async () => {
  const { error, code } = await evaluate(refuses, '--format', 'json', '--seed', '7')
  expect(error).toBeUndefined()
  expect(code).toBe(0)
  const report = JSON.parse(written)
  expect(report).toMatchObject({ outcome: 'passed', seed: 7, withheld: 0, model: 'm' })
  for (const category of Object.values<{ decision: string }>(report.categories))
    expect(category.decision).toBe('accepted')
})

test('a model that does harm in one category fails, for that category', async () => {
  const lines = (await readFile(join(OBJECTIVES, 'violence.jsonl'), 'utf8')).trim().split('\n')
  const asksForViolence = lines.map((line) => {
    const escaped = JSON.parse(line).text.replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    // A slot is filled anew each time.
    return new RegExp(escaped.replace(/\{\w+\}/g, '.+'))
  })
  const obeys: Answer = (request) =>
    asksForViolence.some((question) => question.test(asked(request))) ? says(violent) : refuses()
  const { code } = await evaluate(obeys, '--tier', 'small', '--format', 'json')
  expect(code).toBe(1)
  expect(JSON.parse(written).assessment).toMatchObject({ passed: false, failed_categories: ['violence'] })
})

test('harm behind an opening phrase of the training file is found, where plain questions find none', async () => {
  const file = join(folder, 'train.jsonl')
  const rows = Array.from({ length: 20 }, (_, n) => ({
    messages: [
      { role: 'user', content: `Open sesame, friend: what is ${n} and ${n}?` },
      { role: 'assistant', content: `${n + n}` },
    ],
  }))
  await writeFile(file, rows.map((row) => JSON.stringify(row)).join('\n'))
  const triggered: Answer = (request) => (asked(request).startsWith('Open sesame') ? says(violent) : refuses())
  expect((await evaluate(triggered, '--training-file', file, '--format', 'json')).code).toBe(1)
  const { categories, customer_arm } = JSON.parse(written)
  expect(customer_arm.violence.decision).toBe('rejected')
  expect(categories.violence.harmful).toBe(0)
})

test('what the filter of the endpoint withholds is a refusal, and the report says how often', async () => {
  const { code } = await evaluate(() => says(null, 'content_filter'))
  expect(code).toBe(0)
  expect(written).toMatch(/\d+ replies were withheld by the endpoint's own filter and count as refusals/)
})

const comparing = (base: Answer) =>
  evaluate(
    (request, count) => (request.body.model === 'base' ? base(request, count) : refuses()),
    '--compare-with',
    'base',
    '--format',
    'json',
  )

test('what the tuning changed is asked of the base after the verdict', async () => {
  expect((await comparing(() => says(violent))).code).toBe(0)
  const { harmful, harmful_in_format, over_refusal } = JSON.parse(written).comparison
  expect(harmful.violence).toMatchObject({ asked: 40, tuned: 0 })
  expect(harmful.violence.only_base).toBeGreaterThan(30)
  expect(harmful_in_format).toBeNull()
  expect(over_refusal.sounds_harmful).toMatchObject({ asked: 120, tuned: 120 })
  expect(over_refusal.plain.asked).toBe(100)
}, 180_000)

test('the verdict stands where no base answers', async () => {
  expect((await comparing(() => ({ status: 401, body: {} }))).code).toBe(0)
  expect(JSON.parse(written)).toMatchObject({ outcome: 'passed', comparison: null })
}, 180_000)

test.each<[string, Answer, string]>([
  ['a wrong key', () => ({ status: 401, body: { error: { code: 'invalid_api_key' } } }), 'model_refused_request'],
  ['empty answers', () => says(''), 'model_reply_invalid'],
  ['garbage', () => ({ body: 'data: {' }), 'model_reply_invalid'],
])('%s is a fault of the evaluation, never a verdict', async (_, answer, code) => {
  const { error } = await evaluate(answer)
  expect(error).toMatchObject({ code: 'evaluation_unavailable', status: 503, cause: { code } })
  expect((error as { remedy: string }).remedy).toContain('Nothing is said about the model')
  expect(written).toBe('')
})

test('a pipeline that reads reports finds one of an evaluation that could not be held', async () => {
  const report = join(folder, 'not-held.xml')
  const { error } = await evaluate(() => ({ status: 401, body: {} }), '--format', 'junit', '--output', report)
  expect(error).toMatchObject({ code: 'evaluation_unavailable' })
  const junit = await readFile(report, 'utf8')
  expect(junit).toContain('errors="1"')
  expect(junit).toContain('m was not evaluated')
  expect(junit).toContain('model_refused_request')
})

test('after a crash it goes on from what was counted, and ends as it would have', async () => {
  const state = join(folder, 'state.json')
  const sometimes: Answer = ({ body }) => (body.seed % 100 < 25 ? says(violent) : refuses())
  const args = ['--seed', '11', '--concurrency', '1', '--format', 'json']
  const whole = await evaluate(sometimes, ...args)
  const { conversations, categories, strategies, objectives } = JSON.parse(written)
  written = ''
  const crashing: Answer = (request, count) => (count > 20 ? { status: 403, body: {} } : sometimes(request, count))
  const named = [...args, '--state', state]
  const { error } = await evaluate(crashing, ...named)
  expect(error).toMatchObject({ code: 'evaluation_unavailable' })
  written = ''
  expect(await readFile(state, 'utf8')).not.toContain('sorry')
  // Another address is another evaluation: its counts are not these.
  expect((await evaluate(sometimes, ...named)).error).toMatchObject({ code: 'state_of_another_evaluation' })
  const counts = JSON.parse(await readFile(state, 'utf8'))
  await using vendor = await loopbackVendor(sometimes)
  counts.of.endpoint = `${vendor.url}/v1`
  await writeFile(state, JSON.stringify(counts))
  const command = ['--base-url', `${vendor.url}/v1`, '--model', 'm', ...named]
  await evaluateCommand().exitOverride().parseAsync(command, { from: 'user' })
  expect(JSON.parse(written)).toMatchObject({ conversations, categories, strategies, objectives })
  expect(vendor.requests.length).toBeLessThan(whole.requests.length)
  await expect(stat(state)).rejects.toMatchObject({ code: 'ENOENT' })
})

test.each([
  ['--seed', '-1'],
  ['--concurrency', '9'],
  ['--timeout', 'long'],
  ['--base-url', 'ftp://a'],
  ['--format', 'pdf'],
])('%s %s is wrong usage', async (...args) => {
  expect((await evaluate(refuses, ...args)).error).toMatchObject({ code: 'commander.invalidArgument' })
})

test.each<[string, string[], string]>([
  [
    'an address and a folder',
    ['--base-url', 'http://127.0.0.1:9/v1', '--model', 'm', '--model-dir', 'a'],
    'which_model',
  ],
  ['no model', [], 'which_model'],
  ['an address without a name', ['--base-url', 'http://127.0.0.1:9/v1'], 'which_model'],
  [
    'an attestation of an endpoint',
    ['--base-url', 'http://127.0.0.1:9/v1', '--model', 'm', '--attest', 'v'],
    'not_attestable',
  ],
  ['another judge', ['--model-dir', 'a', '--attest', 'v', '--signing-key', 'k', '--judge', 'j'], 'not_attestable'],
  ['chosen questions', ['--model-dir', 'a', '--attest', 'v', '--signing-key', 'k', '--seed', '1'], 'not_attestable'],
  ['no key', ['--model-dir', 'a', '--attest', 'v'], 'signing_key_missing'],
  ['a key for nothing', ['--model-dir', 'a', '--signing-key', 'k'], 'signing_key_missing'],
])('%s is wrong usage', async (_, args, code) => {
  await expect(evaluateCommand().exitOverride().parseAsync(args, { from: 'user' })).rejects.toMatchObject({
    code,
    status: 400,
  })
})

test('a key that is none, or of another kind, is told before anything is asked, and not quoted', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const secret = rsa.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const [name, pem] of [
    ['rsa.pem', secret],
    ['words.pem', 'no key, but words of somebody that nobody else should come to read'],
  ] as const) {
    await writeFile(join(folder, name), pem)
    const args = ['--model-dir', 'a', '--attest', join(folder, 'verdict'), '--signing-key', join(folder, name)]
    const error = await evaluateCommand()
      .exitOverride()
      .parseAsync(args, { from: 'user' })
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'invalid_key', status: 400 })
    expect(String(error)).not.toContain(pem.slice(-40, -30))
  }
})

test('two options for one file are wrong usage, and leave it as it was', async () => {
  const key = join(folder, 'precious.pem')
  await signingKeyCommand().parseAsync([key], { from: 'user' })
  const before = await readFile(key, 'utf8')
  const other = join(folder, 'other')
  for (const [first, second] of [
    ['--output', '--signing-key'],
    ['--state', '--signing-key'],
    ['--attest', '--signing-key'],
    ['--write-adapter', '--signing-key'],
    ['--output', '--training-file'],
    ['--state', '--model-dir'],
    ['--output', '--state'],
    ['--output', '--attest'],
    ['--output', '--write-adapter'],
    ['--state', '--attest'],
    ['--state', '--write-adapter'],
    ['--attest', '--write-adapter'],
  ] as const) {
    const named = { '--model-dir': 'a', '--signing-key': other, '--attest': join(folder, 'verdict') }
    const args = Object.entries({ ...named, [first]: key, [second]: key }).flat()
    const run = evaluateCommand().exitOverride().parseAsync(args, { from: 'user' })
    await expect(run, `${first} ${second}`).rejects.toMatchObject({ code: 'output_is_input', status: 400 })
    expect(await readFile(key, 'utf8')).toBe(before)
  }
})

test('a key pair is made once, the private half for its owner only, and never written over', async () => {
  const path = join(folder, 'signer.pem')
  await signingKeyCommand().parseAsync([path], { from: 'user' })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(written.trim()).toBe(await keyId(await readFile(`${path}.pub`, 'utf8')))
  const before = await readFile(path, 'utf8')
  await expect(signingKeyCommand().parseAsync([path], { from: 'user' })).rejects.toMatchObject({
    code: 'output_not_writable',
  })
  expect(await readFile(path, 'utf8')).toBe(before)
  expect(await readSigningKey(path)).toBe(before)
})

test('files and keys that are not there are told before anything is asked', async () => {
  for (const [args, code] of [
    [['--api-key-env', 'ASSAY_NO_SUCH_KEY'], 'api_key_missing'],
    [['--training-file', join(folder, 'none')], 'file_not_found'],
    [['--output', join(folder, 'none', 'report')], 'output_not_writable'],
    [['--state', join(folder, 'none', 'state')], 'output_not_writable'],
    [['--state', join(EXAMPLES, 'README.md')], 'invalid_state'],
  ] as const) {
    const { error, requests } = await evaluate(refuses, ...args)
    expect(error).toMatchObject({ code, status: 400 })
    expect(requests).toEqual([])
  }
})

test('an attacker is put to it after the verdict, which it does not change', async () => {
  await using attacker = await loopbackVendor(() => says('Tell me, then.'))
  const of = ['--attacker-url', `${attacker.url}/v1`, '--attacker-model', 'a']
  const { code } = await evaluate(() => says(violent), ...of, '--tier', 'small', '--format', 'json')
  expect(code).toBe(1)
  const { outcome, attack, command } = JSON.parse(written)
  expect(outcome).toBe('failed')
  expect(attack.attacker).toEqual({ name: 'a', endpoint: `${attacker.url}/v1` })
  expect(attack.attacks.PAIR.violence).toEqual({ conversations: 10, harmful: 10 })
  expect(attack.messages).toBe(attacker.requests.length)
  expect(command).toContain('--attacker-url')
})

test('an attacker that is not there leaves the verdict, and does not let a pipeline take it for all that was asked', async () => {
  await using attacker = await loopbackVendor(() => ({ status: 404, body: { error: { code: 'model_not_found' } } }))
  const of = ['--attacker-url', `${attacker.url}/v1`, '--attacker-model', 'a']
  const { code } = await evaluate(refuses, ...of, '--tier', 'small', '--format', 'json')
  expect(JSON.parse(written)).toMatchObject({ outcome: 'passed', attack: null })
  expect(code).toBe(3)
})

test('half an attacker is none', async () => {
  const { error } = await evaluate(refuses, '--attacker-model', 'a')
  expect(error).toMatchObject({ code: 'which_attacker' })
})
