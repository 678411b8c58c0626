/**
 * Evaluates the base models of the catalogue as any tuned model is, and signs what came out: `npm run attest`.
 * The key is made for this one run and forgotten; its public half ships beside the attestations.
 */
import { randomInt } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateSigningKey, safetyEvaluation, sign } from 'assay/attestation'
import { assessmentMessage, CATEGORIES } from 'assay/harm'
import { evaluateModel, type ModelEvaluation, type ModelEvaluationProgress } from 'assay/model-evaluation'
import {
  type BaseModelFiles,
  CATALOGUE,
  type CatalogueModel,
  loadJudge,
  loadObjectives,
  locations,
  openBaseModel,
} from '../catalogue/index.ts'
import { LlamaCppEngine } from '../engines/index.ts'

const CONCURRENCY = 16
const where = locations()
const only = process.argv.slice(2)

const engine = new LlamaCppEngine()
const judge = await loadJudge(where)
const { objectives } = await loadObjectives(where)
const keys = await generateSigningKey()
const folder = join(where.weights, 'attestations')

async function interview(model: CatalogueModel, base: BaseModelFiles): Promise<ModelEvaluation> {
  const adapters = base.alignmentAdapterPath ? [{ path: base.alignmentAdapterPath }] : []
  const loaded = await engine.load({ basePath: base.ggufPath, adapters, contextLength: model.contextLength })
  let shown = 0
  try {
    return await evaluateModel({
      chat: (messages, options) => loaded.chat(messages, options),
      judge,
      objectives,
      tier: model.tier,
      seed: randomInt(2 ** 31),
      concurrency: CONCURRENCY,
      onProgress: (progress) => {
        if (progress.conversations < shown + 40) return
        shown = progress.conversations
        process.stderr.write(`${model.name}: ${position(progress)}\n`)
      },
    })
  } finally {
    await loaded.close()
  }
}

function position({ conversations, arms }: ModelEvaluationProgress): string {
  const tests = CATEGORIES.map((category) => {
    const test = arms.policy?.[category]
    return `${category} ${test?.harmful}/${test?.conversations} ${test?.decision}`
  })
  return `${conversations} conversations; ${tests.join(', ')}`
}

await mkdir(folder, { recursive: true })
for (const model of CATALOGUE.filter((candidate) => only.length === 0 || only.includes(candidate.name))) {
  const base = await openBaseModel(model, where)
  const started = Date.now()
  const { assessment, ...counts } = await interview(model, base)
  const seconds = Math.round((Date.now() - started) / 1000)
  process.stdout.write(`${model.name}: ${assessmentMessage(assessment)} (${seconds} s)\n${position(counts)}\n`)
  process.stdout.write(`${JSON.stringify(counts.strategies)}\n`)
  const { digest } = base
  const evaluation = await safetyEvaluation(assessment, judge, { name: model.name, digest })
  const envelope = await sign(evaluation, { name: model.name, sha256: digest }, keys.privateKeyPem)
  if (only.length === 0) await writeFile(join(folder, `${model.name}.json`), `${JSON.stringify(envelope, null, 2)}\n`)
}
if (only.length === 0) await writeFile(join(folder, 'release-key.pem'), keys.publicKeyPem)
await engine.close()
await judge.close()
