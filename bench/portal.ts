import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, openDataDirectory } from '../packages/service/src/storage/index.ts'
import { installChromium, NO_CHROMIUM, openBrowser, signedIn } from '../tests/browser/chromium.ts'
import { KEY, rehearse, trainingFile } from '../tests/browser/rehearsal.ts'
import { call, drop } from '../tests/browser/scenes.ts'
import { printTable, seconds } from './table.ts'

const JOBS = 10_000
const EVENTS = 100_000
const ROWS = 100_000

/** Seconds until the portal shows long lists and a large file, and how many elements are in the document then. */
export async function benchPortal(): Promise<void> {
  const chromium = installChromium()
  if (!chromium) throw new Error(NO_CHROMIUM)
  const directory = await mkdtemp(join(tmpdir(), 'assay-large-'))
  await fill(directory)
  const service = await rehearse({ directory })
  const browser = await openBrowser(chromium)
  try {
    const page = await signedIn(await browser.newContext(), service.url, KEY, '/keys')
    const rows: (string | number)[][] = []
    const measure = async (what: string, act: () => Promise<unknown>) => {
      const took = await seconds(act)
      rows.push([what, took, String(await page.evaluate('document.querySelectorAll("*").length'))])
    }
    await measure('list of 10,000 jobs, first page', async () => {
      await page.getByRole('link', { name: 'Jobs' }).click()
      await page.getByText('run-9999').waitFor()
    })
    await measure('list of 10,000 jobs, next page', async () => {
      await page.getByRole('button', { name: 'Older' }).click()
      await page.getByText('run-9979').waitFor()
    })
    await measure('jobs after the 9,900th, by the API', () =>
      call(service, '/v1/fine_tuning/jobs?limit=20&after=ftjob-100'),
    )
    await measure('job with 100,000 events', async () => {
      await page.getByRole('button', { name: 'Newer' }).click()
      await page.getByRole('link', { name: 'run-9999' }).click()
      await page.getByText(`Step ${EVENTS - 5}:`).waitFor()
    })
    await measure('its charts, after that', () =>
      page.locator('.recharts-line-curve').first().waitFor({ state: 'attached' }),
    )
    await measure('50 older events', async () => {
      await page.getByRole('button', { name: 'Older' }).click()
      await page.getByText(`Step ${EVENTS - 5 - 50}:`).waitFor()
    })
    await page.getByRole('link', { name: 'Check a file' }).click()
    const content = trainingFile(ROWS, { harmful: 8 })
    await measure(`file of 100,000 rows (${Math.round(content.length / 1e6)} MB), scripted judge`, async () => {
      await drop(page, 'large.jsonl', content)
      await page.getByText('take the bludgeon').waitFor({ timeout: 300_000 })
    })
    await measure('a row of it is kept', () => page.getByLabel('Leave line 3 out').uncheck())
    printTable(['', 's', 'elements in the document'], rows)
  } finally {
    await browser.close()
    await service.close()
    await rm(directory, { recursive: true, force: true })
  }
}

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
