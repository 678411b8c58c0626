import { setTimeout as delay } from 'node:timers/promises'
import { AssayError, EvaluationUnavailableError, where } from 'assay/errors'
import type { Job, JobError } from './job.ts'
import { JobMovedError } from './job-records.ts'
import type { JobQueue } from './queue.ts'
import type { JobServices } from './services.ts'
import { isFinished, type JobState, LIFE_CYCLE, type Work } from './states.ts'
import { admitModel } from './work/admit-model.ts'
import { evaluateModel } from './work/evaluate-model.ts'
import { importData } from './work/import-data.ts'
import { compareModels } from './work/reports.ts'
import { start } from './work/start.ts'
import { train } from './work/train.ts'
import { validateFiles } from './work/validate-files.ts'
import type { WorkOn } from './work/work-on.ts'

const WORK: Readonly<Record<Work, (work: WorkOn) => Promise<void>>> = {
  validateFiles,
  admitModel,
  start,
  importData,
  train,
  evaluateModel,
}

/** Done as it comes, whatever runs: no evaluator takes part in it. */
function isQuick(state: JobState): boolean {
  return state === 'validating_files' || state === 'admitting'
}

/** How often the work of one state may be cut off before the job is given up; a graceful stop does not count. */
const MAX_INTERRUPTIONS = 5
/** An evaluator that cannot be had is tried again after these many milliseconds, and then the job fails uncharged. */
const EVALUATOR_PATIENCE = [2_000, 10_000]
/** How soon a cancelled job's work is let go, in milliseconds. */
const WATCH_INTERVAL = 500

/** Works on jobs until they wait or end. Every failure ends here: as a retry, or as the job's error. */
export class JobRunner {
  readonly #services: JobServices
  readonly #queue: JobQueue
  readonly #stopping = new AbortController()

  constructor(services: JobServices, queue: JobQueue) {
    this.#services = services
    this.#queue = queue
  }

  /** Takes jobs from the queue from now on. */
  async start(): Promise<void> {
    await this.#queue.work(
      (id, options) => this.#run(id, options, isQuick),
      (id, options) => this.#run(id, options, (state) => !isQuick(state)),
      (id, options) => this.#compare(id, options),
    )
  }

  /** Lets go of all work; it is begun again at the next start. */
  letGo(): void {
    this.#stopping.abort(new InterruptedError())
  }

  /** Lets go, and waits for seconds at most until nothing is worked on. */
  async stop(): Promise<void> {
    this.letGo()
    await this.#queue.stop()
  }

  async #run(id: string, { signal }: { signal: AbortSignal }, mine: (state: JobState) => boolean): Promise<void> {
    // The queue may hand out once more what was just let go.
    if (this.#stopping.signal.aborted) throw new InterruptedError()
    for (;;) {
      const job = await this.#services.records.find(id)
      if (!job || isFinished(job.state) || !mine(job.state)) return
      if (await this.#tooOften(job)) return
      await this.#workOn(job, signal)
    }
  }

  /** Writes the report that follows a verdict. What cannot be held is logged, and left out: the verdict stands. */
  async #compare(id: string, { signal: queueSignal }: { signal: AbortSignal }): Promise<void> {
    if (this.#stopping.signal.aborted) throw new InterruptedError()
    const { records, resources, log } = this.#services
    const job = await records.find(id)
    // One file is the evaluation's own; with a second one this is done already.
    if (job?.reportFiles.length !== 1) return
    const signal = AbortSignal.any([queueSignal, this.#stopping.signal])
    try {
      const resource = await resources.byId(job.resourceId)
      await compareModels({ ...this.#services, job, resource, queue: this.#queue, signal })
    } catch (error) {
      if (signal.aborted) throw new InterruptedError()
      log.error({ job: id, ...describe(error) }, 'tuned model and base were not compared')
    }
  }

  async #workOn(job: Job, queueSignal: AbortSignal): Promise<void> {
    const { records, progress, resources, log } = this.#services
    const moved = new AbortController()
    const watch = this.#watch(job, moved)
    const signal = AbortSignal.any([moved.signal, queueSignal, this.#stopping.signal])
    try {
      const resource = await resources.byId(job.resourceId)
      await this.#patiently({ ...this.#services, job, resource, queue: this.#queue, signal })
    } catch (error) {
      if (error instanceof JobMovedError || moved.signal.aborted) return
      if (this.#stopping.signal.aborted) await records.letGo(job).catch(() => {})
      if (signal.aborted) throw new InterruptedError()
      log.error({ job: job.id, state: job.state, ...describe(error) }, 'job gave up')
      await records.advance(job, 'gaveUp', { error: jobError(error) }).catch(ignoreMoved)
    } finally {
      clearInterval(watch)
      progress.clear(job.id)
    }
  }

  async #patiently(work: WorkOn): Promise<void> {
    const kind = LIFE_CYCLE[work.job.state].work
    if (!kind) return
    for (const pause of [...EVALUATOR_PATIENCE, undefined]) {
      try {
        return await WORK[kind](work)
      } catch (error) {
        const unavailable = AssayError.is(error) && error.code === 'evaluation_unavailable'
        if (!unavailable || pause === undefined || work.signal.aborted) throw error
        this.#services.log.warn({ job: work.job.id, ...describe(error) }, 'evaluator unavailable, trying again')
        await delay(pause, undefined, { signal: work.signal })
      }
    }
  }

  #watch(job: Job, moved: AbortController): NodeJS.Timeout {
    return setInterval(() => {
      this.#services.records.state(job.id).then(
        (state) => {
          if (state === 'cancelled') moved.abort(new JobMovedError(job.id))
        },
        () => {},
      )
    }, WATCH_INTERVAL)
  }

  async #tooOften(job: Job): Promise<boolean> {
    if ((await this.#services.records.begin(job)) <= MAX_INTERRUPTIONS + 1) return false
    const message = 'The job was interrupted too often and was given up. Nothing was charged.'
    await this.#services.records
      .advance(job, 'gaveUp', { error: { code: 'job_interrupted', message, param: null } })
      .catch(ignoreMoved)
    return true
  }
}

/** What the queue sees of work that was let go; it holds nothing of the job. */
class InterruptedError extends AssayError {
  constructor() {
    super('job_interrupted', 'The service stops; the job goes on at the next start.', { status: 503 })
  }
}

function ignoreMoved(error: unknown): void {
  if (!(error instanceof JobMovedError)) throw error
}

function jobError(error: unknown): JobError {
  if (
    error instanceof EvaluationUnavailableError ||
    (AssayError.is(error) && error.code === 'evaluation_unavailable')
  ) {
    const message =
      'The evaluation could not be held; this says nothing about the data or the model. Nothing was charged. Please resubmit the job later.'
    return { code: 'evaluation_unavailable', message, param: null }
  }
  if (AssayError.is(error)) return { code: error.code, message: error.message, param: error.param ?? null }
  const message = 'The job failed by a fault of the service. Nothing was charged. Please resubmit the job.'
  return { code: 'internal_error', message, param: null }
}

/** For the log: never a foreign error's message, which may quote what was being read. */
function describe(error: unknown): object {
  if (AssayError.is(error)) {
    const cause = AssayError.is(error.cause) ? { cause: error.cause.code, remedy: error.cause.remedy } : {}
    return { code: error.code, reason: error.message, ...cause }
  }
  return { name: typeof error, ...where(error) }
}
