import { setTimeout as delay } from 'node:timers/promises'
import { Command } from 'commander'
import type { ApiClient } from './api-client.ts'
import { clientOf, connects } from './connection.ts'
import { print, printOne } from './output.ts'

const JOBS = '/v1/fine_tuning/jobs'
const COLUMNS = ['id', 'status', 'model', 'fine_tuned_model', 'created_at']
const EXIT_CODES =
  '\nExit code of following: 0 succeeded, 1 failed or cancelled, 2 wrong usage, 3 the evaluation could not be held.'
const ENDS = ['succeeded', 'failed', 'cancelled']

interface Job {
  readonly id: string
  readonly status: string
  readonly fine_tuned_model: string | null
  readonly error: { readonly code: string; readonly message: string } | null
}

interface Event {
  readonly id: string
  readonly message: string
  readonly created_at: number
}

/** `assay jobs`: what `/v1/fine_tuning/jobs` does. */
export function jobsCommand(): Command {
  const jobs = new Command('jobs').description('fine-tuning jobs')
  connects(jobs.command('create').argument('<training-file>', 'id of an uploaded file'))
    .description('create a job')
    .option('--model <name>', 'base model', 'smollm2-135m-aligned')
    .option('--validation-file <id>', 'id of an uploaded file')
    .option('--suffix <suffix>', "part of the tuned model's name")
    .option('--epochs <n>', 'epochs, or auto')
    .option('--seed <n>', 'seed')
    .option('--follow', 'show its events until it ends')
    .option('--json', 'as JSON')
    .addHelpText('after', EXIT_CODES)
    .action(async (file, options) => {
      const client = clientOf(options)
      const job = await client.post<Job>(JOBS, jobBody(file, options))
      if (options.follow) await follow(client, job.id)
      else printOne(job, options.json)
    })
  connects(jobs.command('list'))
    .description('list jobs, newest first')
    .option('--limit <n>', 'how many', '20')
    .option('--json', 'as JSON')
    .action(async (options) => {
      const { data } = await clientOf(options).get<{ data: Job[] }>(`${JOBS}?limit=${Number(options.limit)}`)
      print(data, COLUMNS, options.json)
    })
  connects(jobs.command('get').argument('<id>'))
    .description('show a job')
    .option('--json', 'as JSON')
    .action(async (id, options) => printOne(await clientOf(options).get<Job>(`${JOBS}/${id}`), options.json))
  connects(jobs.command('cancel').argument('<id>'))
    .description('cancel a job')
    .option('--json', 'as JSON')
    .action(async (id, options) => printOne(await clientOf(options).post<Job>(`${JOBS}/${id}/cancel`), options.json))
  connects(jobs.command('events').argument('<id>'))
    .description("list a job's events, oldest first")
    .option('--json', 'as JSON')
    .action(async (id, options) =>
      print(await allEvents(clientOf(options), id), ['created_at', 'message'], options.json),
    )
  connects(jobs.command('checkpoints').argument('<id>'))
    .description("list a job's checkpoints")
    .option('--json', 'as JSON')
    .action(async (id, options) => {
      const { data } = await clientOf(options).get<{ data: object[] }>(`${JOBS}/${id}/checkpoints`)
      print(data, ['id', 'step_number', 'fine_tuned_model_checkpoint', 'metrics'], options.json)
    })
  connects(jobs.command('follow').argument('<id>'))
    .description("show a job's events until it ends")
    .addHelpText('after', EXIT_CODES)
    .action(async (id, options) => follow(clientOf(options), id))
  return jobs
}

function jobBody(file: string, options: Record<string, string | undefined>): object {
  const epochs = options.epochs && options.epochs !== 'auto' ? Number(options.epochs) : options.epochs
  return {
    model: options.model,
    training_file: file,
    ...(options.validationFile && { validation_file: options.validationFile }),
    ...(options.suffix && { suffix: options.suffix }),
    ...(options.seed && { seed: Number(options.seed) }),
    ...(epochs && { method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: epochs } } } }),
  }
}

/** Exit codes are those of a check: 1 where the job did not succeed, 3 where its evaluation could not be held. */
function exitCode({ status, error }: Job): number {
  if (status === 'succeeded') return 0
  return error?.code === 'evaluation_unavailable' ? 3 : 1
}

/** Events go to standard output as they come, what failed the job to standard error. */
async function follow(client: ApiClient, id: string): Promise<void> {
  let shown = 0
  for (;;) {
    const job = await client.get<Job>(`${JOBS}/${id}`)
    const events = await allEvents(client, id)
    for (const event of events.slice(shown)) process.stdout.write(`${event.message}\n`)
    shown = events.length
    if (ENDS.includes(job.status)) {
      process.exitCode = exitCode(job)
      if (job.error) process.stderr.write(`${job.error.message} [${job.error.code}]\n`)
      else process.stdout.write(`${job.status}${job.fine_tuned_model ? `: ${job.fine_tuned_model}` : ''}\n`)
      return
    }
    await delay(1000)
  }
}

async function allEvents(client: ApiClient, id: string): Promise<Event[]> {
  const events: Event[] = []
  for (let after = ''; ; ) {
    const cursor = after ? `&after=${after}` : ''
    const page = await client.get<{ data: Event[]; has_more: boolean }>(`${JOBS}/${id}/events?limit=100${cursor}`)
    events.push(...page.data)
    if (!page.has_more) return events.reverse()
    after = page.data.at(-1)?.id ?? ''
  }
}
