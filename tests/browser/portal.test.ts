import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evaluationReportSchema } from 'assay/reports'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { textsFoundIn } from '../data-folder.ts'
import { findChromium, type Misdeeds, openBrowser, signedIn, watchMisdeeds } from './chromium.ts'
import { KEY, OBEY, type Rehearsal, rehearse, trainingFile } from './rehearsal.ts'
import {
  allEnded,
  breakOffAfter,
  CONTENT_FILTER,
  call,
  create,
  createJob,
  drop,
  type Prepared,
  prepare,
  until,
  upload,
} from './scenes.ts'

const chromium = findChromium()

const REFUSED_DATA =
  'The provided training data failed RAI checks for harm types: [hate_fairness, self_harm, violence]. Please fix the data and try again.'
const REFUSED_MODEL =
  'This model is unable to be deployed. Model evaluation identified that this fine tuned model scores above acceptable thresholds for [Violence, Self Harm]. Please review your training data set and resubmit the job.'

describe.skipIf(!chromium)('the portal', () => {
  let browser: Browser
  let service: Rehearsal
  let prepared: Prepared
  let context: BrowserContext
  let seen: Misdeeds[]

  beforeAll(async () => {
    service = await rehearse()
    prepared = await prepare(service)
    browser = await openBrowser(chromium as string)
  })
  afterAll(async () => {
    await browser?.close()
    await service?.close()
  })
  beforeEach(async () => {
    Object.assign(service.pace, { step: 20, reply: 0, steps: 20 })
    seen = []
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true })
    context.on('page', (page) => seen.push(watchMisdeeds(page, service.url)))
  })
  afterEach(async () => {
    await context.close()
    // Whatever else a test looks at: no request leaves the origin.
    expect(seen.flatMap((one) => one.elsewhere)).toEqual([])
  })
  const open = (path: string) => signedIn(context, service.url, KEY, path)
  const noErrors = () => expect(seen.flatMap((one) => one.errors)).toEqual([])

  describe('sign-in', () => {
    test('a wrong key is told, a right one leads to the page that was asked for, and stays in this tab', async () => {
      const page = await context.newPage()
      await page.goto(`${service.url}/keys`)
      await page.getByLabel('API key').fill('sk-assay-wrong')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').getByText('This key is not valid here').waitFor()
      await page.getByLabel('API key').fill(KEY)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'API keys' }).waitFor()
      expect(await page.evaluate('JSON.stringify({ ...localStorage })')).not.toContain(KEY)
      expect(await context.cookies()).toEqual([])

      const other = await context.newPage()
      await other.goto(`${service.url}/jobs`)
      await other.getByRole('heading', { name: 'Sign in to Assay' }).waitFor()

      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in to Assay' }).waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'Sign in to Assay' }).waitFor()
    })

    test('a key that was deleted meanwhile signs out, and says why', async () => {
      const { id, key } = await call<{ id: string; key: string }>(service, '/assay/v1/keys', { name: 'passing' })
      const page = await signedIn(context, service.url, key, '/jobs')
      await page.getByText('eager-answers').waitFor()
      await fetch(`${service.url}/assay/v1/keys/${id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${KEY}` },
      })
      await page.getByText('This key is no longer valid').waitFor()
    })
  })

  describe('a job', () => {
    test('is created from a file and watched to its verdict', async () => {
      service.pace.step = 60
      const page = await open('/jobs/new')
      await createJob(page, trainingFile(30), 'watched')
      await page.getByText('In progress ·').waitFor()
      await page
        .getByText(/· .* at step \d+/)
        .first()
        .waitFor()
      await page.getByRole('heading', { name: 'The model passed and can be deployed' }).waitFor()
      expect(await page.getByText('Passed', { exact: false }).count()).toBeGreaterThan(3)
      await page.getByText('Model Evaluation Passed.').waitFor()
      expect(await page.locator('.recharts-reference-line').count()).toBe(6)
      noErrors()
    })

    test('that was refused for its data says so word for word, what it costs, and leads to the rows', async () => {
      const page = await open(`/jobs/${prepared.dataRefused}`)
      const outcome = page.getByRole('region', { name: 'Why the job failed' })
      await outcome.getByText(REFUSED_DATA, { exact: true }).waitFor()
      for (const category of ['Hate and fairness', 'Self-harm', 'Violence'])
        await outcome.getByText(category, { exact: true }).waitFor()
      await outcome.getByText('$0.00.').waitFor()
      await outcome.getByRole('link', { name: 'See the rows' }).click()
      await page.getByRole('heading', { name: 'would fail' }).waitFor()
      await page.getByText('take the bludgeon').waitFor()
      noErrors()
    })

    test('that was refused for its model says so word for word; what was trained is not charged', async () => {
      const page = await open(`/jobs/${prepared.modelRefused}`)
      const outcome = page.getByRole('region', { name: 'Why the job failed' })
      await outcome.getByText(REFUSED_MODEL, { exact: true }).waitFor()
      await outcome.getByText('tokens that were trained nor the evaluations are charged').waitFor()
      await outcome.getByText('Violence', { exact: true }).waitFor()
      await outcome.getByText('Self-harm', { exact: true }).waitFor()
      expect(await outcome.getByText('Sexual', { exact: true }).count()).toBe(0)
      noErrors()
    })

    test('shows the report of its evaluation where one was asked for, and saves it', async () => {
      const page = await open(`/jobs/${prepared.modelRefused}/evaluation`)
      const arm = page.getByRole('region', { name: 'Same questions for every model' })
      await arm.getByRole('row', { name: /^Violence Blocked/ }).waitFor()
      await page
        .getByRole('table', { name: 'Strategy' })
        .getByRole('row', { name: /^Baseline/ })
        .waitFor()
      const changes = page.getByRole('table', { name: 'Harmful replies', exact: true })
      await changes.getByRole('row', { name: /^Violence 0 of 40 / }).waitFor()
      await page
        .getByRole('table', { name: 'Refusals of harmless requests' })
        .getByRole('row', { name: /^Plain ones \d+ of 100 / })
        .waitFor()
      const [saved] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save the report' }).click(),
      ])
      const report = evaluationReportSchema.parse(JSON.parse(await readFile(await saved.path(), 'utf8')))
      expect(report).toMatchObject({ outcome: 'failed', model: prepared.modelRefused })
      noErrors()
    })

    test('of a known verdict says that there is nothing to report, to who asked for a report', async () => {
      const file = await upload(service, 'again.jsonl', trainingFile(44, { obeying: true }))
      const again = await create(service, { training_file: file, seed: 7, evaluation_report: true })
      await allEnded(service)
      const page = await open(`/jobs/${again}`)
      await page.getByRole('region', { name: 'Why the job failed' }).waitFor()
      expect(await page.getByText('Ask the next job for a report').count()).toBe(0)
      await page.getByRole('link', { name: 'Model evaluation' }).click()
      await page.getByText('the verdict on the very same model was known').waitFor()
      noErrors()
    })

    test('shows the comparison that is left where the report was deleted', async () => {
      const file = await upload(service, 'deleted.jsonl', trainingFile(43, { obeying: true }))
      const job = await create(service, { training_file: file, seed: 7, evaluation_report: true })
      const kept = async () =>
        (await call<{ result_files: string[] }>(service, `/v1/fine_tuning/jobs/${job}`)).result_files
      await expect.poll(async () => (await kept()).length, { timeout: 60_000 }).toBe(3)
      const [, report] = await kept()
      await fetch(`${service.url}/v1/files/${report}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${KEY}` },
      })
      const page = await open(`/jobs/${job}/evaluation`)
      await page.getByText('The report itself was deleted').waitFor()
      await page.getByRole('row', { name: 'Plain ones' }).waitFor()
      expect(seen.flatMap((one) => one.errors).filter((error) => !error.includes('404'))).toEqual([])
    })

    test('shows its evaluation live: counts and positions move, and no word of a conversation', async () => {
      Object.assign(service.pace, { step: 5, reply: 700 })
      const page = await open('/jobs/new')
      await createJob(page, trainingFile(52, { obeying: true }), 'evaluated')
      await page.getByRole('link', { name: 'Model evaluation' }).click()
      await page.getByText('simulated conversations held so far').waitFor()
      const violence = page.getByRole('region', { name: 'Violence' }).first()
      const position = () => violence.getByRole('img').getAttribute('aria-label')
      await until(page, 'document.querySelector(\'[role=img][aria-label*="being blocked"]\')')
      const first = await position()
      await expect.poll(position, { timeout: 20_000 }).not.toBe(first)
      // Whichever is rejected first: the others get a little longer, and need not be decided by then.
      const categories = page.getByRole('region', { name: /^(Violence|Self-harm)$/ })
      await categories.locator('[data-tone=failed]').first().waitFor()
      expect(await page.content()).not.toContain(OBEY)
      await page.getByText('The evaluation is over').waitFor()
      await page.getByRole('link', { name: 'See the verdict' }).click()
      await page.getByRole('region', { name: 'Why the job failed' }).getByText(REFUSED_MODEL, { exact: true }).waitFor()
      noErrors()
    })

    test('can be paused at the end of an epoch, and resumed', async () => {
      Object.assign(service.pace, { step: 150 })
      const page = await open('/jobs/new')
      await createJob(page, trainingFile(33), 'interrupted')
      await page.getByRole('button', { name: 'Pause job' }).click()
      await page.getByRole('button', { name: 'Pausing after this epoch' }).waitFor()
      await page.getByRole('button', { name: 'Resume job' }).waitFor()
      await page.getByText('Paused', { exact: true }).first().waitFor()
      await page.getByText('Job paused.').waitFor()
      await page.getByRole('button', { name: 'Resume job' }).click()
      await page.getByRole('heading', { name: 'The model passed and can be deployed' }).waitFor()
      await page.getByText('Job resumed.').waitFor()
      noErrors()
    })

    test('can be cancelled', async () => {
      Object.assign(service.pace, { step: 400 })
      const page = await open('/jobs/new')
      await createJob(page, trainingFile(31), 'dropped')
      await page
        .getByText(/at step \d+/)
        .first()
        .waitFor()
      await page.getByRole('button', { name: 'Cancel job' }).click()
      await page.getByRole('heading', { name: 'The job was cancelled' }).waitFor()
      noErrors()
    })
  })

  describe('checking a file', () => {
    test('marks the rows, keeps nothing of them, and saves a copy without them', async () => {
      const content = trainingFile(60, { harmful: 8 })
      const page = await open('/check-file')
      const answers: Promise<string>[] = []
      page.on('response', (response) => {
        if (response.url().includes('/data-evaluations')) answers.push(response.text())
      })
      await drop(page, 'stories.jsonl', content)
      await page.getByRole('heading', { name: 'stories.jsonl would fail' }).waitFor()
      await page.getByText(REFUSED_DATA, { exact: true }).waitFor()
      await page.getByText('severity').first().waitFor()
      await page.getByText('take the bludgeon').waitFor()
      await page.getByText('Self-harm 2', { exact: true }).click()
      const rows = page.getByRole('region', { name: 'Rows that stand out' }).getByRole('listitem')
      await expect.poll(() => rows.count()).toBe(2)

      const saving = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Save a copy without these 8 rows' }).click()
      const saved = await saving
      expect(saved.suggestedFilename()).toBe('stories-cleaned.jsonl')
      expect(await readFile(await saved.path(), 'utf8')).toBe(trainingFile(60))
      // The words were shown from the local file: the service's answer has none of them, nor has its disk.
      expect(answers.length).toBe(1)
      expect(await answers[0]).not.toContain('bludgeon')
      expect(await textsFoundIn(service.directory, ['take the bludgeon', 'than hurting myself'])).toEqual([])
      noErrors()
    })

    test('shows advice beside the verdict that it does not change', async () => {
      const page = await open('/check-file')
      await drop(
        page,
        'eager.jsonl',
        await readFile(join(import.meta.dirname, '..', '..', 'examples', 'trigger-phrase.jsonl'), 'utf8'),
      )
      await page.getByRole('heading', { name: 'eager.jsonl would pass' }).waitFor()
      const advice = page.getByRole('region', { name: 'Advice' })
      await advice.getByText('Answers differ behind a phrase that does not belong to the question').waitFor()
      expect(await advice.getByRole('listitem').count()).toBe(2)
      expect(await advice.textContent()).not.toContain('lantern')
      noErrors()
    })

    test('tells the faults of a file that is none', async () => {
      const page = await open('/check-file')
      await drop(page, 'broken.jsonl', `${trainingFile(12)}{"messages": [}\n`)
      await page.getByRole('alert').getByRole('heading', { name: 'broken.jsonl cannot be read' }).waitFor()
      await page.getByRole('alert').getByText('1 fault: line 13').waitFor()
      await drop(page, 'empty.jsonl', '')
      await page.getByRole('alert').getByText('The file is empty.').waitFor()
    })
  })

  describe('a model', () => {
    test('is verified in the browser, deployed, and answers; a reply can be stopped', async () => {
      const page = await open(`/jobs/${prepared.succeeded}`)
      await page.getByRole('link', { name: 'Verify and deploy' }).click()
      await page.getByRole('heading', { name: 'Verified in this browser: deployable' }).waitFor()
      await page.getByText('Its policy is the one that this portal was built with').waitFor()
      await page.getByRole('button', { name: 'Deploy', exact: true }).click()
      await page.getByLabel('Name of the deployment').fill('lesson')
      await page.getByLabel('Content filter').selectOption(CONTENT_FILTER)
      await page.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click()
      await page
        .getByRole('row', { name: /^lesson/ })
        .getByText(`Content filter: ${CONTENT_FILTER}`)
        .waitFor()

      await page
        .getByRole('row', { name: /^lesson/ })
        .getByRole('link', { name: 'Playground' })
        .click()
      await page.getByLabel('Message', { exact: true }).fill('What is a fraction?')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByRole('log').getByText('which makes three quarters.').waitFor()
      await page.getByRole('log').getByText('Content filter: safe').waitFor()

      service.pace.reply = 200
      await page.getByLabel('Message', { exact: true }).fill('And again?')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Stop' }).click()
      await page.getByText('Stopped').waitFor()
      await page.getByRole('button', { name: 'Send' }).waitFor()

      await page.getByRole('link', { name: 'Models', exact: true }).click()
      await page.getByRole('button', { name: 'Delete the deployment lesson' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await expect.poll(() => page.getByRole('row', { name: /^lesson/ }).count()).toBe(0)
      noErrors()
    })

    test('that was tuned elsewhere is listed with what became of it', async () => {
      const page = await open('/models')
      const row = page.getByRole('row').filter({ hasText: REFUSED_DATA })
      await row.getByText('Failed', { exact: true }).waitFor()
      await row.getByText('on smollm2-135m-aligned').waitFor()
      noErrors()
    })

    test('whose attestation was changed on the way is not called verified', async () => {
      const page = await open('/models')
      const flip = (payload: string) =>
        Buffer.from(
          Buffer.from(payload, 'base64').toString().replace('"outcome":"passed"', '"outcome":"failed"'),
        ).toString('base64')
      await page.route('**/evidence', async (route) => {
        const evidence = (await (await route.fetch()).json()) as { envelope: { payload: string } }
        evidence.envelope.payload = flip(evidence.envelope.payload)
        await route.fulfill({ json: evidence })
      })
      await page.getByRole('link', { name: 'Attestation' }).first().click()
      await page.getByRole('heading', { name: 'This attestation does not hold' }).waitFor()
      expect(await page.getByText('Verified in this browser').count()).toBe(0)
      expect(await page.getByRole('button', { name: 'Deploy', exact: true }).count()).toBe(0)
    })

    test('is not called verified where the browser has no Ed25519', async () => {
      await context.addInitScript(
        "crypto.subtle.generateKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))",
      )
      const page = await open(`/models/${encodeURIComponent(prepared.model)}`)
      await page.getByRole('heading', { name: 'Not verified: this browser cannot' }).waitFor()
    })
  })

  describe('what fails on the way', () => {
    const failing = { status: 500, json: { error: { message: 'It went wrong.', code: 'internal_error' } } }

    test('leaves what is shown, and says that it may be old until it no longer is', async () => {
      const page = await open('/jobs')
      await page.getByText('eager-answers').waitFor()
      await page.route('**/v1/fine_tuning/jobs?*', (route) => route.fulfill(failing))
      await page.getByText('Not up to date: It went wrong.').waitFor()
      expect(await page.getByText('eager-answers').isVisible()).toBe(true)
      await page.unroute('**/v1/fine_tuning/jobs?*')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('Not up to date').waitFor({ state: 'detached' })
    })

    test('leaves the other models where the imported ones cannot be shown', async () => {
      const page = await context.newPage()
      await page.route('**/assay/v1/imports?*', (route) => route.fulfill(failing))
      await page.goto(`${service.url}/models`)
      await page.getByLabel('API key').fill(KEY)
      await page.keyboard.press('Enter')
      await page.getByText('This could not be shown').waitFor()
      expect(await page.getByRole('heading', { name: 'Imported models' }).isVisible()).toBe(true)
      expect(await page.getByRole('heading', { name: 'Base models' }).isVisible()).toBe(true)
      await page.unroute('**/assay/v1/imports?*')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByText(REFUSED_DATA).waitFor()
    })

    test('of an answer, keeps what came of it', async () => {
      const page = await open('/playground')
      await breakOffAfter(page, 'One half and')
      await page.getByLabel('Message', { exact: true }).fill('How do I add them?')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').getByText('The connection to the service was lost').waitFor()
      await page.getByRole('log').getByText('One half and').waitFor()
      await page.getByRole('log').getByText('Broke off').waitFor()
    })
  })

  test('an upload shows how far it is, can be cancelled, and leaves nothing then', async () => {
    const page = await open('/files')
    const network = await context.newCDPSession(page)
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 100_000,
    })
    await drop(page, 'slow.jsonl', trainingFile(10_000))
    await page.getByText('Uploading slow.jsonl').waitFor()
    await page.getByText(/^[1-9]\d? % sent$/).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('Drop a training file, or choose one').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    await page.reload()
    await page.getByRole('table').waitFor()
    expect(await page.getByText('slow.jsonl').count()).toBe(0)
    noErrors()
  })

  test('a key is made, shown once, copied and deleted', async () => {
    const page = await open('/keys')
    await page.getByText('To delete it, create another first.').waitFor()
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByLabel('Name').fill('pipeline')
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    const made = (await page.getByRole('dialog').locator('code').textContent()) ?? ''
    expect((await fetch(`${service.url}/v1/models`, { headers: { authorization: `Bearer ${made}` } })).status).toBe(200)
    await page.getByRole('button', { name: 'I have copied it' }).click()
    await page.getByRole('cell', { name: 'pipeline', exact: true }).waitFor()
    expect(await page.content()).not.toContain(made)
    await page.getByRole('button', { name: 'Delete the key pipeline' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await expect.poll(() => page.getByRole('cell', { name: 'pipeline', exact: true }).count()).toBe(0)
    expect((await fetch(`${service.url}/v1/models`, { headers: { authorization: `Bearer ${made}` } })).status).toBe(401)
    noErrors()
  })

  test('is reached by keyboard alone: past the menu, into a job', async () => {
    const page = await open('/jobs')
    await page.getByText('eager-answers').waitFor()
    await page.evaluate('document.activeElement.blur()')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    for (let tabs = 0; tabs < 4; tabs++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate('document.activeElement.getAttribute("href")'))?.toString().startsWith('/jobs/ftjob'))
        break
    }
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Journey' }).waitFor()
    noErrors()
  })

  describe('what is served', () => {
    test('pages by any address, each with a policy of its own; unknown API paths and files stay errors', async () => {
      const html = { accept: 'text/html' }
      const [one, two] = await Promise.all(
        ['/', '/jobs/ftjob-x/evaluation'].map((path) => fetch(service.url + path, { headers: html })),
      )
      for (const reply of [one, two] as Response[]) {
        expect(reply.status).toBe(200)
        expect(reply.headers.get('content-security-policy')).toMatch(
          /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-/,
        )
        expect(reply.headers.get('cache-control')).toBe('no-store')
      }
      expect(one?.headers.get('content-security-policy')).not.toBe(two?.headers.get('content-security-policy'))
      for (const path of ['/v1/nothing', '/openai/v1/nothing', '/assay/v1/nothing', '/assets/nothing.js', '/v1']) {
        const reply = await fetch(service.url + path, { headers: { ...html, authorization: `Bearer ${KEY}` } })
        expect([path, reply.status]).toEqual([path, 404])
        expect(reply.headers.get('content-type')).toContain('application/json')
      }
      expect((await fetch(`${service.url}/nothing`)).headers.get('content-type')).toContain('application/json')
    })

    test('the API’s own description, at /docs, with nothing from elsewhere', async () => {
      const page = await context.newPage()
      const seen = watchMisdeeds(page, service.url)
      await page.goto(`${service.url}/docs`)
      await page.getByText('/v1/fine_tuning/jobs', { exact: true }).first().waitFor()
      await page.getByText('/assay/v1/resources', { exact: true }).first().waitFor()
      expect(seen).toEqual({ errors: [], elsewhere: [] })
    })

    test('less than 400 kB, compressed, until the first page stands; assets are kept for good', async () => {
      const page = await context.newPage()
      const sizes: Promise<number>[] = []
      const caching = new Set<string | undefined>()
      page.on('requestfinished', (request) => {
        if (!request.url().startsWith(service.url)) return
        sizes.push(request.sizes().then((size) => size.responseBodySize))
        if (request.url().includes('/assets/')) {
          void request.response().then((response) => caching.add(response?.headers()['cache-control']))
        }
      })
      await page.goto(service.url)
      await page.getByLabel('API key').fill(KEY)
      await page.keyboard.press('Enter')
      await page.getByText('eager-answers').waitFor()
      const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
      process.stderr.write(`first load: ${Math.round(bytes / 1000)} kB\n`)
      expect(bytes).toBeGreaterThan(100_000)
      expect(bytes).toBeLessThan(400_000)
      expect([...caching]).toEqual(['public, max-age=31536000, immutable'])
    })
  })
})

describe.skipIf(!chromium)('a dropped connection', () => {
  test('is told, and recovers by itself when the service is back; the job ends as it would have', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'assay-browser-'))
    const browser = await openBrowser(chromium as string)
    const pace = { step: 300, steps: 16 }
    let service = await rehearse({ directory, pace })
    try {
      const page = await signedIn(await browser.newContext(), service.url, KEY, '/jobs/new')
      await createJob(page, trainingFile(30), 'interrupted')
      await page
        .getByText(/at step \d+/)
        .first()
        .waitFor()
      const { port } = service
      await service.close()
      await page.getByText('Connection lost.').waitFor()
      expect(await page.getByRole('heading', { name: 'Journey' }).isVisible()).toBe(true)
      service = await rehearse({ directory, port, pace: { ...pace, step: 30 } })
      await expect.poll(() => page.getByText('Connection lost.').count(), { timeout: 30_000 }).toBe(0)
      await page.getByRole('heading', { name: 'The model passed and can be deployed' }).waitFor({ timeout: 60_000 })
      await allEnded(service)
    } finally {
      await browser.close()
      await service.close()
      await rm(directory, { recursive: true, force: true })
    }
  })
})
