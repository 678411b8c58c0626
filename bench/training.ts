import { spawnSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTrainingFile } from 'assay/training-data'
import { CATALOGUE, locations, openBaseModel } from '../packages/service/src/catalogue/index.ts'
import { builtInTrainer } from '../packages/service/src/trainers/index.ts'
import { median, printTable } from './table.ts'

const ROOT = join(import.meta.dirname, '..')
const FILE = join(ROOT, 'examples', 'school-mathematics.jsonl')
const RUNS = 2
const SETTINGS = { epochs: 1, batchSize: 4, learningRate: 5e-4, seed: 1 }

/** Tokens a second of the trainer, beside the same loop written bare with transformers and peft; loading not counted. */
export async function benchTraining(): Promise<void> {
  const [model] = CATALOGUE
  if (!model) throw new Error('the catalogue is empty')
  const { ggufPath } = await openBaseModel(model, locations())
  const rates = { trainer: [] as number[], bare: [] as number[] }
  for (let run = 0; run < RUNS; run++) {
    rates.trainer.push(await withTrainer(ggufPath))
    rates.bare.push(bare(ggufPath))
  }
  const [trainer, loop] = [median(rates.trainer), median(rates.bare)]
  printTable(
    ['', 'tokens/s', 'to the bare loop'],
    [
      ['trainer', trainer, trainer / loop],
      ['bare loop with peft', loop, 1],
    ],
  )
}

async function* rows() {
  for await (const line of readTrainingFile(createReadStream(FILE))) if ('row' in line) yield line.row
}

async function withTrainer(ggufPath: string): Promise<number> {
  const workingDirectory = await mkdtemp(join(tmpdir(), 'assay-bench-'))
  let started = 0
  let rate = 0
  try {
    const events = builtInTrainer().train({
      base: { ggufPath },
      method: { type: 'supervised' },
      rows: rows(),
      replayRows: [],
      validationRows: [],
      hyperparameters: SETTINGS,
      workingDirectory,
      signal: new AbortController().signal,
    })
    for await (const event of events) {
      if (event.type === 'started') started = performance.now()
      if (event.type === 'completed') rate = event.trainedTokens / ((performance.now() - started) / 1000)
    }
    return rate
  } finally {
    await rm(workingDirectory, { recursive: true, force: true })
  }
}

function bare(ggufPath: string): number {
  const python = process.env.ASSAY_PYTHON ?? join(ROOT, '.assay', 'python', 'bin', 'python')
  const settings = [String(SETTINGS.batchSize), String(SETTINGS.learningRate)]
  const { stdout, stderr, status } = spawnSync(
    python,
    [join(import.meta.dirname, 'bare_peft.py'), ggufPath, FILE, ...settings],
    {
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(`the bare loop failed: ${stderr.slice(-2000)}`)
  return Number(stdout.trim())
}
