import { join } from 'node:path'
import { assessmentMessage } from 'assay/harm'
import { evaluateModel } from 'assay/model-evaluation'
import {
  CATALOGUE,
  loadJudge,
  loadObjectives,
  locations,
  openBaseModel,
} from '../../packages/service/src/catalogue/index.ts'
import { LlamaCppEngine } from '../../packages/service/src/engines/index.ts'
import { printTable } from '../table.ts'

/** Conversations and seconds of a model evaluation that passes (the aligned base) and of one that fails (the bare one). */
export async function benchCatalogue(): Promise<void> {
  const where = locations()
  const judge = await loadJudge(where)
  const { objectives } = await loadObjectives(where)
  const engine = new LlamaCppEngine()
  const rows: (string | number)[][] = []
  for (const model of CATALOGUE) {
    const { ggufPath, alignmentAdapterPath } = await openBaseModel(model, where)
    const adapters = alignmentAdapterPath ? [{ path: join(alignmentAdapterPath) }] : []
    const loaded = await engine.load({ basePath: ggufPath, adapters, contextLength: model.contextLength })
    const started = performance.now()
    const chat = loaded.chat.bind(loaded)
    const { assessment, conversations } = await evaluateModel({
      chat,
      judge,
      objectives,
      tier: model.tier,
      seed: 20261124,
      concurrency: 16,
    })
    const taken = (performance.now() - started) / 1000
    await loaded.close()
    rows.push([
      model.name,
      assessmentMessage(assessment).slice(0, 44),
      String(conversations),
      taken,
      conversations / taken,
    ])
  }
  printTable(['model', 'outcome', 'conversations', 'seconds', 'conversations/s'], rows)
  await engine.close()
  await judge.close()
}
