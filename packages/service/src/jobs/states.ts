/**
 * The life cycle of a fine-tuning job, and of an imported model, or one without a verdict, that is to be evaluated, which
 * begin as `admitting`. This table is all there is: nothing else moves a job.
 *
 * `work` names what a worker does with a job in that state; it is begun again when it was interrupted. States without
 * are ends, and `paused`, which a request ends. The work of a `queued` or `resuming` job waits for its turn: one job of a
 * resource runs at a time.
 */
export const LIFE_CYCLE = {
  validating_files: {
    openai: 'validating_files',
    azure: 'pending',
    work: 'validateFiles',
    on: { filesValid: 'queued', filesInvalid: 'failed', gaveUp: 'failed', cancel: 'cancelled' },
  },
  admitting: {
    openai: 'validating_files',
    azure: 'pending',
    work: 'admitModel',
    on: {
      filesInvalid: 'failed',
      modelPassed: 'succeeded',
      modelBlocked: 'failed',
      unattested: 'evaluating',
      gaveUp: 'failed',
      cancel: 'cancelled',
    },
  },
  queued: {
    openai: 'queued',
    azure: 'pending',
    work: 'start',
    on: { started: 'importing', gaveUp: 'failed', cancel: 'cancelled' },
  },
  importing: {
    openai: 'running',
    azure: 'running',
    work: 'importData',
    on: { dataPassed: 'training', dataBlocked: 'failed', gaveUp: 'failed', cancel: 'cancelled' },
  },
  training: {
    openai: 'running',
    azure: 'running',
    work: 'train',
    on: { pause: 'pausing', trained: 'evaluating', gaveUp: 'failed', cancel: 'cancelled' },
  },
  pausing: {
    openai: 'running',
    azure: 'pausing',
    work: 'train',
    on: { paused: 'paused', trained: 'evaluating', gaveUp: 'failed', cancel: 'cancelled' },
  },
  paused: { openai: 'paused', azure: 'paused', work: undefined, on: { resume: 'resuming', cancel: 'cancelled' } },
  resuming: {
    openai: 'queued',
    azure: 'resuming',
    work: 'resume',
    on: { resumed: 'training', gaveUp: 'failed', cancel: 'cancelled' },
  },
  evaluating: {
    openai: 'running',
    azure: 'running',
    work: 'evaluateModel',
    on: {
      dataBlocked: 'failed',
      modelPassed: 'succeeded',
      modelBlocked: 'failed',
      gaveUp: 'failed',
      cancel: 'cancelled',
    },
  },
  succeeded: { openai: 'succeeded', azure: 'succeeded', work: undefined, on: {} },
  failed: { openai: 'failed', azure: 'failed', work: undefined, on: {} },
  cancelled: { openai: 'cancelled', azure: 'cancelled', work: undefined, on: {} },
} as const

export type JobState = keyof typeof LIFE_CYCLE
export type Work = NonNullable<(typeof LIFE_CYCLE)[JobState]['work']>
type Transitions<State> = State extends JobState ? keyof (typeof LIFE_CYCLE)[State]['on'] : never
export type Transition = Transitions<JobState>

/** The state that a transition leads to; undefined where that state has no such transition. */
export function next(state: JobState, transition: Transition): JobState | undefined {
  return (LIFE_CYCLE[state].on as Partial<Record<Transition, JobState>>)[transition]
}

export function isFinished(state: JobState): boolean {
  return Object.keys(LIFE_CYCLE[state].on).length === 0
}

export const UNFINISHED: readonly JobState[] = (Object.keys(LIFE_CYCLE) as JobState[]).filter(
  (state) => !isFinished(state),
)
