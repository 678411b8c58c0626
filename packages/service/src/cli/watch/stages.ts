import { hasEnded, type Job } from '../job.ts'
import type { JobEvent } from '../job-events.ts'

/** The stages of a job in its order, and the event that says that one began (packages/service/src/jobs/events.ts). */
const STAGES = [
  { name: 'Validation of the files', state: 'validating_files', begins: undefined },
  { name: 'Waiting for its turn', state: 'queued', begins: /^Preprocessing completed/ },
  { name: 'Data evaluation', state: 'importing', begins: /^Data Import started/ },
  { name: 'Training', state: 'training', begins: /^(Finetuning|Training) started/ },
  { name: 'Model evaluation', state: 'evaluating', begins: /^Created results file/ },
] as const

export type StageName = (typeof STAGES)[number]['name']

export interface Stage {
  readonly name: StageName
  readonly standing: 'done' | 'running' | 'stopped' | 'ahead'
  /** Unknown where it has not begun. */
  readonly seconds: number | undefined
}

/**
 * Where each stage stands. Of a job that has ended, its events say how far it came.
 *
 * @param state as `/assay/v1/…/evaluation` names it
 * @param now in seconds since 1970
 */
export function stagesOf(job: Job, state: string, events: readonly JobEvent[], now: number): Stage[] {
  const begun = STAGES.map(({ begins }) =>
    begins === undefined ? job.created_at : events.findLast((event) => begins.test(event.message))?.created_at,
  )
  const byEvents = begun.findLastIndex((at) => at !== undefined)
  const current = hasEnded(job) ? byEvents : STAGES.findIndex((stage) => stage.state === state)
  return STAGES.map(({ name }, place) => {
    const from = begun[place]
    const until = begun.slice(place + 1).find((at) => at !== undefined) ?? job.finished_at ?? now
    const seconds = from === undefined || place > current ? undefined : Math.max(0, Math.round(until - from))
    return { name, standing: standingOf(place, current, job), seconds }
  })
}

function standingOf(place: number, current: number, job: Job): Stage['standing'] {
  if (place < current || job.status === 'succeeded') return 'done'
  if (place > current) return 'ahead'
  return hasEnded(job) ? 'stopped' : 'running'
}
