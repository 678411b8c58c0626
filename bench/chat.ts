import { join } from 'node:path'
import { getLlama, LlamaChatSession } from 'node-llama-cpp'
import { CATALOGUE, locations, openBaseModel } from '../packages/service/src/catalogue/index.ts'
import { LlamaCppEngine } from '../packages/service/src/engines/index.ts'
import { median, printTable } from './table.ts'

const SEQUENCES = 8
const CONVERSATIONS = 48
const MAX_TOKENS = 48
const RUNS = 3

const prompts = Array.from(
  { length: CONVERSATIONS },
  (_, index) => `Tell me a short story about the number ${index + 10}.`,
)

/** Tokens a second of the engine, greedy, beside node-llama-cpp called directly with as many sequences and threads. */
export async function benchChat(): Promise<void> {
  const [model] = CATALOGUE
  if (!model) throw new Error('the catalogue is empty')
  const { ggufPath } = await openBaseModel(model, locations())
  const rates = { engine: [] as number[], direct: [] as number[] }
  for (let run = 0; run < RUNS; run++) {
    rates.engine.push(await withEngine(ggufPath))
    rates.direct.push(await direct(ggufPath))
  }
  const [engine, bare] = [median(rates.engine), median(rates.direct)]
  printTable(
    ['', 'tokens/s', 'to node-llama-cpp'],
    [
      ['engine', engine, engine / bare],
      ['node-llama-cpp, called directly', bare, 1],
    ],
  )
}

async function withEngine(basePath: string): Promise<number> {
  const engine = new LlamaCppEngine()
  const model = await engine.load({ basePath, adapters: [] })
  const ask = (content: string) =>
    model.chat([{ role: 'user', content }], { maxTokens: MAX_TOKENS, temperature: 0, seed: 1 })
  const started = performance.now()
  const replies = await Promise.all(prompts.map(ask))
  const taken = (performance.now() - started) / 1000
  await engine.close()
  return replies.reduce((sum, reply) => sum + reply.completionTokens, 0) / taken
}

async function direct(modelPath: string): Promise<number> {
  const llama = await getLlama({ gpu: false })
  const model = await llama.loadModel({ modelPath: join(modelPath) })
  const context = await model.createContext({ sequences: SEQUENCES, contextSize: 2048, threads: 2 })
  const waiting = [...prompts]
  let tokens = 0
  const started = performance.now()
  await Promise.all(
    Array.from({ length: SEQUENCES }, async () => {
      const sequence = context.getSequence()
      for (let prompt = waiting.shift(); prompt !== undefined; prompt = waiting.shift()) {
        const session = new LlamaChatSession({ contextSequence: sequence })
        await session.prompt(prompt, {
          maxTokens: MAX_TOKENS,
          temperature: 0,
          onToken: (chunk) => {
            tokens += chunk.length
          },
        })
        session.dispose({ disposeSequence: false })
        await sequence.clearHistory()
      }
    }),
  )
  const taken = (performance.now() - started) / 1000
  await llama.dispose()
  return tokens / taken
}
