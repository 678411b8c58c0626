import { setTimeout as delay } from 'node:timers/promises'
import { AssayError } from 'assay/errors'
import { decimal, whole } from 'assay/terminal'
import { Command, Option } from 'commander'
import type { ApiClient } from './api-client.ts'
import { CONNECTION_HELP, clientOf, connects } from './connection.ts'
import { exitCodeOf, hasEnded, JOBS, type Job } from './job.ts'
import { JobEvents } from './job-events.ts'
import { print, printOne } from './output.ts'
import { watchJob } from './watch/watch-job.ts'

const COLUMNS = ['id', 'status', 'model', 'fine_tuned_model', 'created_at']
const EXIT_CODES = `
Exit code, once the job has ended: 0 succeeded, 1 failed or cancelled, 2 wrong usage, 3 the evaluation could not be held.`

const HELP = `
A job validates its files, evaluates the data, trains, and evaluates the model; only then it has a model, and is charged.

  assay jobs create file-abc123 --epochs 3 --watch
  assay jobs create file-abc123 --method dpo --beta 0.1
  assay jobs watch ftjob-abc123

${CONNECTION_HELP}`

/** `assay jobs`: what `/v1/fine_tuning/jobs` does. */
export function jobsCommand(): Command {
  const jobs = new Command('jobs')
    .description('Create fine-tuning jobs, watch them, and see why one failed.')
    .addHelpText('after', HELP)
  connects(jobs.command('create').argument('<training-file>', 'id of an uploaded file'))
    .description('Create a job from an uploaded training file.')
    .option('--model <name>', 'base model of the catalogue', 'smollm2-135m-aligned')
    .option('--validation-file <id>', 'id of an uploaded file whose loss is reported; nothing is learned from it')
    .option('--suffix <suffix>', "part of the tuned model's name: letters, digits, - and _")
    .addOption(
      new Option('--method <method>', 'supervised: imitates conversations; dpo: prefers one output of a pair').choices([
        'supervised',
        'dpo',
      ]),
    )
    .option(
      '--beta <n>',
      'of dpo: how much the model is held to its base, above 0 to 2, or auto',
      decimal(0, 2, 'auto'),
    )
    .option('--epochs <n>', 'times that the file is gone through, 1 to 50, or auto', whole(1, 50, 'auto'))
    .option('--seed <n>', 'the same seed, file and settings train the same way', whole(0, 2 ** 31 - 1))
    .option('--report', 'keep the counts of the model evaluation, and what the tuning changed, as result files')
    .addOption(new Option('--follow', 'print its events until it ends').conflicts(['watch', 'json']))
    .addOption(new Option('--watch', 'show its page until it ends, as `assay jobs watch` does').conflicts('json'))
    .option('--json', 'print the job as JSON')
    .addHelpText('after', EXIT_CODES)
    .action(async (file, options) => {
      if (options.beta !== undefined && options.method !== 'dpo') throw betaOfDpo()
      const client = clientOf(options)
      const job = await client.post<Job>(JOBS, jobBody(file, options))
      // Whoever stops watching can still find it.
      if (options.watch || options.follow) process.stdout.write(`${job.id}\n`)
      if (options.watch) await watchJob(client, job.id)
      else if (options.follow) await follow(client, job.id)
      else printOne(job, options.json)
    })
  connects(jobs.command('list'))
    .description('List jobs, newest first.')
    .option('--limit <n>', 'how many at most, 1 to 100', whole(1, 100), 20)
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { data } = await clientOf(options).get<{ data: Job[] }>(`${JOBS}?limit=${options.limit}`)
      print(data, COLUMNS, options.json, 'No jobs yet. `assay jobs create FILE_ID` makes one.')
    })
  connects(jobs.command('get').argument('<id>', 'id of a job'))
    .description('Show a job as the API does: its settings, its error, its result files.')
    .option('--json', 'print JSON')
    .action(async (id, options) =>
      printOne(await clientOf(options).get<Job>(`${JOBS}/${encodeURIComponent(id)}`), options.json),
    )
  connects(jobs.command('cancel').argument('<id>', 'id of a job'))
    .description('Cancel a job that has not ended; nothing is charged.')
    .option('--json', 'print JSON')
    .action(async (id, options) =>
      printOne(await clientOf(options).post<Job>(`${JOBS}/${encodeURIComponent(id)}/cancel`), options.json),
    )
  connects(jobs.command('pause').argument('<id>', 'id of a job'))
    .description('Pause a job that trains, at the end of its epoch; its checkpoints can be deployed meanwhile.')
    .option('--json', 'print JSON')
    .action(async (id, options) =>
      printOne(await clientOf(options).post<Job>(`${JOBS}/${encodeURIComponent(id)}/pause`), options.json),
    )
  connects(jobs.command('resume').argument('<id>', 'id of a job'))
    .description('Let a paused job train on from the checkpoint that it was paused at.')
    .option('--json', 'print JSON')
    .action(async (id, options) =>
      printOne(await clientOf(options).post<Job>(`${JOBS}/${encodeURIComponent(id)}/resume`), options.json),
    )
  connects(jobs.command('events').argument('<id>', 'id of a job'))
    .description("List a job's events, oldest first.")
    .option('--json', 'print JSON')
    .action(async (id, options) =>
      print(await new JobEvents(clientOf(options), id).fresh(), ['created_at', 'message'], options.json),
    )
  connects(jobs.command('checkpoints').argument('<id>', 'id of a job'))
    .description("List a job's checkpoints, one an epoch, with their loss and accuracy.")
    .option('--json', 'print JSON')
    .action(async (id, options) => {
      const { data } = await clientOf(options).get<{ data: object[] }>(`${JOBS}/${encodeURIComponent(id)}/checkpoints`)
      const columns = ['id', 'step_number', 'fine_tuned_model_checkpoint', 'metrics']
      print(data, columns, options.json, 'No checkpoints yet: training makes one at the end of each epoch.')
    })
  connects(jobs.command('follow').argument('<id>', 'id of a job'))
    .description("Print a job's events as they come, until it ends.")
    .addHelpText('after', EXIT_CODES)
    .action(async (id, options) => follow(clientOf(options), id))
  connects(jobs.command('watch').argument('<id>', 'id of a job'))
    .description('Show a job until it ends: its stages, its training, where its evaluation stands, and how it ended.')
    .addHelpText('after', EXIT_CODES)
    .action(async (id, options) => watchJob(clientOf(options), id))
  return jobs
}

interface JobOptions {
  readonly model?: string
  readonly validationFile?: string
  readonly suffix?: string
  readonly method?: string
  readonly beta?: number | 'auto'
  readonly epochs?: number | 'auto'
  readonly seed?: number
  readonly report?: boolean
}

function jobBody(file: string, options: JobOptions): object {
  const hyperparameters = {
    ...(options.epochs !== undefined && { n_epochs: options.epochs }),
    ...(options.beta !== undefined && { beta: options.beta }),
  }
  const type = options.method ?? 'supervised'
  return {
    model: options.model,
    training_file: file,
    ...(options.validationFile && { validation_file: options.validationFile }),
    ...(options.suffix !== undefined && { suffix: options.suffix }),
    ...(options.seed !== undefined && { seed: options.seed }),
    method: { type, [type]: { hyperparameters } },
    ...(options.report && { evaluation_report: true }),
  }
}

function betaOfDpo(): AssayError {
  return new AssayError('option_of_dpo', '--beta is of --method dpo, which learns from pairs.', {
    status: 400,
    remedy: 'Leave it out, or add --method dpo for a file of preference pairs.',
  })
}

/** Events go to standard output as they come, what failed the job to standard error. */
async function follow(client: ApiClient, id: string): Promise<void> {
  const events = new JobEvents(client, id)
  for (;;) {
    const job = await client.get<Job>(`${JOBS}/${encodeURIComponent(id)}`)
    for (const event of await events.fresh()) process.stdout.write(`${event.message}\n`)
    if (hasEnded(job)) {
      process.exitCode = exitCodeOf(job)
      if (job.error) process.stderr.write(`${job.error.message} [${job.error.code}]\n`)
      else process.stdout.write(`${job.status}${job.fine_tuned_model ? `: ${job.fine_tuned_model}` : ''}\n`)
      return
    }
    await delay(1000)
  }
}
