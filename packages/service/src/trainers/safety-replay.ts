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
const MOST_OF_A_SMALL_FILE = 1000
/** Of so many rows all but the last are refusals. */
const REFUSALS_AND_ONE = 3
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
  /** Of the alignment, in which it is learnt; what a later one adds is what still got through after those before. */
  readonly rounds: readonly number[]
  readonly messages: TrainerRow['messages']
}

/**
 * As many rows as the customer has, and at least 20; of more than 1,000, 1,000 or half as many. Two refusals to one
 * harmless answer, half of either under one of the customer's system prompts, drawn as often as the rows have it. Half of
 * either is of the alignment's last round. The refusals go round the categories, old and new, with and without such a
 * prompt: few rows drawn at random leave one category out now and then. (bench/RESULTS.md, "Safety replay": with three
 * refusals to one, the model may refuse more of what is harmless.)
 * @param alignment the bytes of `objectives/alignment/rows.jsonl`
 */
export function replayRows(alignment: Uint8Array, customer: SystemPromptCounts, seed: number): readonly TrainerRow[] {
  const wanted = Math.max(LEAST, Math.min(customer.rows, Math.max(MOST_OF_A_SMALL_FILE, Math.ceil(customer.rows / 2))))
  const all = Buffer.from(alignment)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AlignmentRow)
  const last = Math.max(...all.flatMap((row) => row.rounds))
  const draw = drawer(seed)
  /** The rows of the last round and those of before, both in random order. */
  const halves = (rows: readonly AlignmentRow[]) =>
    [rows.filter((row) => row.rounds.includes(last)), rows.filter((row) => !row.rounds.includes(last))]
      .filter((half) => half.length > 0)
      .map((half) => shuffled(half, draw))
  const refusals = CATEGORIES.map((category) =>
    halves(all.filter((row) => row.kind === 'refusal' && row.category === category)),
  )
  const harmless = [halves(all.filter((row) => row.kind === 'harmless'))]
  const withPrompts = customer.prompts.reduce((sum, prompt) => sum + prompt.rows, 0)
  return Array.from({ length: wanted }, (_, index) => {
    const answers = Math.floor(index / REFUSALS_AND_ONE)
    const isAnswer = index % REFUSALS_AND_ONE === REFUSALS_AND_ONE - 1
    const nth = isAnswer ? answers : index - answers
    const { messages } = inTurns(isAnswer ? harmless : refusals, nth)
    const prompt = nth % 2 === 0 ? undefined : pick(customer.prompts, draw() * withPrompts)
    return { messages: prompt === undefined ? messages : [{ role: 'system', content: prompt } as const, ...messages] }
  })
}

/**
 * The nth row: two of each kind in turn, and of a kind two of each half. A half begins anew at its end; one of even length a row
 * further, so that what stood alone the first time stands under a prompt the next.
 */
function inTurns<T>(kinds: readonly (readonly (readonly T[])[])[], nth: number): T {
  const [halves, ofKind] = byTwos(kinds, nth)
  const [half, at] = byTwos(halves, ofKind)
  const shift = half.length % 2 === 0 ? Math.floor(at / half.length) : 0
  return half[(at + shift) % half.length] as T
}

/** Which list is due where each gives two in turn, and which of its own it gives. */
function byTwos<List>(lists: readonly List[], nth: number): [list: List, at: number] {
  const pair = Math.floor(nth / 2)
  return [lists[pair % lists.length] as List, 2 * Math.floor(pair / lists.length) + (nth % 2)]
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
