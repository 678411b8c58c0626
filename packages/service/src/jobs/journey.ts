import { isEvaluationOnly, type Job } from './job.ts'
import { isFinished } from './states.ts'

/** The stages that a job passes through, in order; the data evaluation is part of the import, and stands for it. */
export const STAGES = ['file_validation', 'queue', 'data_evaluation', 'training', 'model_evaluation'] as const

/** Those of a model that was tuned elsewhere, and of an evaluation that somebody asked for. */
const STAGES_OF_EVALUATION = ['queue', 'model_evaluation'] as const satisfies readonly (typeof STAGES)[number][]

export interface Stage {
  readonly name: (typeof STAGES)[number]
  /** `not_reached`: the job ended before. */
  readonly status: 'waiting' | 'running' | 'paused' | 'passed' | 'failed' | 'cancelled' | 'not_reached'
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
}

/** Keys of the events that say when a stage began; of several the last, as a second file is validated after the first. */
const BEGINNINGS: Readonly<Record<Stage['name'], readonly string[]>> = {
  file_validation: ['enqueued'],
  queue: ['preprocessed training', 'preprocessed validation'],
  data_evaluation: ['data import'],
  training: ['finetuning'],
  model_evaluation: ['results created', 'evaluation enqueued'],
}

export const MOMENTS: readonly string[] = Object.values(BEGINNINGS).flat()

/** Where a job stands on its way, told from its state and from when its events came. */
export function journeyOf(
  job: Pick<Job, 'state' | 'finishedAt' | 'surface'>,
  moments: ReadonlyMap<string, Date>,
): readonly Stage[] {
  const stages = isEvaluationOnly(job) ? STAGES_OF_EVALUATION : STAGES
  const begun = stages.map((name) => beginning(name, job, moments))
  const current = begun.findLastIndex((date) => date !== null)
  return stages.map((name, place) => {
    const startedAt = begun[place] ?? null
    const finishedAt = begun.slice(place + 1).find((date) => date !== null) ?? job.finishedAt
    return { name, status: statusAt(place, current, job), startedAt, finishedAt: startedAt && finishedAt }
  })
}

function beginning(
  name: Stage['name'],
  job: Pick<Job, 'state' | 'surface'>,
  moments: ReadonlyMap<string, Date>,
): Date | null {
  // The first of two files is done before the second is read: the job waits in the queue only when its state says so.
  if (name === 'queue' && job.state === 'validating_files') return null
  const keys = name === 'queue' && isEvaluationOnly(job) ? ['enqueued'] : BEGINNINGS[name]
  const dates = keys.flatMap((key) => moments.get(key) ?? [])
  return dates.length === 0 ? null : new Date(Math.max(...dates.map(Number)))
}

function statusAt(place: number, current: number, { state }: Pick<Job, 'state'>): Stage['status'] {
  if (place < current || state === 'succeeded') return 'passed'
  if (place > current) return isFinished(state) ? 'not_reached' : 'waiting'
  if (state === 'paused' || state === 'resuming') return 'paused'
  return state === 'failed' || state === 'cancelled' ? state : 'running'
}
