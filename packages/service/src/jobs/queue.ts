import { fromKysely, fromPglite, PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import type { Database, Sql } from '../storage/index.ts'
import type { Job } from './job.ts'

/** Files are checked as they come, whatever runs. */
const VALIDATION = 'file-validation'
/** What a customer wants to know once the verdict is there: behind all jobs' verdicts. */
const comparison = (geography: string) => `base-comparison.${geography}`
/** First come, first served; one job of a resource at a time. Each geography has its own: jobs wait for theirs. */
const tuning = (geography: string) => `fine-tuning.${geography}`

const PATIENCE = { retryLimit: 1000, retryDelay: 0, expireInSeconds: 23 * 3600, heartbeatSeconds: 20 }

/** Does the work that a queued job stands for, until it waits or ends. */
export type Worker = (jobId: string, options: { signal: AbortSignal }) => Promise<void>

interface Payload {
  readonly jobId: string
}

/** The queue of jobs, on pg-boss. What is queued is a job's id, and nothing of the job. */
export class JobQueue {
  readonly #boss: PgBoss
  readonly #embedded: boolean
  /** Where this process evaluates. */
  readonly #geography: string
  readonly #log: Logger

  constructor(database: Database, geography: string, log: Logger) {
    this.#geography = geography
    this.#embedded = database.embedded !== undefined
    this.#log = log
    this.#boss = new PgBoss({
      ...(database.embedded
        ? { db: fromPglite(database.embedded), backend: 'pglite' as const }
        : { connectionString: database.url as string }),
      schema: 'queue',
      registerInstance: false,
      openTelemetry: { enabled: false },
      reindex: false,
      monitorVacuum: false,
      monitorIntervalSeconds: 15,
      superviseIntervalSeconds: 15,
    })
    this.#boss.on('error', (error) => log.error({ code: 'queue_error', name: error.name }, 'job queue'))
  }

  async start(): Promise<void> {
    await this.#boss.start()
    await this.#boss.createQueue(VALIDATION, { policy: 'standard', ...PATIENCE })
    await this.#openTuning(this.#geography)
    await this.#boss.createQueue(comparison(this.#geography), { policy: 'standard', ...PATIENCE })
    if (this.#embedded) await this.#takeBack()
  }

  async work(validate: Worker, tune: Worker, compare: Worker): Promise<void> {
    const queues = [
      [VALIDATION, validate],
      [tuning(this.#geography), tune],
      [comparison(this.#geography), compare],
    ] as const
    for (const [name, worker] of queues) {
      await this.#boss.work<Payload>(name, { pollingIntervalSeconds: 0.5 }, async ([job]) => {
        if (job) await worker(job.data.jobId, { signal: job.signal })
      })
    }
  }

  async enqueueValidation(jobId: string, sql: Sql): Promise<void> {
    await this.#boss.send(VALIDATION, { jobId }, { db: fromKysely(executor(sql)) })
  }

  async enqueueTuning(job: Job, geography: string, sql: Sql): Promise<void> {
    const options = { singletonKey: job.resourceId, db: fromKysely(executor(sql)) }
    await this.#boss.send(tuning(geography), { jobId: job.id }, options)
  }

  /** In the geography that this process evaluates in, which is the job's. */
  async enqueueComparison(jobId: string, sql: Sql): Promise<void> {
    await this.#boss.send(comparison(this.#geography), { jobId }, { db: fromKysely(executor(sql)) })
  }

  /** Makes the queue of a geography that this process does not evaluate in; not within a transaction. */
  async #openTuning(geography: string): Promise<void> {
    await this.#boss.createQueue(tuning(geography), { policy: 'key_strict_fifo', ...PATIENCE })
  }

  /** To be called before `enqueueTuning`. */
  async prepareTuning(geography: string): Promise<void> {
    if (geography !== this.#geography) await this.#openTuning(geography)
  }

  /** Lets go of what is being worked on: it is begun again at the next start. */
  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: 8_000, close: !this.#embedded }).catch((error: Error) => {
      this.#log.error({ code: 'queue_stop', name: error.name }, 'job queue')
    })
  }

  /** An embedded database has one process only: whatever is marked as worked on was cut off with the last one. */
  async #takeBack(): Promise<void> {
    for (const name of [VALIDATION, tuning(this.#geography), comparison(this.#geography)]) {
      const active = (await this.#boss.findJobs(name)).filter((job) => job.state === 'active')
      if (active.length > 0)
        await this.#boss.fail(
          name,
          active.map((job) => job.id),
          { reason: 'interrupted' },
        )
    }
  }
}

function executor(sql: Sql): Parameters<typeof fromKysely>[0] {
  return sql as unknown as Parameters<typeof fromKysely>[0]
}
