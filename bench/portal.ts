import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, openDataDirectory } from 'assay-service/storage'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openBrowser, signedIn } from './chromium.ts'
import { KEY, type Rehearsal, rehearse, trainingFile } from './rehearsal.ts'
import { call, drop } from './scenes.ts'

const chromium = findChromium()
const JOBS = 10_000
const EVENTS = 100_000
const ROWS = 100_000

/** Jobs and events of a resource that has worked for years; written as the service would have, only faster. */
async function fill(directory: string): Promise<void> {
  const first = await rehearse({ directory })
  await first.close()
  const data = await openDataDirectory(directory)
  const database = await openDatabase({ directory: data.database })
  const { sql } = database
  const { id: resource } = await sql.selectFrom('resources').select('id').executeTakeFirstOrThrow()
  const started = Date.UTC(2026, 0, 1)
  for (let from = 0; from < JOBS; from += 1000) {
    const jobs = Array.from({ length: 1000 }, (_, n) => job(resource, from + n, started))
    await sql.insertInto('jobs').values(jobs).execute()
  }
  for (let from = 0; from < EVENTS; from += 5000) {
    const events = Array.from({ length: 5000 }, (_, n) => event(`ftjob-${JOBS - 1}`, from + n, started))
    await sql.insertInto('events').values(events).execute()
  }
  await database.close()
  await data.release()
}

function job(resource: string, n: number, started: number) {
  const at = new Date(started + n * 60_000)
  return {
    id: `ftjob-${n}`,
    resource_id: resource,
    state: 'succeeded',
    surface: 'openai',
    model: 'smollm2-135m-aligned',
    training_file: 'file-none',
    validation_file: null,
    suffix: `run-${n}`,
    seed: n,
    hyperparameters: JSON.stringify({ n_epochs: 3, batch_size: 8, learning_rate_multiplier: 1 }),
    metadata: null,
    tuned_model: `ft:smollm2-135m-aligned:default:run-${n}`,
    adapter_blob_id: null,
    adapter_sha256: null,
    result_file: null,
    trained_tokens: 1000,
    error_code: null,
    error_message: null,
    error_param: null,
    created_at: at,
    finished_at: at,
  }
}

function event(jobId: string, n: number, started: number) {
  const keys = ['enqueued', 'preprocessed training', 'data import', 'finetuning']
  const step = n - keys.length
  const metrics = { step, train_loss: 2 - n / EVENTS, train_mean_token_accuracy: 0.4 + n / EVENTS / 2 }
  return {
    id: `ftevent-${n}`,
    job_id: jobId,
    key: keys[n] ?? `step ${step}`,
    level: 'info',
    type: n < keys.length ? 'message' : 'metrics',
    message: keys[n] ?? `Step ${step}: training loss=${metrics.train_loss.toFixed(4)}`,
    data: n < keys.length ? null : JSON.stringify(metrics),
    created_at: new Date(started + n * 10),
  }
}

describe.skipIf(!chromium)('much of everything stays responsive', () => {
  let directory: string
  let service: Rehearsal
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'assay-large-'))
    await fill(directory)
    service = await rehearse({ directory })
    browser = await openBrowser(chromium as string)
    page = await signedIn(await browser.newContext(), service.url, KEY, '/keys')
  })
  afterAll(async () => {
    await browser?.close()
    await service?.close()
    await rm(directory, { recursive: true, force: true })
  })

  /** Milliseconds that something took, told beside what it was. */
  async function timed(what: string, act: () => Promise<unknown>): Promise<number> {
    const start = performance.now()
    await act()
    const took = Math.round(performance.now() - start)
    process.stderr.write(`${what}: ${took} ms\n`)
    return took
  }
  const nodes = () => page.evaluate('document.querySelectorAll("*").length') as Promise<number>

  test('a list of 10,000 jobs', async () => {
    const opened = await timed('list of 10,000 jobs, first page', async () => {
      await page.getByRole('link', { name: 'Jobs' }).click()
      await page.getByText('run-9999').waitFor()
    })
    const older = await timed('list of 10,000 jobs, next page', async () => {
      await page.getByRole('button', { name: 'Older' }).click()
      await page.getByText('run-9979').waitFor()
    })
    expect(Math.max(opened, older)).toBeLessThan(2000)
    expect(await nodes()).toBeLessThan(1500)
    // Far down, too, a page costs what a page costs.
    const deep = await timed('jobs after the 9,900th, by the API', () =>
      call(service, `/v1/fine_tuning/jobs?limit=20&after=ftjob-100`),
    )
    expect(deep).toBeLessThan(500)
  })

  test('an event log of 100,000 events, and its charts', async () => {
    const opened = await timed('job with 100,000 events', async () => {
      await page.getByRole('button', { name: 'Newer' }).click()
      await page.getByRole('link', { name: 'run-9999' }).click()
      await page.getByText(`Step ${EVENTS - 5}:`).waitFor()
    })
    const charts = await timed('charts of 100,000 steps', () =>
      page.locator('.recharts-line-curve').first().waitFor({ state: 'attached' }),
    )
    const older = await timed('50 older events', async () => {
      await page.getByRole('button', { name: 'Older' }).click()
      await page.getByText(`Step ${EVENTS - 5 - 50}:`).waitFor()
    })
    expect(opened).toBeLessThan(4000)
    expect(charts).toBeLessThan(4000)
    expect(older).toBeLessThan(2000)
    expect(await nodes()).toBeLessThan(2500)
  })

  test('a file of 100,000 rows', async () => {
    await page.getByRole('link', { name: 'Check a file' }).click()
    const content = trainingFile(ROWS, { harmful: 8 })
    const checked = await timed(
      `file of 100,000 rows (${Math.round(content.length / 1e6)} MB), scripted judge`,
      async () => {
        await drop(page, 'large.jsonl', content)
        await page.getByRole('heading', { name: 'large.jsonl would' }).waitFor({ timeout: 90_000 })
        await page.getByText('take the bludgeon').waitFor()
      },
    )
    const typed = await timed('a row of it is left in', () => page.getByLabel('Leave line 3 out').uncheck())
    expect(checked).toBeLessThan(90_000)
    expect(typed).toBeLessThan(1000)
    expect(await nodes()).toBeLessThan(2500)
  })
})
