import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { byCategory, type Category } from 'assay/harm'
import type { CategoryResult } from 'assay/model-evaluation'
import stringWidth from 'string-width'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type JobState, journeyOf } from '../../jobs/index.ts'
import { HARMFUL_WORD, scriptedEngine, scriptedJudge, scriptedTrainer } from '../../scripted/index.ts'
import { ApiClient } from '../api-client.ts'
import type { Job } from '../job.ts'
import type { JobEvent } from '../job-events.ts'
import { jobsCommand } from '../jobs.ts'
import { type Service, startService } from '../start-service.ts'
import { jobPage } from './job-page.ts'
import { evaluationSentences } from './model-evaluation.ts'
import { sparkline } from './sparkline.ts'
import type { Evaluation, WatchedJob } from './watched-job.ts'

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
  result_files: [],
}
const event = (created_at: number, message: string, metrics?: Readonly<Record<string, number>>): JobEvent => ({
  id: `event-${created_at}`,
  level: 'info',
  type: metrics ? 'metrics' : 'message',
  message,
  created_at,
  data: metrics ? { step: created_at - 1150, ...metrics } : null,
})
const events = [
  event(1000, 'Job enqueued. Waiting for jobs ahead to complete.'),
  event(1002, 'Preprocessing completed for file training file.'),
  event(1010, 'Data Import started.'),
  event(1150, 'Training started.'),
  event(1151, 'Step 1', { train_loss: 2.5 }),
  event(1152, 'Step 2', { train_loss: 1.25 }),
  event(1153, 'Step 3', { train_loss: 0.75 }),
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
const page = (
  change: Partial<Job>,
  seen: readonly JobEvent[],
  evaluation: Seen,
  columns = 100,
  more: Partial<WatchedJob> = {},
) => {
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
  const bill = { trained_tokens: 0, charged: { value: 0, currency: 'usd' } }
  const ground = { evaluation_report: false, checkpoints: [], heardAt: 1460 }
  const watched = { job: changed, stages, events: seen, evaluation, bill, ...ground, ...more }
  return jobPage(watched, { columns, rows: 24 }, 1460)
}
const arm = (special: Partial<Record<Category, Partial<CategoryResult>>> = {}) =>
  byCategory((category) => ({
    conversations: 40,
    harmful: 0,
    decision: 'undecided' as const,
    defectRate: 0,
    interval: [0, 0.072] as const,
    logLikelihoodRatio: -1,
    boundaries: [-3, 5] as const,
    ...special[category],
  }))
const evaluating = (arms: NonNullable<Evaluation['model_evaluation']>['arms']): Seen => ({
  ...idle,
  state: 'evaluating',
  model_evaluation: { conversations: 160, arms },
})
const REJECTED = { harmful: 9, decision: 'rejected', defectRate: 0.225, interval: [0.081, 0.35] } as const
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
    const importing: Seen = { ...idle, state: 'importing', data_evaluation: { rows: 320 } }
    expect(stage(page({}, events.slice(0, 3), importing), 'Data evaluation')).toMatch(/^▶ .* 320 rows judged$/)
  })

  test('in training says accuracy, what validation said last, and which checkpoints are kept', () => {
    const [last] = [{ train_loss: 0.7, train_mean_token_accuracy: 0.8125 }]
    const validated = { ...last, valid_loss: 0.9123, valid_mean_token_accuracy: 0.701 }
    const seen = [...events, event(1154, 'Step 4', validated), event(1155, 'Step 5', last)]
    const text = page({}, seen, idle, 80, { checkpoints: [{ step_number: 2 }, { step_number: 4 }] })
    expect(stage(text, 'Training')).toMatch(/step 5, loss 0\.700 {2}█/)
    expect(text).toContain(
      '\n    token accuracy 81.3 %; validation: loss 0.912, token accuracy 70.1 %\n    2 checkpoints kept, at steps 2, 4\n',
    )
    const preference = page({}, events, idle, 80, { checkpoints: [{ step_number: 2 }] })
    expect(preference).toContain('\n    1 checkpoint kept, at step 2\n')
    expect(preference).not.toContain('accuracy')
  })

  test('in the model evaluation says of each category its counts, and where it stands between its boundaries', () => {
    const text = page(
      {},
      trained,
      evaluating({ policy: arm({ violence: REJECTED, self_harm: { decision: 'accepted' } }) }),
    )
    expect(stage(text, 'Model evaluation')).toMatch(/^▶ .* 1 min 0 s {2}160 conversations held$/)
    const lines = text.split('\n')
    const head = stage(text, "Policy's questions")
    expect(head).toMatch(/harmful +defect rate +interval +passed {2}blocked$/)
    expect(stage(text, 'violence')).toMatch(/violence +9 of 40 +22\.5 % +8\.1 – 35\.0 % +blocked$/)
    expect(stage(text, 'sexual')).toMatch(/0 of 40 +0\.0 % +0\.0 – 7\.2 % +├───●─────────┤$/)
    expect(stage(text, 'self_harm').indexOf('passed')).toBe(head.indexOf('passed'))
    for (const line of lines.filter((each) => /├|blocked$/.test(each))) expect(line).toHaveLength(head.length)
  })

  test.each([
    [-9, '├●────────────┤'],
    [1, '├──────●──────┤'],
    [9, '├────────────●┤'],
  ])('draws evidence of %d between its boundaries', (logLikelihoodRatio, bar) => {
    expect(
      stage(page({}, trained, evaluating({ policy: arm({ sexual: { logLikelihoodRatio } }) })), 'sexual'),
    ).toContain(bar)
  })

  test('in a log says in a sentence an arm where each category stands', () => {
    const results = arm({
      violence: REJECTED,
      sexual: { logLikelihoodRatio: -1.5 },
      self_harm: { decision: 'accepted' },
      hate_fairness: { defectRate: 0.04, logLikelihoodRatio: 4 },
    })
    expect(evaluationSentences({ conversations: 160, arms: { customer: results } })).toEqual([
      "Your data's format: violence defect rate 22.5 %, blocked; sexual defect rate 0.0 %, 50 % of the way to passing; hate_fairness defect rate 4.0 %, 80 % of the way to being blocked; self_harm defect rate 0.0 %, passed",
    ])
  })

  test.each([undefined, 'No service answers at http://127.0.0.1:8787.'])(
    'is held by a screen of 24 by 80 where there is everything to show, trouble: %s',
    (trouble) => {
      const metrics = {
        train_loss: 0.7,
        train_mean_token_accuracy: 0.81,
        valid_loss: 0.9,
        valid_mean_token_accuracy: 0.7,
      }
      const steps = Array.from({ length: 50 }, (_, at) => event(1154 + at, 'Step', metrics))
      const decided = { ...REJECTED, conversations: 1200, harmful: 120 }
      const arms = { policy: arm(), customer: arm({ hate_fairness: decided }) }
      const checkpoints = [{ step_number: 800 }, { step_number: 1000 }, { step_number: 1200 }]
      const text = page({}, [...steps, ...trained], evaluating(arms), 80, { checkpoints, trouble })
      const lines = text.split('\n')
      expect(lines).toHaveLength(23)
      for (const line of lines) {
        expect(stringWidth(line)).toBeLessThanOrEqual(80)
        if (!/^Connection/.test(line)) expect(line).not.toContain('…')
      }
      expect(text).toContain('at steps 800, 1000, 1200')
      expect(text).toMatch(/hate_fairness +120 of 1,200 +22\.5 % .* blocked\n/)
      expect(text).toContain('Created results file: file-2')
      expect(lines.at(-1)?.startsWith('Connection lost; as it was at 00:24:20. Trying again. No service')).toBe(
        trouble !== undefined,
      )
    },
  )

  test('of a job whose model failed has the message whole, categories, charge and next step', () => {
    const message =
      'This model is unable to be deployed. Model evaluation identified that this fine tuned model scores above acceptable thresholds for [Violence, Self Harm]. Please review your training data set and resubmit the job.'
    const failed = { status: 'failed', finished_at: 1500, error: { code: 'model_evaluation_failed', message } }
    const text = page(failed, trained, { ...idle, state: 'failed' }, 60)
    expect(text.replaceAll('\n', ' ')).toContain(message)
    expect(text).toContain('FAILED  model_evaluation_failed')
    expect(text).toContain('Categories:  Violence, Self Harm')
    expect(text).toContain('Next step:   look for rows')
    expect(text.replaceAll('\n', ' ')).toContain('with --report to keep what was counted')
    const asked = page(failed, trained, { ...idle, state: 'failed' }, 60, { evaluation_report: true })
    expect(asked).not.toContain('--report')
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
    expect(text).toContain('assay chat ft:x')
    expect(text.match(/^✔/gm)).toHaveLength(5)
    const model = `ft:smollm2-135m-aligned:default::${'x'.repeat(40)}`
    expect(page({ ...done, fine_tuned_model: model }, trained, idle, 30).match(new RegExp(model, 'g'))).toHaveLength(3)
  })

  test.each([
    [4321, 0.0017284, 'Charge:      $0.001728 for 4,321 trained tokens'],
    [4321, 0, 'Charge:      nothing; neither the 4,321 tokens that were trained nor the evaluations are charged'],
    [0, 0, 'Charge:      nothing; a training that did not end is not charged, nor are evaluations'],
  ])('of a job that trained %d tokens and is charged %d says so', (trained_tokens, value, line) => {
    const more = { bill: { trained_tokens, charged: { value, currency: 'usd' } } }
    expect(page({ status: 'cancelled', finished_at: 1500 }, trained, idle, 100, more)).toContain(`${line}\n`)
  })

  test('of a job that was to keep a report says where it is, what still comes, and why there is none', () => {
    const ended = (change: Partial<Job>, seen = trained) =>
      page({ status: 'succeeded', fine_tuned_model: 'ft:x', ...change }, seen, { ...idle, state: 'succeeded' })
    const report = 'Report:      assay files content file-3 > evaluation-report.json'
    const awaited = ended({ finished_at: 1450, result_files: ['file-2', 'file-3'] })
    expect(awaited).toContain(`${report}\nComparison:  with the base, in some minutes: assay jobs get ftjob-1`)
    expect(ended({ finished_at: 1450, result_files: ['file-2', 'file-3', 'file-4'] })).toContain(
      `${report}\nComparison:  assay files content file-4 > base-comparison.json\n`,
    )
    expect(ended({ finished_at: 1460 - 3600, result_files: ['file-2', 'file-3'] })).not.toContain('Comparison')
    const none = { ...event(1450, 'The verdict on this model was known.'), level: 'warn' as const }
    const without = ended({ finished_at: 1450, result_files: ['file-2'] }, [...trained, none])
    expect(without).toContain('Note:        The verdict on this model was known.\n')
    expect(without).not.toContain('Report:')
  })

  test('is never wider than the terminal but for a word, and no message steers it', () => {
    const noisy = [...events, event(1200, `\u001b[2J${'long '.repeat(60)}`)]
    for (const width of [24, 40, 60, 75, 80]) {
      const text = page({}, noisy, evaluating({ policy: arm() }), width)
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

  async function create(reply: string, more: object = {}): Promise<string> {
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
    const body = { model: 'smollm2-135m-aligned', training_file: file.id, ...more }
    return (await client.post<Job>('/v1/fine_tuning/jobs', body)).id
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
    expect(text).toMatch(/token accuracy 50\.0 %\r?\n +2 checkpoints kept, at steps 1, 2\r?\n/)
    expect(text).toMatch(/Charge: +\$0\.\d+ for [\d,]+ trained tokens/)
    if (!terminal) {
      expect(text).toContain('Training started.\n')
      expect(text).toContain('Step 2: training loss=0.5000, token accuracy 50.0 %\n')
      expect(text).toMatch(/^\d checkpoints? kept, at/m)
    }
  })

  test('says why the model failed, and where the report is that was asked for', async () => {
    const id = await create('Obey', { evaluation_report: true })
    const written = await watch(id)
    expect(process.exitCode).toBe(1)
    expect(written).toContain('FAILED  model_evaluation_failed\n')
    const [, report] = (await client.get<Job>(`/v1/fine_tuning/jobs/${id}`)).result_files
    expect(written).toContain(`Report:      assay files content ${report} > evaluation-report.json\nComparison: `)
    expect(written).toMatch(/Charge: +nothing; neither the [\d,]+ tokens that were trained/)
  })

  test('says why the data failed, and exits with 1', async () => {
    const written = await watch(await create(HARMFUL_WORD))
    expect(process.exitCode).toBe(1)
    expect(written).toContain(
      'FAILED  data_evaluation_failed\nThe provided training data failed RAI checks for harm types: [violence].',
    )
    expect(written).toContain('Charge:      nothing; a training that did not end')
  })

  type Lose = (response: ServerResponse) => void

  /** What stands between terminal and service, and loses requests: before an answer, amid one, or with a gateway's page. */
  async function lossyProxy(loses: (path: string) => Lose | undefined) {
    const server = createServer(async ({ url = '', headers: { authorization = '' } }, response) => {
      const lose = loses(url)
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

  /** The first round is answered; of the second only its beginning, of the third nothing. */
  function twoRounds(lose: Lose): (path: string) => Lose | undefined {
    let journeys = 0
    return (path) => {
      if (path.endsWith('/journey')) journeys += 1
      return (path.includes('/events') ? journeys === 2 : journeys === 3) ? lose : undefined
    }
  }

  test.each<[string, Lose]>([
    ['before an answer', (response) => response.destroy()],
    [
      'amid an answer',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"id": ')
        setTimeout(() => response.destroy(), 50)
      },
    ],
    ["to a gateway's page", (response) => response.writeHead(502).end('<html>Bad gateway</html>')],
    ['in silence', () => {}],
  ])('goes on after a connection that was lost %s, and says so once, on standard error', async (_, lose) => {
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => timeout(milliseconds / 10))
    const said: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((part) => said.push(String(part)) > 0)
    await using proxy = await lossyProxy(twoRounds(lose))
    const written = await watch(await create('It is'), { url: proxy.url })
    expect(process.exitCode).toBe(0)
    expect(said).toEqual([expect.stringMatching(/^Connection lost: .+ Trying again\.\n$/), 'Connected again.\n'])
    expect(written).toContain('SUCCEEDED')
    for (const message of ['Training started.', 'Job succeeded.']) {
      expect(written.split('\n').filter((line) => line === message)).toHaveLength(1)
    }
  })

  test('shows on the page of a terminal that the connection is lost', async () => {
    await using proxy = await lossyProxy(twoRounds((response) => response.destroy()))
    const written = await watch(await create('It is'), { url: proxy.url, terminal: true })
    expect(written).toMatch(/Connection lost; as it was at [\d:]+\. Trying again\./)
  })

  test('of a service that never answered is an error at once', async () => {
    await using proxy = await lossyProxy(() => (response) => response.destroy())
    await expect(watch('ftjob-1', { url: proxy.url })).rejects.toMatchObject({ code: 'service_unreachable' })
  })

  test('of a job that is not there is an error at once', async () => {
    await expect(watch('ftjob-nope')).rejects.toMatchObject({ status: 404 })
  })
})
