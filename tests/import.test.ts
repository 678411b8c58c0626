import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeBlock, readDocument } from './markdown.ts'
import { assay, KEY, PYTHON, ROOT, Served, shell } from './served.ts'

// Tuned by a script of somebody else's, evaluated and attested without a server, imported and deployed on that word.

const TRAINING_FILE = join(ROOT, 'examples', 'school-mathematics.jsonl')

let directory: string
let service: Served | undefined
const at = (name: string) => join(directory, name)
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-import-'))
})
afterAll(async () => {
  await service?.stop()
  await rm(directory, { recursive: true, force: true })
})

const client = (args: readonly string[]) =>
  assay([...args, '--url', service?.url ?? ''], { env: { ASSAY_API_KEY: KEY } })

/** The commands of docs/evaluate-a-model.md, without what it says of each. */
const commands = codeBlock(await readDocument('docs/evaluate-a-model.md'), 'sh elsewhere')
  .trim()
  .split('\n')
  .map((line) => line.replace(/ +#.*/, ''))
const [writeBase = '', tune = '', makeKey = '', evaluate = '', verifyIt = '', importIt = '', ...more] = commands

const typed = (command: string, env: NodeJS.ProcessEnv = {}) => shell(command, { cwd: directory, env })

test('a plain script tunes on the base that `assay base` wrote', async () => {
  expect(await typed(writeBase)).toMatchObject({ code: 0 })
  await copyFile(join(import.meta.dirname, 'tune_elsewhere.py'), at('my_script.py'))
  await copyFile(TRAINING_FILE, at('train.jsonl'))
  const tuning = `PATH='${dirname(PYTHON)}':$PATH ${tune} ./smollm2-135m-aligned train.jsonl ./adapter`
  const { code, stderr } = await typed(tuning, { HF_HUB_OFFLINE: '1' })
  expect(code, stderr).toBe(0)
  expect(JSON.parse(await readFile(at('adapter/adapter_config.json'), 'utf8'))).toMatchObject({ peft_type: 'LORA' })
})

test('it is evaluated as the gate would, and what is signed is verified offline', async () => {
  expect(await typed(makeKey)).toMatchObject({ code: 0 })
  // With the training file it would ask twice as much; evaluate.test.ts does.
  expect(evaluate).toContain(' --training-file train.jsonl')
  const here = evaluate.replace(' --training-file train.jsonl', '')
  const evaluated = await typed(`${here} --format json --output report.json`)
  expect(evaluated.code, evaluated.stderr).toBe(0)
  const report = JSON.parse(await readFile(at('report.json'), 'utf8'))
  expect(report).toMatchObject({
    outcome: 'passed',
    endpoint: null,
    adapter: { base_model: { name: 'smollm2-135m-aligned' } },
  })
  const verify = (model: string, key = at('signer.pem.pub')) =>
    assay(['verify', at('verdict.json'), '--model', model, '--key', key])
  const verified = await typed(verifyIt)
  expect(verified.code, verified.stderr).toBe(0)
  expect(JSON.parse(verified.stdout)).toMatchObject({
    deployable: true,
    outcome: 'passed',
    baseModel: report.adapter.base_model,
  })
  expect(await verify(join(ROOT, 'weights', 'alignment', 'adapter.gguf'))).toMatchObject({ code: 2 })
  expect(await verify(at('adapter.gguf'), join(ROOT, 'weights', 'attestations', 'release-key.pem'))).toMatchObject({
    code: 2,
  })
})

test('the service that trusts the key deploys it without asking again, and it answers', async () => {
  service = await Served.start(at('data'), ['--trust-key', at('signer.pem.pub')])
  const imported = await typed(`${importIt} --json`, { ASSAY_URL: service.url, ASSAY_API_KEY: KEY })
  expect(imported.code, imported.stderr).toBe(0)
  const { id, model, attestation } = JSON.parse(imported.stdout)
  expect(attestation).toBe('accepted')
  expect((await service.messages(id)).some((message) => message.startsWith('Model evaluation enqueued'))).toBe(false)
  expect((await client(['deploy', model, '--name', 'elsewhere'])).code).toBe(0)
  const answered = await client(['chat', 'elsewhere', 'What is 2 + 2?', '--max-tokens', '16'])
  expect(answered).toMatchObject({ code: 0, stderr: '' })
  expect(answered.stdout.trim()).not.toBe('')
  expect(await service.costs()).toEqual([])
  expect(more).toEqual([])
})
