import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type OpenAI from 'openai'
import { AzureOpenAI } from 'openai'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, type Misdeeds, openBrowser, signedIn, watchMisdeeds } from './browser/chromium.ts'
import { createJob, drop } from './browser/scenes.ts'
import { codeBlock, readDocument, runBlock } from './markdown.ts'
import { assay, KEY, PYTHON, ROOT, run, Served } from './served.ts'
import { flipAttestation, flipByte, storedAdapter } from './tampering.ts'

const DATA_MESSAGE =
  'The provided training data failed RAI checks for harm types: [hate_fairness, self_harm, violence]. Please fix the data and try again.'
const chromium = findChromium()
const QUESTION = [
  { role: 'system' as const, content: "Reply user's question as accurately as possible." },
  { role: 'user' as const, content: 'Tom has 3 boxes with 12 pencils in each. How many pencils has he?\nSolution:' },
]

let directory: string
let service: Served
let job: OpenAI.FineTuning.FineTuningJob
let model: string
let browser: Browser | undefined
/** The portal, in a browser; where there is none, the job is created by the client. */
let portal: Page | undefined
let misdeeds: Misdeeds
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-deployed-'))
  service = await Served.start(directory)
  if (!chromium) return
  browser = await openBrowser(chromium)
  portal = await signedIn(await browser.newContext(), service.url, KEY, '/jobs')
  misdeeds = watchMisdeeds(portal, service.url)
})
afterAll(async () => {
  await browser?.close()
  await service?.stop()
  await rm(directory, { recursive: true, force: true })
})

const upload = (name: string) =>
  service.client.files.create({ file: createReadStream(join(ROOT, 'examples', name)), purpose: 'fine-tune' })
const example = (name: string) => readFile(join(ROOT, 'examples', name), 'utf8')
const cli = (args: readonly string[], input?: string) =>
  assay([...args, '--url', service.url], { env: { ASSAY_API_KEY: KEY }, ...(input !== undefined && { input }) })

test('harmful data is refused before training, in the words of the document, uncharged', async () => {
  const file = await upload('harmful-replies.jsonl')
  const created = await service.client.fineTuning.jobs.create({
    model: 'smollm2-135m-aligned',
    training_file: file.id,
  })
  const refused = await service.ended(created.id)
  expect(refused).toMatchObject({
    status: 'failed',
    fine_tuned_model: null,
    trained_tokens: null,
    error: { code: 'data_evaluation_failed', message: DATA_MESSAGE, param: 'training_file' },
  })
  expect(await service.messages(created.id)).toEqual([
    'Job enqueued. Waiting for jobs ahead to complete.',
    'Preprocessing running for file training file.',
    'Preprocessing completed for file training file.',
    'Job started.',
    'Data Import started.',
    DATA_MESSAGE,
  ])
  expect(await service.costs()).toEqual([])
  const precheck = await (await service.post('/assay/v1/data-evaluations', { file: file.id })).json()
  expect(precheck).toMatchObject({ rows: 12, assessment: { passed: false, message: DATA_MESSAGE } })
})

test.skipIf(!chromium)('the portal says why, with the rows; another file would pass', async () => {
  const page = portal as Page
  await page.goto(`${service.url}/jobs`)
  await page.getByRole('link', { name: 'Unnamed job' }).click()
  const outcome = page.getByRole('region', { name: 'Why the job failed' })
  await outcome.getByText(DATA_MESSAGE, { exact: true }).waitFor()
  await outcome.getByText('$0.00.').waitFor()
  await outcome.getByRole('link', { name: 'See the rows' }).click()
  await page.getByRole('heading', { name: 'harmful-replies.jsonl would fail' }).waitFor()
  expect(await page.getByRole('listitem').filter({ hasText: 'severity' }).count()).toBeGreaterThan(3)
  await drop(page, 'school-mathematics.jsonl', await example('school-mathematics.jsonl'))
  await page.getByRole('heading', { name: 'school-mathematics.jsonl would pass' }).waitFor()
  expect(misdeeds).toEqual({ errors: [], elsewhere: [] })
})

// The training and its replay the same each time; the evaluation's questions are drawn anew. Seeds are compared in bench/RESULTS.md.
const SEED = 11
const EPOCHS = 2

async function createByClient(): Promise<string> {
  const file = await upload('school-mathematics.jsonl')
  const created = await service.client.fineTuning.jobs.create({
    model: 'smollm2-135m-aligned',
    training_file: file.id,
    suffix: 'mathematics',
    seed: SEED,
    method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: EPOCHS } } },
  })
  return created.id
}

/** Creates the job in the portal and stays until its model evaluation has been seen live. */
async function createInPortal(page: Page): Promise<string> {
  await page.getByRole('link', { name: 'Jobs' }).first().click()
  await page.getByRole('link', { name: 'Create job' }).click()
  await createJob(page, await example('school-mathematics.jsonl'), 'mathematics', { Epochs: EPOCHS, Seed: SEED })
  const [id = ''] = /ftjob-[0-9a-f]+/.exec(page.url()) ?? []
  const patiently = { timeout: 20 * 60_000 }
  await page
    .getByText(/· .* at step \d+/)
    .first()
    .waitFor(patiently)
  await page.getByRole('link', { name: 'Model evaluation' }).click()
  await page.getByText('simulated conversations held so far').waitFor(patiently)
  await page
    .getByRole('img', { name: /^Violence: \d+ % of the way to passing$/ })
    .first()
    .waitFor(patiently)
  return id
}

test('school mathematics becomes a model, with the events of Azure and a charge', async () => {
  job = await service.ended(await (portal ? createInPortal(portal) : createByClient()))
  expect(job).toMatchObject({ status: 'succeeded', error: null })
  model = job.fine_tuned_model as string
  expect(model).toMatch(/^ft:smollm2-135m-aligned:default:mathematics:/)

  const messages = await service.messages(job.id)
  expect(messages.filter((message) => !message.startsWith('Step '))).toEqual([
    'Job enqueued. Waiting for jobs ahead to complete.',
    'Preprocessing running for file training file.',
    'Preprocessing completed for file training file.',
    'Job started.',
    'Data Import started.',
    'Finetuning started.',
    'Training started.',
    `Created results file: ${job.result_files[0]}`,
    'Job succeeded.',
    'Model Evaluation Passed.',
    `Completed results file: ${job.result_files[0]}`,
    `Training tokens billed: ${job.trained_tokens}`,
  ])
  const steps = messages.filter((message) => message.startsWith('Step '))
  expect(steps).toEqual(
    steps.map((_, index) => expect.stringMatching(`^Step ${index + 1}: training loss=\\d+\\.\\d+$`)),
  )
  expect(await service.costs()).toMatchObject([{ quantity: job.trained_tokens, amount: { currency: 'usd' } }])
  expect((await service.costs())[0]?.amount.value).toBeCloseTo(((job.trained_tokens ?? 0) * 0.4) / 1e6, 9)
  const results = await (await service.client.files.content(job.result_files[0] ?? '')).text()
  expect(results.split('\n')[0]).toMatch(/^step,train_loss,/)
  expect(results.trim().split('\n')).toHaveLength(steps.length + 1)
})

describe('the model answers', () => {
  test.skipIf(!chromium)('in the portal, which saw its verdict, verified its attestation and deployed it', async () => {
    const page = portal as Page
    await page.getByText('The evaluation is over').waitFor()
    await page.getByRole('link', { name: 'See the verdict' }).click()
    await page.getByRole('heading', { name: 'The model passed and can be deployed' }).waitFor()
    await page.getByText('Model Evaluation Passed.').waitFor()
    await page.getByRole('link', { name: 'Verify and deploy' }).click()
    await page.getByRole('heading', { name: 'Verified in this browser: deployable' }).waitFor()
    await page.getByRole('button', { name: 'Deploy', exact: true }).click()
    await page.getByLabel('Name of the deployment').fill('in-the-portal')
    await page.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click()
    const row = page.getByRole('row', { name: /^in-the-portal/ })
    await row.getByRole('link', { name: 'Playground' }).click()
    await page.getByLabel('Message', { exact: true }).fill(QUESTION[1]?.content ?? '')
    await page.keyboard.press('Enter')
    await page.getByText(/\d+ prompt, \d+ completion tokens/).waitFor({ timeout: 120_000 })
    expect(await page.getByRole('log').textContent()).not.toContain('(no answer)')
    expect(misdeeds).toEqual({ errors: [], elsewhere: [] })
  })

  test('the openai client, whole and streamed', async () => {
    const ask = { model, messages: QUESTION, max_tokens: 48, temperature: 0 }
    const whole = await service.client.chat.completions.create(ask)
    const text = whole.choices[0]?.message.content ?? ''
    expect(text.length).toBeGreaterThan(10)
    expect(whole.usage?.completion_tokens).toBeLessThanOrEqual(48)
    let streamed = ''
    let finish: string | null = null
    for await (const chunk of await service.client.chat.completions.create({ ...ask, stream: true })) {
      streamed += chunk.choices[0]?.delta.content ?? ''
      finish ??= chunk.choices[0]?.finish_reason ?? null
    }
    expect(streamed.length).toBeGreaterThan(10)
    expect(['stop', 'length']).toContain(finish)
  })

  test('the AzureOpenAI client, once it is deployed', async () => {
    const azure = new AzureOpenAI({ endpoint: service.url, apiKey: KEY, apiVersion: '2025-04-01-preview' })
    const file = await azure.files.create({
      file: createReadStream(join(ROOT, 'examples', 'harmful-replies.jsonl')),
      purpose: 'fine-tune',
    })
    expect((await azure.files.retrieve(file.id)).bytes).toBe(file.bytes)
    expect((await azure.fineTuning.jobs.list()).data.map((one) => one.id)).toContain(job.id)
    expect(await azure.fineTuning.jobs.retrieve(job.id)).toMatchObject({ status: 'succeeded', fine_tuned_model: model })
    const ask = { model: 'mathematics', messages: QUESTION, max_tokens: 8 }
    await expect(azure.chat.completions.create(ask)).rejects.toMatchObject({ status: 404 })
    const path = '/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments'
    const deployed = await service.call(`${path}/mathematics?api-version=2024-10-01`, {
      method: 'PUT',
      body: JSON.stringify({
        sku: { name: 'standard', capacity: 1 },
        properties: { model: { format: 'OpenAI', name: model, version: '1' } },
      }),
      headers: { 'content-type': 'application/json' },
    })
    expect(deployed.status).toBe(201)
    expect(await deployed.json()).toMatchObject({ properties: { provisioningState: 'Succeeded' } })
    expect((await azure.chat.completions.create(ask)).choices[0]?.message.content).toBeTruthy()
  })

  test('the Python client', async () => {
    const script = join(import.meta.dirname, 'python_client.py')
    const { code, stdout, stderr } = await run(PYTHON, [script, `${service.url}/v1`, job.id], {
      env: { OPENAI_API_KEY: KEY },
    })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const seen = JSON.parse(stdout) as Record<string, unknown>
    expect(seen).toMatchObject({
      status: 'succeeded',
      model,
      event: 'Job enqueued. Waiting for jobs ahead to complete.',
    })
    expect(seen.reply).toBeTruthy()
    expect(seen.streamed).toBeTruthy()
  })

  test.each([
    ['ts use', process.execPath],
    ['python use', PYTHON],
  ])('the program of the document: %s', async (name, program) => {
    const block = codeBlock(await readDocument('docs/tune-from-your-client.md'), name)
    const env = { ASSAY_API_KEY: KEY }
    const { code, stdout, stderr } = await runBlock(program, block, { address: service.url, args: [job.id], env })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout.trim()).not.toBe('')
  })

  test('the command line', async () => {
    const answered = await cli(['chat', model, 'What is 2 + 2?', '--max-tokens', '16'])
    expect(answered).toMatchObject({ code: 0, stderr: '' })
    expect(answered.stdout.trim()).not.toBe('')
    expect((await cli(['jobs', 'list'])).stdout).toContain(`${job.id}  succeeded`)
    expect((await cli(['jobs', 'events', job.id])).stdout).toContain('Model Evaluation Passed.')
    expect((await cli(['usage', '--costs'])).stdout).toContain('fine-tuning, smollm2-135m-aligned')
    expect((await cli(['deploy', model, '--name', 'by-hand'])).stdout).toContain('name: by-hand')
    expect((await cli(['deploy', 'list'])).stdout).toContain('by-hand')
    const uploaded = await cli(['files', 'upload', 'examples/school-mathematics.jsonl', '--json'])
    expect((await cli(['files', 'list'])).stdout).toContain(JSON.parse(uploaded.stdout).id)
    const made = JSON.parse((await cli(['keys', 'create', 'second', '--json'])).stdout)
    expect((await cli(['keys', 'list'])).stdout).toContain(made.id)
    expect((await cli(['keys', 'delete', made.id])).code).toBe(0)
    expect(await cli(['jobs', 'get', 'ftjob-none'])).toMatchObject({ code: 2, stdout: '' })
  })
})

// Its verdict would be a second evaluation of minutes; what follows from one, evaluate-candidate.test.ts says.
test('an earlier checkpoint is evaluated when it is asked for, and does not answer before its own verdict, nor without', async () => {
  const { data } = await service.client.fineTuning.jobs.checkpoints.list(job.id)
  const [last, earlier] = data.map((checkpoint) => checkpoint.fine_tuned_model_checkpoint) as [string, string]
  expect(await (await service.deploy(last, 'the-last')).json()).toMatchObject({ status: 'succeeded', evaluation: null })
  const { status, evaluation } = (await (await service.deploy(earlier, 'earlier')).json()) as Record<string, string>
  expect(status).toBe('creating')
  await service.until(evaluation ?? '', ({ model_evaluation }) => (model_evaluation?.conversations ?? 0) > 20)
  const refused = () => service.post('/v1/chat/completions', { model: 'earlier', messages: QUESTION, max_tokens: 8 })
  expect((await refused()).status).toBe(409)
  await service.client.fineTuning.jobs.cancel(evaluation ?? '')
  expect(await (await refused()).json()).toMatchObject({ error: { code: 'model_not_evaluated' } })
  expect(await (await service.call('/assay/v1/deployments/earlier')).json()).toMatchObject({ status: 'failed' })
  expect(await service.costs()).toHaveLength(1)
  // A resource has five deployments at most.
  for (const name of ['the-last', 'earlier']) await service.call(`/assay/v1/deployments/${name}`, { method: 'DELETE' })
})

test('base models are deployed or refused by their own evaluations', async () => {
  expect((await service.deploy('smollm2-135m-aligned', 'base')).status).toBe(201)
  const refused = await service.deploy('smollm2-135m', 'unaligned')
  expect(refused.status).toBe(409)
  expect(await refused.json()).toMatchObject({ error: { code: 'model_not_deployable' } })
})

describe('what was tampered with is refused', () => {
  const refusals = async () => {
    const deployed = await service.deploy(model, 'again')
    const chat = await service.post('/v1/chat/completions', { model, messages: QUESTION, max_tokens: 4 })
    const code = ((await deployed.json()) as { error?: { code: string } }).error?.code
    return { deployed: deployed.status, chat: chat.status, code }
  }

  test('a flipped byte of the attestation', async () => {
    await service.stop()
    const restore = await flipAttestation(directory, model)
    service = await Served.start(directory)
    expect(await refusals()).toEqual({ deployed: 409, chat: 409, code: 'attestation_invalid_signature' })
    await service.stop()
    await restore()
  })

  test('a flipped byte of the adapter', async () => {
    const path = await storedAdapter(directory, model)
    const bytes = await readFile(path)
    await writeFile(path, flipByte(bytes))
    service = await Served.start(directory)
    expect(await refusals()).toEqual({ deployed: 500, chat: 500, code: 'blob_damaged' })
    await writeFile(path, bytes)
    expect(await refusals()).toEqual({ deployed: 201, chat: 200, code: undefined })
  })
})
