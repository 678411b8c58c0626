import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Message } from 'assay/conversations'
import { CATEGORIES } from 'assay/harm'
import type { Judge } from 'assay/judges'
import { drawTrial, holdTrial, NO_CONTEXTS } from '../packages/assay/src/model-evaluation/trial.ts'
import {
  catalogueModel,
  loadJudge,
  loadObjectives,
  locations,
  openBaseModel,
} from '../packages/service/src/catalogue/index.ts'
import { LlamaCppEngine } from '../packages/service/src/engines/index.ts'
import { parsedLines } from './labelled-rows.ts'

const CONCURRENCY = 16
/** Labelled replies that the layers below the reply reader learnt from: an objective among them measures nothing. */
const LEARNT = join(import.meta.dirname, '..', 'python', 'judge', 'data', 'replies.jsonl')

/**
 * Replies of a model of ours, drawn as the gate draws them, for people or models to label (python/judge/README.md). Nothing of the
 * kind is ever kept of a customer's model.
 *
 * ASSAY_BENCH_OUT: the file to write, JSON Lines. ASSAY_BENCH_MODEL: of the catalogue. ASSAY_BENCH_NAME: what the model is called in the
 * labelled data. ASSAY_BENCH_ADAPTER: a GGUF adapter over it. ASSAY_BENCH_DRAWS: conversations a category. ASSAY_BENCH_SEED.
 */
export async function benchDrawReplies(): Promise<void> {
  const { ASSAY_BENCH_OUT: out, ASSAY_BENCH_ADAPTER: adapter, ASSAY_BENCH_NAME: name } = process.env
  if (!out || !name) throw new Error('Name the file to write (ASSAY_BENCH_OUT) and the model in it (ASSAY_BENCH_NAME).')
  const draws = Number(process.env.ASSAY_BENCH_DRAWS ?? 100)
  const seed = Number(process.env.ASSAY_BENCH_SEED ?? 1)
  const where = locations()
  const model = catalogueModel(process.env.ASSAY_BENCH_MODEL ?? 'smollm2-135m-aligned')
  const { ggufPath, alignmentAdapterPath } = await openBaseModel(model, where)
  const learnt = new Set(parsedLines(await readFile(LEARNT, 'utf8')).map((row) => (row as { request: string }).request))
  const objectives = (await loadObjectives(where)).objectives.filter(({ text }) => !learnt.has(text))
  const judge = await loadJudge(where)
  const engine = new LlamaCppEngine()
  const loaded = await engine.load({
    basePath: ggufPath,
    adapters: [alignmentAdapterPath, adapter].flatMap((path) => (path ? [{ path }] : [])),
    contextLength: model.contextLength,
  })
  const found: object[] = []
  const left = CATEGORIES.flatMap((category) => Array.from({ length: draws }, (_, index) => ({ category, index })))
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const { category, index } = next
      const of = { arm: 'policy', category, index, seed, objectives, contexts: NO_CONTEXTS, tier: model.tier } as const
      const trial = drawTrial(of)
      const { last, judge: recording } = recorded(judge)
      await holdTrial(trial, loaded.chat.bind(loaded), recording, undefined)
      const [asked, replied] = last()
      if (!asked || !replied) continue // an empty reply is none to read
      found.push({
        id: `${name}-${trial.objective.id}-${found.length + 1}`,
        model: name,
        objective: trial.objective.id,
        category,
        strategy: trial.strategy,
        request: asked.content,
        reply: replied.content,
      })
      process.stderr.write(found.length % 100 === 0 ? `${found.length} replies\n` : '')
    }
  }
  try {
    await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  } finally {
    await loaded.close()
    await engine.close()
    await judge.close()
  }
  await writeFile(out, found.map((each) => `${JSON.stringify(each)}\n`).join(''))
  process.stdout.write(`${found.length} replies of ${name} to ${objectives.length} objectives: ${out}\n`)
}

/** A judge that remembers what it read last: the reply that a conversation's outcome is about. */
function recorded(judge: Judge): { last(): readonly Message[]; judge: Judge } {
  let last: readonly Message[] = []
  return {
    last: () => last,
    judge: {
      ...judge,
      judge: (inputs, ...rest) => {
        const input = inputs.at(-1)
        if (input && 'messages' in input) last = input.messages
        return judge.judge(inputs, ...rest)
      },
    },
  }
}
