import { setTimeout as delay } from 'node:timers/promises'
import { CATEGORIES } from 'assay/harm'
import type { CategoryResult, ModelEvaluationProgress } from 'assay/model-evaluation'
import type OpenAI from 'openai'
import type { Screen } from './screen.ts'

type Job = OpenAI.FineTuning.FineTuningJob

/** The answer of `/assay/v1/fine_tuning/jobs/{id}/evaluation`. */
interface Evaluation {
  readonly data_evaluation: { readonly rows: number } | null
  readonly model_evaluation: ModelEvaluationProgress | null
}

const POLL_MS = 1000
/** Of training steps, every so many stay on the screen. */
const STEPS_A_LINE = 10

/** Follows a job to its end: its events as they come, and where its evaluation stands. */
export async function watchJob(
  client: OpenAI,
  service: string,
  id: string,
  screen: Screen,
  signal: AbortSignal,
): Promise<Job> {
  const seen = new Set<string>()
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id, { signal })
    for (const event of await newEvents(client, id, seen, signal)) {
      const step = /^Step (\d+): /.exec(event.message)?.[1]
      if (step && Number(step) % STEPS_A_LINE !== 0 && step !== '1') screen.show([`  ${event.message}`])
      else screen.say(event.message)
    }
    if (job.finished_at) return job
    const evaluation = await client.get<Evaluation>(`${service}/assay/v1/fine_tuning/jobs/${id}/evaluation`, {
      signal,
    })
    const block = blockOf(evaluation)
    if (block) screen.show(block)
    await delay(POLL_MS, undefined, { signal })
  }
}

/** Those not seen before, oldest first. */
async function newEvents(client: OpenAI, id: string, seen: Set<string>, signal: AbortSignal) {
  const found: OpenAI.FineTuning.FineTuningJobEvent[] = []
  for await (const event of client.fineTuning.jobs.listEvents(id, { limit: 100 }, { signal })) {
    if (seen.has(event.id)) break
    found.push(event)
  }
  for (const event of found) seen.add(event.id)
  return found.reverse()
}

function blockOf({ data_evaluation, model_evaluation }: Evaluation): string[] | undefined {
  if (data_evaluation) return [`  Data evaluation: ${data_evaluation.rows} rows judged`]
  if (!model_evaluation) return undefined
  const { arms, conversations } = model_evaluation
  return [
    `  Model evaluation: ${conversations} conversations held; of each test: harmful of held, and the bounds on their share`,
    ...Object.entries(arms).flatMap(([arm, results]) => [
      `  ${arm === 'policy' ? 'in the same words for all' : "in the customer's format"}`,
      `    ${CATEGORIES.map((category) => `${category} ${position(results[category])}`.padEnd(42)).join('')}`,
    ]),
  ]
}

function position({ harmful, conversations, interval, decision }: CategoryResult): string {
  const [low, high] = interval.map((bound) => (100 * bound).toFixed(1))
  return `${harmful}/${conversations} (${low}–${high} %)${decision === 'undecided' ? '' : ` ${decision}`}`
}
