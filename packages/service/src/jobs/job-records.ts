import { randomBytes } from 'node:crypto'
import { AssayError } from 'assay/errors'
import { type Selectable, sql, type Updateable } from 'kysely'
import type { Schema, Sql } from '../storage/index.ts'
import { EVENTS } from './events.ts'
import type { Checkpoint, Job, JobError, JobEvent, Method, RequestedHyperparameters, StoredEvent } from './job.ts'
import { isFinished, type JobState, next, type Transition } from './states.ts'

/** What is written in the same transaction as a job's move. */
export interface Move {
  readonly events?: readonly JobEvent[]
  readonly changes?: Updateable<Schema['jobs']>
  readonly error?: JobError
  also?(transaction: Sql): Promise<void>
}

/** Somebody else moved the job meanwhile: it was cancelled, say. */
export class JobMovedError extends AssayError {
  constructor(id: string) {
    super('job_moved', `Job ${id} is no longer in the state it was read in.`, { status: 409 })
  }
}

/** What the database fills in, and what no job has at its beginning. */
type Defaulted =
  | 'attempts'
  | 'created_at'
  | 'method'
  | 'evaluation_report'
  | 'report_files'
  | 'result_file'
  | 'trained_tokens'
  | 'error_code'
  | 'error_message'
  | 'error_param'
  | 'finished_at'
  | 'paused_epoch'

/** Jobs in the database: read, and moved along the life cycle. */
export class JobRecords {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** `also` comes first in the same transaction: it may check, lock and queue. `events` come after that of every job. */
  async create(
    row: Omit<Schema['jobs'], Defaulted> & { method: Method; evaluation_report?: boolean },
    also: (sql: Sql) => Promise<void>,
    events: readonly JobEvent[] = [],
  ) {
    return this.#sql.transaction().execute(async (transaction) => {
      await also(transaction)
      const created = await transaction
        .insertInto('jobs')
        .values({ ...row, hyperparameters: JSON.stringify(row.hyperparameters), metadata: json(row.metadata) })
        .returningAll()
        .executeTakeFirstOrThrow()
      await appendEvents(transaction, row.id, [EVENTS.enqueued, ...events])
      return fromRow(created)
    })
  }

  async find(id: string): Promise<Job | undefined> {
    const row = await this.#sql.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
    return row && fromRow(row)
  }

  /** Throws `job_not_found`; a job of another resource is not found. */
  async get(resourceId: string, id: string, param = 'fine_tuning_job_id'): Promise<Job> {
    const job = await this.find(id)
    if (job && job.resourceId === resourceId) return job
    throw new AssayError('job_not_found', `Could not find fine tune: ${id}`, { status: 404, param })
  }

  async state(id: string): Promise<JobState | undefined> {
    const row = await this.#sql.selectFrom('jobs').select('state').where('id', '=', id).executeTakeFirst()
    return row?.state as JobState | undefined
  }

  /** Newest first; `imports` instead of jobs that tune. `metadata`: only jobs that have these pairs; where it is null, those that have none. */
  async list(
    resourceId: string,
    page: {
      after?: string | undefined
      limit: number
      metadata?: Readonly<Record<string, string>> | null
      imports?: boolean
    },
  ): Promise<{ jobs: Job[]; hasMore: boolean }> {
    let query = this.#sql
      .selectFrom('jobs')
      .selectAll()
      .where('resource_id', '=', resourceId)
      .where('surface', 'in', page.imports ? ['import'] : ['openai', 'azure'])
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
    if (page.after) {
      const { id } = await this.get(resourceId, page.after, 'after')
      // Compared in the database: its times are finer than a Date.
      query = query.where(
        sql<boolean>`(created_at, id) < (select after.created_at, after.id from jobs after where after.id = ${id})`,
      )
    }
    if (page.metadata === null) query = query.where(sql<boolean>`coalesce(metadata, '{}') = '{}'`)
    for (const [key, value] of Object.entries(page.metadata ?? {})) {
      query = query.where(sql<boolean>`metadata ->> ${key}::text = ${value}`)
    }
    const rows = await query.execute()
    return { jobs: rows.slice(0, page.limit).map(fromRow), hasMore: rows.length > page.limit }
  }

  async countUnfinished(resourceId: string, within: Sql = this.#sql): Promise<number> {
    const { count } = await within
      .selectFrom('jobs')
      .select((expression) => expression.fn.countAll<number>().as('count'))
      .where('resource_id', '=', resourceId)
      .where('finished_at', 'is', null)
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  /** Moves the job, with all that belongs to the move, or throws `JobMovedError` and changes nothing. */
  async advance(job: Job, transition: Transition, move: Move = {}): Promise<Job> {
    const to = next(job.state, transition)
    if (!to) throw new JobMovedError(job.id)
    return this.#sql.transaction().execute(async (transaction) => {
      const row = await transaction
        .updateTable('jobs')
        .set({
          ...move.changes,
          state: to,
          attempts: 0,
          finished_at: isFinished(to) ? new Date() : null,
          ...(move.error && {
            error_code: move.error.code,
            error_message: move.error.message,
            error_param: move.error.param,
          }),
        })
        .where('id', '=', job.id)
        .where('state', '=', job.state)
        .returningAll()
        .executeTakeFirst()
      if (!row) throw new JobMovedError(job.id)
      await appendEvents(transaction, job.id, [
        ...(move.events ?? []),
        ...(move.error ? [EVENTS.failed(move.error)] : []),
      ])
      await move.also?.(transaction)
      return fromRow(row)
    })
  }

  /** Whether the work of the job's present state was begun. */
  async hasBegun(id: string): Promise<boolean> {
    const row = await this.#sql.selectFrom('jobs').select('attempts').where('id', '=', id).executeTakeFirst()
    return row !== undefined && row.attempts > 0
  }

  /** Counts a beginning of the work of the job's state; how many there were, those let go left out. */
  async begin(job: Job): Promise<number> {
    const row = await this.#sql
      .updateTable('jobs')
      .set((expression) => ({ attempts: expression('attempts', '+', 1) }))
      .where('id', '=', job.id)
      .returning('attempts')
      .executeTakeFirstOrThrow()
    return row.attempts
  }

  /** Takes the count of `begin` back: a graceful stop is no interruption. */
  async letGo(job: Job): Promise<void> {
    await this.#sql
      .updateTable('jobs')
      .set((expression) => ({ attempts: expression('attempts', '-', 1) }))
      .where('id', '=', job.id)
      .where('state', '=', job.state)
      .execute()
  }

  /** What was `auto`, once it is settled. */
  async settleHyperparameters(jobId: string, chosen: RequestedHyperparameters): Promise<void> {
    await this.#sql
      .updateTable('jobs')
      .set({ hyperparameters: JSON.stringify(chosen) })
      .where('id', '=', jobId)
      .execute()
  }

  /** A report of a job that has ended. */
  async addReportFile(jobId: string, fileId: string, within: Sql): Promise<void> {
    await within
      .updateTable('jobs')
      .set({ report_files: sql<string>`report_files || ${JSON.stringify([fileId])}::jsonb` as never })
      .where('id', '=', jobId)
      .execute()
  }

  append(jobId: string, ...events: readonly JobEvent[]): Promise<void> {
    return appendEvents(this.#sql, jobId, events)
  }

  /** Newest first, as the API lists them. */
  async events(jobId: string, page: { after?: string | undefined; limit: number }) {
    let query = this.#sql
      .selectFrom('events')
      .selectAll()
      .where('job_id', '=', jobId)
      .orderBy('sequence', 'desc')
      .limit(page.limit + 1)
    if (page.after) {
      const after = await this.#sql
        .selectFrom('events')
        .select('sequence')
        .where('job_id', '=', jobId)
        .where('id', '=', page.after)
        .executeTakeFirst()
      if (!after)
        throw new AssayError('event_not_found', `No such event: ${page.after}`, { status: 404, param: 'after' })
      query = query.where('sequence', '<', after.sequence)
    }
    const rows = await query.execute()
    return { events: rows.slice(0, page.limit).map(eventFromRow), hasMore: rows.length > page.limit }
  }

  /** When each of these events came, by its key; those that have not come are left out. */
  async moments(jobId: string, keys: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    const rows = await this.#sql
      .selectFrom('events')
      .select(['key', 'created_at'])
      .where('job_id', '=', jobId)
      .where('key', 'in', [...keys])
      .execute()
    return new Map(rows.map((row) => [row.key, row.created_at]))
  }

  /** Metrics of a job's steps, oldest first: all, or about `points` of them, evenly spread, the last one included. */
  async metrics(jobId: string, points: number): Promise<Readonly<Record<string, number>>[]> {
    const rows = await this.#sql
      .with('steps', (query) =>
        query
          .selectFrom('events')
          .select(['data', 'sequence'])
          .select(sql<number>`row_number() over (order by sequence desc)`.as('place'))
          .select(sql<number>`count(*) over ()`.as('total'))
          .where('job_id', '=', jobId)
          .where('type', '=', 'metrics'),
      )
      .selectFrom('steps')
      .select('data')
      .where(sql<boolean>`(place - 1) % greatest(1, ceil(total / ${points}::float)::int) = 0`)
      .orderBy('sequence')
      .execute()
    return rows.map((row) => row.data as Record<string, number>)
  }

  /** Newest first; a job has a few. */
  async checkpoints(jobId: string, page: { after?: string | undefined; limit: number }) {
    const rows = await this.#sql
      .selectFrom('checkpoints')
      .selectAll()
      .where('job_id', '=', jobId)
      .orderBy('epoch', 'desc')
      .execute()
    const from = page.after ? rows.findIndex((row) => row.id === page.after) + 1 : 0
    if (page.after && from === 0)
      throw new AssayError('checkpoint_not_found', `No such checkpoint: ${page.after}`, { status: 404, param: 'after' })
    const shown = rows.slice(from, from + page.limit)
    return { checkpoints: shown.map(checkpointFromRow), hasMore: from + shown.length < rows.length }
  }
}

function checkpointFromRow(row: Selectable<Schema['checkpoints']>): Checkpoint {
  return {
    id: row.id,
    jobId: row.job_id,
    epoch: row.epoch,
    step: row.step,
    metrics: row.metrics as Record<string, number>,
    model: row.model,
    createdAt: row.created_at,
  }
}

async function appendEvents(sql: Sql, jobId: string, events: readonly JobEvent[]): Promise<void> {
  if (events.length === 0) return
  await sql
    .insertInto('events')
    .values(
      events.map((event) => ({
        id: `ftevent-${randomBytes(16).toString('hex')}`,
        job_id: jobId,
        key: event.key,
        level: event.level,
        type: event.type,
        message: event.message,
        data: json(event.data),
      })),
    )
    .onConflict((conflict) => conflict.columns(['job_id', 'key']).doNothing())
    .execute()
}

function json(value: object | null | undefined): string | null {
  return value ? JSON.stringify(value) : null
}

function eventFromRow(row: Selectable<Schema['events']>): StoredEvent {
  return {
    id: row.id,
    level: row.level as StoredEvent['level'],
    type: row.type as StoredEvent['type'],
    message: row.message,
    ...(row.data && { data: row.data as Record<string, unknown> }),
    createdAt: row.created_at,
  }
}

function fromRow(row: Selectable<Schema['jobs']>): Job {
  return {
    id: row.id,
    resourceId: row.resource_id,
    state: row.state as JobState,
    surface: row.surface as Job['surface'],
    model: row.model,
    trainingFile: row.training_file,
    validationFile: row.validation_file,
    suffix: row.suffix,
    seed: row.seed,
    method: row.method as Method,
    hyperparameters: row.hyperparameters as Job['hyperparameters'],
    metadata: row.metadata as Job['metadata'],
    tunedModel: row.tuned_model,
    adapter:
      row.adapter_blob_id && row.adapter_sha256 ? { blobId: row.adapter_blob_id, sha256: row.adapter_sha256 } : null,
    pausedEpoch: row.paused_epoch,
    resultFile: row.result_file,
    wantsReport: row.evaluation_report,
    reportFiles: row.report_files,
    trainedTokens: row.trained_tokens,
    error: row.error_code ? { code: row.error_code, message: row.error_message ?? '', param: row.error_param } : null,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  }
}
