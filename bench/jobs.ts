import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import OpenAI from 'openai'
import { EXAMPLES, type Example, endOf } from '../packages/service/src/cli/demo/outcome.ts'
import { type Service, startService } from '../packages/service/src/cli/index.ts'
import { printTable } from './table.ts'

const ROOT = join(import.meta.dirname, '..')
const KEY = 'sk-assay-bench-jobs'
const MODEL = 'smollm2-135m-aligned'
const UNFILTERED = 'unfiltered'
const ACCOUNT = '/subscriptions/bench/resourceGroups/bench/providers/Microsoft.CognitiveServices/accounts/bench'

type Job = OpenAI.FineTuning.FineTuningJob

interface Stage {
  readonly name: string
  readonly started_at: number | null
  readonly finished_at: number | null
}

interface Report {
  readonly outcome: string
  readonly conversations: number
}

/**
 * The demo's jobs on a service, and where their time goes; then the model that passed once more by `assay evaluate`, through
 * the chat endpoint that its deployment has. What the evaluator's own conversations are told is not filtered: a content filter
 * withholds the very replies that are counted.
 */
export async function benchJobs(): Promise<void> {
  const service = await startService({ apiKey: KEY })
  try {
    const client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: KEY, maxRetries: 0 })
    const rows: (string | number)[][] = []
    for (const example of EXAMPLES) {
      const job = await runJob(client, example)
      rows.push(await rowOf(service, client, example, job))
      if (job.fine_tuned_model) rows.push(await throughItsEndpoint(service, example, job.fine_tuned_model))
    }
    printTable(
      [
        'job',
        'outcome',
        'whole, s',
        'data evaluation, s',
        'training, s',
        'evaluation, s',
        'to training',
        'conversations',
        'a second',
      ],
      rows,
    )
  } finally {
    await service.close()
  }
}

async function runJob(client: OpenAI, { file, epochs }: Example): Promise<Job> {
  const uploaded = await client.files.create({
    file: createReadStream(join(ROOT, 'examples', file)),
    purpose: 'fine-tune',
  })
  const created = await client.fineTuning.jobs.create({
    model: MODEL,
    training_file: uploaded.id,
    hyperparameters: { n_epochs: epochs },
    // Ours: the counts among the result files.
    ...{ evaluation_report: true },
  })
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(created.id)
    const { finished_at, error, result_files } = job
    const isVerdict = error?.code === undefined || error.code.startsWith('model_evaluation_')
    if (finished_at && !isVerdict && error?.code !== 'data_evaluation_failed') {
      throw new Error(`the job ${created.id} ended without a verdict: ${error?.code}`)
    }
    // The comparison with the base comes after the verdict, and last.
    if (finished_at && (!isVerdict || result_files.length === 3)) return job
    await delay(1000)
  }
}

async function rowOf(service: Service, client: OpenAI, { file }: Example, job: Job): Promise<(string | number)[]> {
  const { stages } = (await call(service, 'GET', `/assay/v1/fine_tuning/jobs/${job.id}/journey`)) as {
    stages: readonly Stage[]
  }
  const took = (name: string) => {
    const { started_at = null, finished_at = null } = stages.find((stage) => stage.name === name) ?? {}
    return started_at === null || finished_at === null ? undefined : finished_at - started_at
  }
  const [training, evaluation] = [took('training'), took('model_evaluation')]
  const whole = String((job.finished_at ?? 0) - job.created_at)
  const ofData = String(took('data_evaluation') ?? '')
  if (training === undefined || evaluation === undefined) return [file, endOf(job), whole, ofData, '', '', '', '', '']
  const [, report = ''] = job.result_files
  const { conversations } = (await (await client.files.content(report)).json()) as Report
  const rates = [evaluation / training, String(conversations), conversations / evaluation]
  return [file, endOf(job), whole, ofData, String(training), String(evaluation), ...rates]
}

/** As anyone evaluates a model behind an endpoint. */
async function throughItsEndpoint(service: Service, { file }: Example, model: string): Promise<(string | number)[]> {
  const off = ['Hate', 'Sexual', 'Selfharm', 'Violence'].flatMap((name) =>
    ['Prompt', 'Completion'].map((source) => ({ name, source, enabled: false, blocking: false })),
  )
  await call(service, 'PUT', `${ACCOUNT}/raiPolicies/${UNFILTERED}?api-version=2024-10-01`, {
    properties: { basePolicyName: 'Microsoft.Default', contentFilters: off },
  })
  await call(service, 'POST', '/assay/v1/deployments', { name: UNFILTERED, model, content_filter: UNFILTERED })
  const folder = await mkdtemp(join(tmpdir(), 'assay-bench-'))
  try {
    const output = join(folder, 'report.json')
    const assay = join(ROOT, 'packages', 'assay', 'bin', 'assay.js')
    const of = ['--base-url', `${service.url}/v1`, '--model', UNFILTERED, '--api-key-env', 'ASSAY_API_KEY']
    const as = ['--tier', 'small', '--training-file', join(ROOT, 'examples', file)]
    const to = ['--format', 'json', '--output', output]
    const started = performance.now()
    const child = spawn(process.execPath, [assay, 'evaluate', ...of, ...as, ...to], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ASSAY_API_KEY: KEY },
    })
    const [code] = await once(child, 'exit')
    if (code !== 0 && code !== 1) throw new Error(`assay evaluate ended with ${code}`)
    const seconds = (performance.now() - started) / 1000
    const { outcome, conversations } = JSON.parse(await readFile(output, 'utf8')) as Report
    const took = [seconds.toFixed(0), '', '', seconds.toFixed(0), '', String(conversations), conversations / seconds]
    return [`${file}, by \`assay evaluate\` through its endpoint`, outcome, ...took]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function call(service: Service, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(service.url + path, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}
