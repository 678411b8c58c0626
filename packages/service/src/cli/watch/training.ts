import type { JobEvent } from '../job-events.ts'
import { percent } from './amounts.ts'
import { sparkline } from './sparkline.ts'
import type { Checkpoint } from './watched-job.ts'

const SPARKS = 40

type Metrics = Readonly<Record<string, unknown>>

/** Step and loss, and the way that the loss took, where `width` has room for it. */
export function trainingDetail(events: readonly JobEvent[], width: number): string {
  const steps = metricsOf(events)
  const losses = steps.flatMap(({ train_loss }) => (typeof train_loss === 'number' ? [train_loss] : []))
  const last = losses.at(-1)
  if (last === undefined) return ''
  const text = `step ${steps.at(-1)?.step}, loss ${last.toFixed(3)}  `
  return text + sparkline(losses, Math.max(0, Math.min(SPARKS, width - text.length)))
}

/** What the last steps said besides their loss, and the steps whose adapter is kept. */
export function trainingLines(events: readonly JobEvent[], checkpoints: readonly Checkpoint[]): string[] {
  const latest = {}
  for (const metrics of metricsOf(events)) Object.assign(latest, metrics)
  return [accuracyAndValidation(latest), checkpointsKept(checkpoints)].filter((line) => line !== '')
}

/** Of one step, or of several where not every one has been validated. */
export function accuracyAndValidation(metrics: Metrics): string {
  const training = figures(metrics.train_mean_token_accuracy)
  const validation = figures(metrics.valid_mean_token_accuracy, metrics.valid_loss)
  return [...(training ? [training] : []), ...(validation ? [`validation: ${validation}`] : [])].join('; ')
}

export function checkpointsKept(checkpoints: readonly Checkpoint[]): string {
  if (checkpoints.length === 0) return ''
  const steps = checkpoints.map(({ step_number }) => step_number).join(', ')
  return checkpoints.length === 1
    ? `1 checkpoint kept, at step ${steps}`
    : `${checkpoints.length} checkpoints kept, at steps ${steps}`
}

function figures(accuracy: unknown, loss?: unknown): string {
  return [
    ...(typeof loss === 'number' ? [`loss ${loss.toFixed(3)}`] : []),
    ...(typeof accuracy === 'number' ? [`token accuracy ${percent(accuracy)}`] : []),
  ].join(', ')
}

function metricsOf(events: readonly JobEvent[]): Metrics[] {
  return events.flatMap(({ type, data }) => (type === 'metrics' && data ? [data] : []))
}
