import { join } from 'node:path'
import type { Message } from 'assay/conversations'
import type { Judge } from 'assay/judges'
import type { TrainingRow } from 'assay/training-data'
import { loadJudge, locations } from '../packages/service/src/catalogue/index.ts'
import {
  ContentFilter,
  DEFAULT_CONFIGURATION,
  type FilterResults,
} from '../packages/service/src/content-filters/index.ts'
import type { StreamPart } from '../packages/service/src/engines/index.ts'
import { chats, counselling, drawn, file } from './labelled-rows.ts'
import { printTable } from './table.ts'

const ROWS = 150

/** What the default content filter withholds of honest prompts and answers, whole and streamed, and how long it judges. */
export async function benchContentFilters(): Promise<void> {
  const data = process.env.ASSAY_BENCH_DATA
  if (!data)
    throw new Error('Name the folder of the labelled data sets: ASSAY_BENCH_DATA=… npm run bench content-filters')
  const sets: readonly (readonly [string, readonly TrainingRow[]])[] = [
    ['school mathematics', await file(join(import.meta.dirname, '..', 'examples', 'school-mathematics.jsonl'))],
    ['everyday tasks', await chats(data, 'self-instruct-human-chat')],
    ['medicine', await chats(data, 'medquad-sample-chat')],
    ['therapy', await counselling(data)],
  ]
  const judge = await loadJudge(locations())
  const rows: (string | number)[][] = []
  for (const [name, all] of sets) {
    const drawnRows = drawn(all, Math.min(ROWS, all.length))
    const whole = await held(judge, drawnRows, false)
    const streamed = await held(judge, drawnRows, true)
    const characters = drawnRows.reduce((sum, { messages }) => sum + (messages.at(-1)?.content.length ?? 0), 0)
    rows.push([
      name,
      `${drawnRows.length}`,
      whole.prompts,
      whole.answers,
      streamed.answers,
      `${Math.round((whole.seconds * 1000) / drawnRows.length)}`,
      `${Math.round((streamed.seconds * 1000) / drawnRows.length)}`,
      `${Math.round(characters / drawnRows.length)}`,
    ])
  }
  await judge.close()
  printTable(
    [
      '',
      'exchanges',
      'prompts withheld',
      'answers, whole',
      'answers, streamed',
      'ms, whole',
      'ms, streamed',
      'characters',
    ],
    rows,
  )
}

interface Held {
  readonly prompts: string
  readonly answers: string
  readonly seconds: number
}

async function held(judge: Judge, rows: readonly TrainingRow[], streamed: boolean): Promise<Held> {
  const [prompts, answers]: [string[], string[]] = [[], []]
  const started = performance.now()
  for (const { messages } of rows) {
    // Of other roles than a chat's there is none in these sets.
    const prompt = messages.slice(0, -1) as readonly Message[]
    const parts = new ContentFilter(ANNOTATING_PROMPTS, async () => judge).apply(
      prompt,
      written(messages.at(-1)?.content ?? ''),
      streamed,
    )
    for await (const part of parts) {
      if (part.type === 'prompt') prompts.push(...reached(part.results))
      if (part.type === 'filtered') answers.push(...reached(part.results))
    }
  }
  return { prompts: counted(prompts), answers: counted(answers), seconds: (performance.now() - started) / 1000 }
}

/** As the default, but that an answer is judged where the prompt would have been withheld. */
const ANNOTATING_PROMPTS = {
  ...DEFAULT_CONFIGURATION,
  contentFilters: DEFAULT_CONFIGURATION.contentFilters.map((one) => ({
    ...one,
    blocking: one.source === 'Completion',
  })),
}

async function* written(answer: string): AsyncGenerator<StreamPart> {
  const usage = { promptTokens: 0, completionTokens: 0 }
  for (const text of answer.match(/\s*\S+\s*/g) ?? []) yield { type: 'text', text, ...usage }
  yield { type: 'end', text: answer, finishReason: 'stop', ...usage }
}

/** Why the default withholds a text, or would. */
function reached({ error, ...results }: FilterResults): string[] {
  if (error) return ['language']
  const found = Object.entries(results).filter(([, { severity }]) => severity === 'medium' || severity === 'high')
  return found.length > 0 ? [found.map(([category]) => category).join(' and ')] : []
}

function counted(reasons: readonly string[]): string {
  const byReason = Map.groupBy(reasons, (reason) => reason)
  return [`${reasons.length}`, ...[...byReason].map(([reason, all]) => `${reason} ${all.length}`)].join('; ')
}
