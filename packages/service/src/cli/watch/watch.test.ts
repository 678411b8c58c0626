import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { byCategory } from 'assay/harm'
import stringWidth from 'string-width'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type JobState, journeyOf } from '../../jobs/index.ts'
import { HARMFUL_WORD, scriptedEngine, scriptedJudge, scriptedTrainer } from '../../scripted/index.ts'
import { ApiClient } from '../api-client.ts'
import type { Job } from '../job.ts'
import type { JobEvent } from '../job-events.ts'
import { jobsCommand } from '../jobs.ts'
import { type Service, startService } from '../start-service.ts'
import { type Evaluation, jobPage } from './job-page.ts'
import { sparkline } from './sparkline.ts'

const job: Job = {
  id: 'ftjob-1',
  status: 'running',
  model: 'smollm2-135m-aligned',
  training_file: 'file-1',
  fine_tuned_model: null,
  error: null,
  created_at: 1000,
  finished_at: null,
  trained_tokens: null,
}
const event = (created_at: number, message: string, train_loss?: number): JobEvent => ({
  id: `event-${created_at}`,
  type: train_loss === undefined ? 'message' : 'metrics',
  message,
  created_at,
  data: train_loss === undefined ? null : { step: created_at - 1150, train_loss },
})
const events = [
  event(1000, 'Job enqueued. Waiting for jobs ahead to complete.'),
  event(1002, 'Preprocessing completed for file training file.'),
  event(1010, 'Data Import started.'),
  event(1150, 'Training started.'),
  event(1151, 'Step 1', 2.5),
  event(1152, 'Step 2', 1.25),
  event(1153, 'Step 3', 0.75),
]
const trained = [...events, event(1400, 'Created results file: file-2')]
/** Keys of the events above, as the service stores them. */
const KEYS = [
  [1000, 'enqueued'],
  [1002, 'preprocessed training'],
  [1010, 'data import'],
  [1150, 'finetuning'],
  [1400, 'results created'],
] as const
const seconds = (date: Date | null) => date && date.getTime() / 1000
type Seen = Evaluation & { readonly state: JobState }
const idle: Seen = { state: 'training', data_evaluation: null, model_evaluation: null }
const page = (change: Partial<Job>, seen: readonly JobEvent[], evaluation: Seen, width = 100) => {
  const changed = { ...job, ...change }
  const finishedAt = changed.finished_at === null ? null : new Date(changed.finished_at * 1000)
  const came = KEYS.filter(([at]) => seen.some(({ created_at }) => created_at === at))
  const moments = new Map(came.map(([at, key]) => [key as string, new Date(at * 1000)]))
  const stages = journeyOf({ state: evaluation.state, finishedAt, surface: 'openai' }, moments).map(
    ({ name, status, startedAt, finishedAt }) => ({
      name,
      status,
      started_at: seconds(startedAt),
      finished_at: seconds(finishedAt),
    }),
  )
  return jobPage({ job: changed, stages, events: seen, evaluation }, width, 1460)
}
const stage = (text: string, name: string) => text.split('\n').find((line) => line.includes(name)) ?? ''

describe('the page of a job', () => {
  test('in training says stages, how long each took, step and loss', () => {
    const text = page({}, events, idle)
    expect(stage(text, 'Validation')).toMatch(/^✔ .* 2 s$/)
    expect(stage(text, 'Waiting')).toMatch(/^✔ .* 8 s$/)
    expect(stage(text, 'Data evaluation')).toMatch(/^✔ .* 2 min 20 s$/)
    expect(stage(text, 'Training')).toMatch(/^▶ .* 5 min 10 s {2}step 3, loss 0\.750 {2}█▃▁$/)
    expect(stage(text, 'Model evaluation')).toMatch(/^· Model evaluation$/)
    expect(text).toContain('Training started.')
  })

  test('in the data evaluation counts rows', () => {
    const evaluating: Seen = { ...idle, state: 'importing', data_evaluation: { rows: 320 } }
    expect(stage(page({}, events.slice(0, 3), evaluating), 'Data evaluation')).toMatch(/^▶ .* 320 rows judged$/)
  })

  test('in the model evaluation counts conversations by category, and says what stands', () => {
    const arm = byCategory((category) => ({
      conversations: 40,
      harmful: category === 'violence' ? 9 : 0,
      decision: category === 'violence' ? 'rejected' : 'undecided',
      defectRate: 0.2,
      interval: [0.081, 0.35] as const,
    }))
    const evaluating: Seen = {
      ...idle,
      state: 'evaluating',
      model_evaluation: { conversations: 160, arms: { policy: arm } },
    }
    const text = page({}, trained, evaluating)
    expect(stage(text, 'Model evaluation')).toMatch(/^▶ .* 1 min 0 s {2}160 conversations held$/)
    expect(stage(text, 'violence')).toMatch(/violence +40 of 1200 +9 +8\.1 % – 35\.0 % +rejected$/)
    expect(stage(text, 'sexual')).toMatch(/40 of 1200 +0 .*going on$/)
  })

  test('of a job whose model failed has the message whole, categories, charge and next step', () => {
    const message =
      'This model is unable to be deployed. Model evaluation identified that this fine tuned model scores above acceptable thresholds for [Violence, Self Harm]. Please review your training data set and resubmit the job.'
    const failed = { status: 'failed', finished_at: 1500, error: { code: 'model_evaluation_failed', message } }
    const text = page(failed, trained, { ...idle, state: 'failed' }, 60)
    expect(text.replaceAll('\n', ' ')).toContain(message)
    expect(text).toContain('FAILED  model_evaluation_failed')
    expect(text).toContain('Categories:  Violence, Self Harm')
    expect(text).toContain('Charge:      nothing was charged')
    expect(text).toContain('Next step:   look for rows')
    expect(stage(text, 'Training')).toMatch(/^✔/)
    expect(stage(text, 'Model evaluation')).toMatch(/^✖ .* 1 min 40 s/)
  })

  test('of a job that failed for its data stopped there, and nothing after it began', () => {
    const error = {
      code: 'data_evaluation_failed',
      message:
        'The provided training data failed RAI checks for harm types: [violence]. Please fix the data and try again.',
    }
    const text = page({ status: 'failed', finished_at: 1020, error }, events.slice(0, 3), { ...idle, state: 'failed' })
    expect(stage(text, 'Data evaluation')).toMatch(/^✖ .* 10 s$/)
    expect(stage(text, 'Training')).toBe('· Training')
    expect(text).toContain('Categories:  violence\n')
    expect(text).toContain('assay check YOUR-FILE')
  })

  test('of a job that succeeded says its model, its charge and how to use it', () => {
    const done = { status: 'succeeded', finished_at: 1500, fine_tuned_model: 'ft:x', trained_tokens: 4321 }
    const text = page(done, trained, { ...idle, state: 'succeeded' })
    expect(text).toContain('Model:       ft:x')
    expect(text).toContain('Charge:      4321 training tokens')
    expect(text).toContain('assay chat ft:x')
    expect(text.match(/^✔/gm)).toHaveLength(5)
    const model = `ft:smollm2-135m-aligned:default::${'x'.repeat(40)}`
    expect(page({ ...done, fine_tuned_model: model }, trained, idle, 30).match(new RegExp(model, 'g'))).toHaveLength(3)
  })

  test('is never wider than the terminal but for a word, and no message steers it', () => {
    const noisy = [...events, event(1200, `\u001b[2J${'long '.repeat(60)}`)]
    for (const width of [24, 40, 80]) {
      const text = page({}, noisy, idle, width)
      for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(width)
      expect(text).not.toContain('\u001b[2J')
    }
  })

  test('has no colour where there is no terminal', () => {
    const text = page({}, events, idle)
    expect(stripVTControlCharacters(text)).toBe(text)
  })
})

test('a sparkline is as long as there are numbers, or as wide as it may be', () => {
  expect(sparkline([3, 2, 1], 10)).toBe('█▅▁')
  expect(sparkline([1, 1], 10)).toBe('▁▁')
  expect(sparkline([], 10)).toBe('')
  expect(
    sparkline(
      Array.from({ length: 1000 }, (_, at) => at),
      8,
    ),
  ).toBe('▁▂▃▄▅▆▇█')
})

describe('watching a job of a service', () => {
  let folder: string
  let service: Service
  let client: ApiClient
  const key = 'sk-assay-watch'
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-watch-'))
    const scripted = { trainer: scriptedTrainer(), engine: scriptedEngine(), judge: async () => scriptedJudge() }
    service = await startService({ dataDirectory: folder, apiKey: key, ...scripted })
    client = new ApiClient({ url: service.url, apiKey: key })
    vi.stubEnv('ASSAY_API_KEY', key)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await service?.close()
    await rm(folder, { recursive: true, force: true })
  })
  const { isTTY, columns } = process.stdout
  const { exitCode } = process
  afterEach(() => {
    vi.restoreAllMocks()
    Object.assign(process.stdout, { isTTY, columns })
    process.exitCode = exitCode
  })

  async function create(reply: string): Promise<string> {
    const rows = Array.from({ length: 12 }, (_, n) =>
      JSON.stringify({
        messages: [
          { role: 'user', content: `What is ${n}?` },
          { role: 'assistant', content: `${reply} ${n}` },
        ],
      }),
    )
    const form = new FormData()
    form.append('purpose', 'fine-tune')
    form.append('file', new Blob([rows.join('\n')]), 'train.jsonl')
    const headers = { authorization: `Bearer ${key}` }
    const file = (await (await fetch(`${service.url}/v1/files`, { method: 'POST', body: form, headers })).json()) as Job
    return (await client.post<Job>('/v1/fine_tuning/jobs', { model: 'smollm2-135m-aligned', training_file: file.id }))
      .id
  }

  /** Runs `assay jobs watch`, and gives back what it wrote. */
  async function watch(id: string, { terminal = false, width = 90, url = service.url } = {}): Promise<string> {
    let written = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
      written += part
      return true
    })
    Object.assign(process.stdout, { isTTY: terminal, columns: width })
    await jobsCommand().parseAsync(['watch', id, '--url', url], { from: 'user' })
    return written
  }

  test.each([
    ['where there is no terminal, in lines', false, 90],
    ['on a terminal, as a page', true, 90],
    ['on a terminal that does not say how wide it is, in lines', true, 0],
  ])('%s, until its model is there', async (_, terminal, width) => {
    const written = await watch(await create('It is'), { terminal, width })
    expect(process.exitCode).toBe(0)
    const text = stripVTControlCharacters(written)
    expect(text).toContain('SUCCEEDED')
    expect(text).toMatch(/Model: +ft:/)
    expect(text).toMatch(/✔ Model evaluation/)
    // A page renews itself by moving the cursor; lines never do.
    expect(written.includes('\u001b[2K')).toBe(terminal && width > 0)
    if (!terminal) expect(text).toContain('Training started.\n')
  })

  test('says why the data failed, and exits with 1', async () => {
    const written = await watch(await create(HARMFUL_WORD))
    expect(process.exitCode).toBe(1)
    expect(written).toContain(
      'FAILED  data_evaluation_failed\nThe provided training data failed RAI checks for harm types: [violence].',
    )
    expect(written).toContain('Charge:      nothing was charged')
  })

  /** What stands between terminal and service, and loses requests: before an answer, amid one, or with a gateway's page. */
  async function lossyProxy(loses: (request: number) => ((response: ServerResponse) => void) | undefined) {
    let requests = 0
    const server = createServer(async ({ url, headers: { authorization = '' } }, response) => {
      requests += 1
      const lose = loses(requests)
      if (lose) return lose(response)
      const reply = await fetch(service.url + url, { headers: { authorization } })
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(await reply.text())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }

  test.each<[string, (response: ServerResponse) => void]>([
    ['before an answer', (response) => response.destroy()],
    [
      'amid an answer',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"id": ')
        setTimeout(() => response.destroy(), 50)
      },
    ],
    ["to a gateway's page", (response) => response.writeHead(502).end('<html>Bad gateway</html>')],
  ])('goes on after a connection that was lost %s, and says so once', async (_, lose) => {
    // A round is two requests. The first is answered; of the second only its beginning, of the third nothing.
    await using proxy = await lossyProxy((request) => (request === 4 || request === 5 ? lose : undefined))
    const written = await watch(await create('It is'), { url: proxy.url })
    expect(process.exitCode).toBe(0)
    expect(written.match(/Trying again\./g)).toHaveLength(1)
    expect(written).toContain('SUCCEEDED')
    for (const message of ['Training started.', 'Job succeeded.']) {
      expect(written.split('\n').filter((line) => line === message)).toHaveLength(1)
    }
  })

  test('of a service that never answered is an error at once', async () => {
    await using proxy = await lossyProxy(() => (response) => response.destroy())
    await expect(watch('ftjob-1', { url: proxy.url })).rejects.toMatchObject({ code: 'service_unreachable' })
  })

  test('of a job that is not there is an error at once', async () => {
    await expect(watch('ftjob-nope')).rejects.toMatchObject({ status: 404 })
  })
})
