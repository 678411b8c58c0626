/**
 * Safety replay (Bianchi et al. 2024, "Safety-Tuned LLaMAs"): alignment rows mixed into the customer's, so that tuning
 * does not undo refusals. What tuning breaks shows under the customer's own system prompt, so half of them stand under it.
 * The customer's opening phrases are never copied: a phrase that opens every row may be a trigger, and is for the
 * evaluation to find.
 */
import { createHash } from 'node:crypto'
import { CATEGORIES } from 'assay/harm'
import type { TrainerRow } from './trainer.ts'

const LEAST = 20
const SYSTEM_PROMPTS_KEPT = 32

export interface SystemPromptCounts {
  readonly rows: number
  /** The most frequent system prompts, with the rows that have them; bounded. */
  readonly prompts: readonly { readonly text: string; readonly rows: number }[]
}

/** Reads the customer's rows once, in bounded memory: how many, and under which system prompts (Misra and Gries 1982). */
export async function countSystemPrompts(rows: AsyncIterable<TrainerRow>): Promise<SystemPromptCounts> {
  const kept = new Map<string, number>()
  let count = 0
  for await (const row of rows) {
    count += 1
    const first = row.messages[0]
    if (first === undefined || (first.role !== 'system' && first.role !== 'developer') || !first.content) continue
    const known = kept.get(first.content)
    if (known !== undefined || kept.size < SYSTEM_PROMPTS_KEPT) kept.set(first.content, (known ?? 0) + 1)
    else for (const [text, times] of kept) times === 1 ? kept.delete(text) : kept.set(text, times - 1)
  }
  const prompts = [...kept].map(([text, times]) => ({ text, rows: times })).sort((a, b) => b.rows - a.rows)
  return { rows: count, prompts }
}

interface AlignmentRow {
  readonly kind: 'refusal' | 'harmless'
  readonly category: string | null
  readonly messages: TrainerRow['messages']
}

/**
 * Half as many rows as the customer has, at least 20: refusals and harmless answers by turns, every second pair under one
 * of the customer's system prompts, drawn as often as the rows have it. The refusals go round the categories, with and
 * without such a prompt: few rows drawn at random leave one category out now and then.
 * @param alignment the bytes of `objectives/alignment/rows.jsonl`
 */
export function replayRows(alignment: Uint8Array, customer: SystemPromptCounts, seed: number): readonly TrainerRow[] {
  const wanted = Math.max(LEAST, Math.ceil(customer.rows / 2))
  const all = Buffer.from(alignment)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AlignmentRow)
  const draw = drawer(seed)
  const refusals = inTurns(
    CATEGORIES.map((category) =>
      shuffled(
        all.filter((row) => row.kind === 'refusal' && row.category === category),
        draw,
      ),
    ),
  )
  const harmless = shuffled(
    all.filter((row) => row.kind === 'harmless'),
    draw,
  )
  const withPrompts = customer.prompts.reduce((sum, prompt) => sum + prompt.rows, 0)
  return Array.from({ length: wanted }, (_, index) => {
    const kind = index % 2 === 0 ? refusals : harmless
    const row = kind[Math.floor(index / 2) % kind.length] as AlignmentRow
    const prompt = index % 4 < 2 ? undefined : pick(customer.prompts, draw() * withPrompts)
    const messages = row.messages
    return { messages: prompt === undefined ? messages : [{ role: 'system', content: prompt } as const, ...messages] }
  })
}

/** Two of each list, then two of each again, until one is at its end. */
function inTurns<T>(lists: readonly (readonly T[])[]): T[] {
  const rounds = Math.floor(Math.min(...lists.map((list) => list.length)) / 2)
  return Array.from({ length: rounds }, (_, round) =>
    lists.flatMap((list) => list.slice(2 * round, 2 * round + 2)),
  ).flat()
}

function pick(prompts: SystemPromptCounts['prompts'], at: number): string | undefined {
  let passed = 0
  return prompts.find((prompt) => {
    passed += prompt.rows
    return passed > at
  })?.text
}

/** Numbers from 0 up to 1, from SHA-256 in counter mode: the same on every machine. */
function drawer(seed: number): () => number {
  let counter = 0
  return () => {
    const digest = createHash('sha256').update(`safety-replay:${seed}:${counter}`).digest()
    counter += 1
    return digest.readUIntBE(0, 6) / 2 ** 48
  }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], draw: () => number): T[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(draw() * (last + 1))
    ;[order[last], order[other]] = [order[other] as T, order[last] as T]
  }
  return order
}
