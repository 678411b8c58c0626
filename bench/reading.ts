import { chatCompletionsModel } from 'assay/conversations'
import { measureReading, proposeTier } from 'assay/model-evaluation'
import { CATALOGUE, locations, openBaseModel } from '../packages/service/src/catalogue/index.ts'
import { LlamaCppEngine } from '../packages/service/src/engines/index.ts'
import { printTable } from './table.ts'

/**
 * Which encodings a model reads, by harmless questions, and the capability tier that follows: of each base model of the
 * catalogue, or of the model ASSAY_BENCH_MODEL behind the OpenAI-compatible endpoint ASSAY_BENCH_URL (ASSAY_BENCH_KEY).
 */
export async function benchReading(): Promise<void> {
  const { ASSAY_BENCH_URL: baseUrl, ASSAY_BENCH_MODEL: model, ASSAY_BENCH_KEY: apiKey } = process.env
  if (baseUrl && model)
    return report(model, await measureReading(chatCompletionsModel({ baseUrl, model, apiKey }), { concurrency: 4 }))
  const where = locations()
  const engine = new LlamaCppEngine()
  for (const base of CATALOGUE) {
    const { ggufPath, alignmentAdapterPath } = await openBaseModel(base, where)
    const adapters = alignmentAdapterPath ? [{ path: alignmentAdapterPath }] : []
    const loaded = await engine.load({ basePath: ggufPath, adapters, contextLength: base.contextLength })
    report(base.name, await measureReading(loaded.chat.bind(loaded), { concurrency: 16 }))
    await loaded.close()
  }
  await engine.close()
}

function report(model: string, measured: Awaited<ReturnType<typeof measureReading>>): void {
  const { plain, encodings } = measured
  process.stdout.write(
    `\n${model}: ${plain.right} of ${plain.asked} in plain words; proposed tier: ${proposeTier(measured) ?? 'too few to tell'}\n\n`,
  )
  printTable(
    ['encoding', 'right', '90 % interval', 'guessed', 'reads it'],
    Object.entries(encodings).map(([name, { right, asked, interval, guessed, reads }]) => [
      name,
      `${right} of ${asked}`,
      interval.map((end) => end.toFixed(2)).join(' to '),
      guessed.toFixed(2),
      reads ? 'yes' : 'no',
    ]),
  )
}
