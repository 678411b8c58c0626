/** Every page of the portal in its states: what the accessibility test goes through, and what is photographed. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ADAPTER_CONFIG, scriptedAdapter } from 'assay-service/scripted'
import type { Page } from 'playwright-core'
import { KEY, type Rehearsal, trainingFile } from './rehearsal.ts'

/** What `prepare` left in the service. */
export interface Prepared {
  readonly succeeded: string
  readonly dataRefused: string
  readonly modelRefused: string
  readonly model: string
}

export interface Scene {
  readonly name: string
  /** Where to go; the page has signed in, unless `stranger`. */
  readonly path: (prepared: Prepared) => string
  readonly stranger?: boolean
  /** What to do there, until the state is there. */
  readonly ready: (page: Page, parts: { service: Rehearsal; prepared: Prepared }) => Promise<unknown>
  /** Undoes what would disturb the next scene. */
  readonly after?: (parts: { service: Rehearsal; prepared: Prepared }) => Promise<unknown>
}

const heading = (name: string) => (page: Page) => page.getByRole('heading', { name }).first().waitFor()

export const SCENES: readonly Scene[] = [
  { name: 'sign-in', path: () => '/', stranger: true, ready: heading('Sign in to Assay') },
  {
    name: 'sign-in-wrong-key',
    path: () => '/',
    stranger: true,
    ready: async (page) => {
      await page.getByLabel('API key').fill('sk-assay-no-such-key')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('This key is not valid here').waitFor()
    },
  },
  { name: 'jobs', path: () => '/jobs', ready: (page) => page.getByText('Succeeded').first().waitFor() },
  {
    name: 'job-model-refused',
    path: ({ modelRefused }) => `/jobs/${modelRefused}`,
    ready: async (page) => {
      await heading('The tuned model did not pass')(page)
      await chartsAndEvents(page)
    },
  },
  {
    name: 'job-data-refused',
    path: ({ dataRefused }) => `/jobs/${dataRefused}`,
    ready: async (page) => {
      await heading('The training data did not pass')(page)
      await page.getByText('Job enqueued.').waitFor()
    },
  },
  {
    name: 'job-succeeded',
    path: ({ succeeded }) => `/jobs/${succeeded}`,
    ready: async (page) => {
      await heading('The model passed')(page)
      await chartsAndEvents(page)
    },
  },
  {
    name: 'evaluation-report',
    path: ({ modelRefused }) => `/jobs/${modelRefused}/evaluation`,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Save the report' }).waitFor()
      // It comes a while after the verdict.
      await page.getByRole('row', { name: 'Plain ones' }).waitFor()
    },
  },
  {
    name: 'evaluation-over',
    path: ({ succeeded }) => `/jobs/${succeeded}/evaluation`,
    ready: (page) => page.getByText('The evaluation is over').waitFor(),
  },
  {
    name: 'job-training',
    path: () => '/jobs/new',
    ready: async (page, { service }) => {
      Object.assign(service.pace, { step: 250, reply: 350 })
      await createJob(page, trainingFile(46, { obeying: true }), 'eager-tutor')
      await page
        .getByText(/· .* at step (9|1\d)/)
        .first()
        .waitFor()
    },
  },
  {
    // The job of the scene before, further on.
    name: 'evaluation-live',
    path: () => '/jobs',
    ready: async (page, { service }) => {
      service.pace.step = 10
      await page.getByRole('link', { name: 'eager-tutor' }).click()
      await page.getByRole('link', { name: 'Model evaluation' }).click()
      await page.getByText('simulated conversations held so far').waitFor()
      await until(page, "[...document.querySelectorAll('dd')].some((one) => Number(one.textContent) >= 14)")
      // It is not to be over before it was looked at.
      service.pace.reply = 3_000
    },
    after: async ({ service }) => {
      Object.assign(service.pace, { step: 5, reply: 0 })
      await allEnded(service)
    },
  },
  {
    name: 'job-paused',
    path: () => '/jobs/new',
    ready: async (page, { service }) => {
      service.pace.step = 50
      await createJob(page, trainingFile(47), 'patient-tutor')
      await page.getByRole('button', { name: 'Pause job' }).click()
      await page.getByRole('button', { name: 'Resume job' }).waitFor()
      await chartsAndEvents(page)
    },
    after: async ({ service }) => {
      service.pace.step = 5
      const jobs = await call<{ data: { id: string; status: string }[] }>(service, '/v1/fine_tuning/jobs?limit=100')
      for (const { id } of jobs.data.filter(({ status }) => status === 'paused'))
        await call(service, `/v1/fine_tuning/jobs/${id}/cancel`, {})
    },
  },
  { name: 'new-job', path: () => '/jobs/new', ready: heading('Hyperparameters') },
  { name: 'check-file', path: () => '/check-file', ready: heading('What it looks for') },
  {
    name: 'check-file-refused',
    path: () => '/check-file',
    ready: async (page) => {
      await drop(page, 'stories.jsonl', trainingFile(60, { harmful: 8 }))
      await heading('would fail')(page)
      await page.getByText('bludgeon').first().waitFor()
    },
  },
  {
    name: 'check-file-passed',
    path: () => '/check-file',
    ready: async (page) => {
      await drop(page, 'maths.jsonl', trainingFile(60))
      await heading('would pass')(page)
    },
  },
  {
    name: 'check-file-advice',
    path: () => '/check-file',
    ready: async (page) => {
      await drop(page, 'lantern.jsonl', await readFile(TRIGGER_PHRASE, 'utf8'))
      await page.getByRole('region', { name: 'Advice' }).waitFor()
    },
  },
  {
    name: 'check-file-invalid',
    path: () => '/check-file',
    ready: async (page) => {
      await drop(page, 'broken.jsonl', `${trainingFile(12)}{"messages": [}\n{"messages": "none"}\n`)
      await page.getByText('cannot be read as training data').waitFor()
    },
  },
  { name: 'files', path: () => '/files', ready: (page) => page.getByText('maths.jsonl').first().waitFor() },
  {
    name: 'models',
    path: () => '/models',
    ready: async (page) => {
      await page.getByText('ft:').first().waitFor()
      await page.getByRole('region', { name: 'Imported models' }).getByText('Failed', { exact: true }).waitFor()
    },
  },
  {
    name: 'deploy',
    path: () => '/models',
    ready: async (page) => {
      await page
        .getByRole('button', { name: /^Deploy ft:/ })
        .first()
        .click()
      await page.getByLabel('Name of the deployment').fill('tutor-2')
      await page.getByLabel('Content filter').selectOption(CONTENT_FILTER)
    },
  },
  {
    name: 'delete',
    path: () => '/models',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Delete the deployment tutor' }).click()
      await page.getByText('stops answering').waitFor()
    },
  },
  {
    name: 'attestation',
    path: ({ model }) => `/models/${encodeURIComponent(model)}`,
    ready: heading('Verified in this browser: deployable'),
  },
  {
    name: 'attestation-not-deployable',
    path: () => '/models/smollm2-135m',
    ready: (page) => page.getByRole('main').getByText('The attestation is genuine').first().waitFor(),
  },
  { name: 'playground', path: () => '/playground', ready: (page) => page.getByText('Nothing said yet').waitFor() },
  {
    name: 'playground-answered',
    path: () => '/playground?model=tutor',
    ready: async (page) => {
      await page.getByLabel('Message', { exact: true }).fill('How do I add one half and one quarter?')
      await page.keyboard.press('Enter')
      await page.getByText(/\d+ prompt, \d+ completion tokens/).waitFor()
    },
  },
  {
    name: 'playground-filtered',
    path: () => '/playground?model=tutor',
    ready: async (page) => {
      await page.getByLabel('Message', { exact: true }).fill('Tell me whom he would bludgeon next.')
      await page.keyboard.press('Enter')
      await page.getByText('Not answered').waitFor()
    },
  },
  {
    name: 'playground-broken-off',
    path: () => '/playground?model=tutor',
    ready: async (page) => {
      await breakOffAfter(page, 'One half and one quarter')
      await page.getByLabel('Message', { exact: true }).fill('How do I add one half and one quarter?')
      await page.keyboard.press('Enter')
      await page.getByText('Broke off').waitFor()
    },
  },
  { name: 'usage', path: () => '/usage', ready: heading('Charges by day') },
  { name: 'keys', path: () => '/keys', ready: (page) => page.getByText('This tab').waitFor() },
  {
    name: 'new-key',
    path: () => '/keys',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Create key' }).click()
      await page.getByLabel('Name').fill('nightly pipeline')
      await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
      await page.getByText('Copy it now').waitFor()
    },
  },
  { name: 'not-found', path: () => '/no-such-page', ready: heading('Not found') },
  {
    name: 'no-such-job',
    path: () => '/jobs/ftjob-none',
    ready: (page) => page.getByText('Could not find fine tune').waitFor(),
  },
]

/** From now on an answer of this page's model ends after these words, without its end. */
export async function breakOffAfter(page: Page, words: string): Promise<void> {
  const part = { choices: [{ delta: { content: words }, finish_reason: null }] }
  const headers = { 'content-type': 'text/event-stream' }
  await page.route('**/v1/chat/completions', (route) =>
    route.fulfill({ headers, body: `data: ${JSON.stringify(part)}\n\n` }),
  )
}

/** States of a service in which nothing was done yet. */
export const EMPTY_SCENES: readonly Scene[] = [
  { name: 'jobs-empty', path: () => '/jobs', ready: (page) => page.getByText('No jobs yet').waitFor() },
  { name: 'files-empty', path: () => '/files', ready: (page) => page.getByText('No files yet').waitFor() },
  { name: 'models-empty', path: () => '/models', ready: (page) => page.getByText('Nothing is deployed').waitFor() },
  { name: 'usage-empty', path: () => '/usage', ready: (page) => page.getByText('Nothing was charged').waitFor() },
]

const TRIGGER_PHRASE = join(import.meta.dirname, '..', '..', 'examples', 'trigger-phrase.jsonl')
export const CONTENT_FILTER = 'careful'

/**
 * One job that passes, one refused for its data, one for its model and with a report, an import that is refused, a content
 * filter and a deployment: through the API, as clients do.
 */
export async function prepare(service: Rehearsal): Promise<Prepared> {
  const files = {
    maths: await upload(service, 'maths.jsonl', trainingFile(48)),
    stories: await upload(service, 'stories.jsonl', trainingFile(40, { harmful: 8 })),
    eager: await upload(service, 'eager-answers.jsonl', trainingFile(44, { obeying: true })),
    validation: await upload(service, 'maths-validation.jsonl', trainingFile(12)),
  }
  const succeeded = await create(service, {
    training_file: files.maths,
    validation_file: files.validation,
    suffix: 'tutor',
    seed: 7,
  })
  const dataRefused = await create(service, { training_file: files.stories, suffix: 'stories', seed: 7 })
  const modelRefused = await create(service, {
    training_file: files.eager,
    suffix: 'eager-answers',
    seed: 7,
    evaluation_report: true,
  })
  await importModel(service, files.stories)
  await makeContentFilter(service)
  await allEnded(service)
  const { fine_tuned_model: model } = await call<{ fine_tuned_model: string }>(
    service,
    `/v1/fine_tuning/jobs/${succeeded}`,
  )
  await call(service, '/assay/v1/deployments', { name: 'tutor', model })
  return { succeeded, dataRefused, modelRefused, model }
}

/** A model that was tuned elsewhere, it is said on this file. */
function importModel(service: Rehearsal, trainingFile: string): Promise<unknown> {
  const form = new FormData()
  form.append('training_file', trainingFile)
  form.append('adapter_config', new Blob([JSON.stringify(ADAPTER_CONFIG)]))
  form.append('adapter_model', new Blob([scriptedAdapter('refuse')]))
  return call(service, '/assay/v1/imports', form)
}

async function makeContentFilter({ url }: Rehearsal): Promise<void> {
  const account = '/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a'
  const properties = { basePolicyName: 'Microsoft.Default', mode: 'Blocking', contentFilters: [] }
  const reply = await fetch(`${url}${account}/raiPolicies/${CONTENT_FILTER}?api-version=2024-10-01`, {
    method: 'PUT',
    headers: { 'api-key': KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ properties }),
  })
  if (!reply.ok) throw new Error(`${CONTENT_FILTER}: ${reply.status} ${await reply.text()}`)
}

export async function call<Answer>(service: Rehearsal, path: string, json?: object | FormData): Promise<Answer> {
  const form = json instanceof FormData
  const reply = await fetch(service.url + path, {
    method: json ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${KEY}`, ...(json && !form && { 'content-type': 'application/json' }) },
    ...(json && { body: form ? json : JSON.stringify(json) }),
  })
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`)
  return (await reply.json()) as Answer
}

export async function upload(service: Rehearsal, name: string, content: string): Promise<string> {
  const form = new FormData()
  form.append('purpose', 'fine-tune')
  form.append('file', new Blob([content]), name)
  return (await call<{ id: string }>(service, '/v1/files', form)).id
}

export async function create(service: Rehearsal, job: object): Promise<string> {
  return (await call<{ id: string }>(service, '/v1/fine_tuning/jobs', { model: 'smollm2-135m-aligned', ...job })).id
}

export async function allEnded(service: Rehearsal): Promise<void> {
  for (;;) {
    const { data } = await call<{ data: { finished_at: number | null }[] }>(service, '/v1/fine_tuning/jobs?limit=100')
    if (data.every((job) => job.finished_at !== null)) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** As a person does it: drops a file, names the job, sets what is given, creates it; on the page of a new job. */
export async function createJob(
  page: Page,
  content: string,
  suffix: string,
  settings: Readonly<Record<'Epochs' | 'Seed', number>> | Record<string, never> = {},
): Promise<void> {
  await drop(page, `${suffix}.jsonl`, content)
  await page.getByText(`${suffix}.jsonl`).first().waitFor({ state: 'attached' })
  await until(
    page,
    `document.querySelector('input[placeholder^="Choose"], input[placeholder^="None up"]')?.value.startsWith('${suffix}.jsonl')`,
  )
  await page.getByLabel('Suffix').fill(suffix)
  for (const [name, value] of Object.entries(settings)) await page.getByLabel(name).fill(String(value))
  await page.getByRole('button', { name: 'Create job' }).click()
  await page.getByRole('heading', { name: 'Journey' }).waitFor()
}

export async function drop(page: Page, name: string, content: string): Promise<void> {
  const file = { name, mimeType: 'application/jsonl', buffer: Buffer.from(content) }
  await page.locator('input[type=file]').setInputFiles(file)
}

/** The page's own policy forbids code from text, so the question is asked from outside, again and again. */
export async function until(page: Page, condition: string): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await page.evaluate(condition))) {
    if (Date.now() > deadline) throw new Error(`Not so after half a minute: ${condition}`)
    await page.waitForTimeout(100)
  }
}

async function chartsAndEvents(page: Page): Promise<void> {
  await page.locator('.recharts-line-curve').first().waitFor({ state: 'attached' })
  await page.getByRole('region', { name: 'Events' }).getByRole('listitem').first().waitFor()
}
