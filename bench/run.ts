/**
 * `npm run bench [name…]`: each measurement prints both of its sides, taken in one run and in turn, as ratios hold on a
 * noisy machine where seconds do not. What came out is recorded in RESULTS.md.
 */
import { benchChat } from './chat.ts'
import { benchContentFilters } from './content-filters.ts'
import { benchDataAdvice } from './data-advice/data-advice.ts'
import { benchDataEvaluation } from './data-evaluation.ts'
import { benchDrawReplies } from './draw-replies.ts'
import { benchFineTuningAttacks } from './fine-tuning-attacks/fine-tuning-attacks.ts'
import { benchJobs } from './jobs.ts'
import { benchCatalogue } from './model-evaluation/catalogue.ts'
import { benchSimulatedModels } from './model-evaluation/simulated-models.ts'
import { benchPortal } from './portal.ts'
import { benchReading } from './reading.ts'
import { benchShortRows } from './short-rows.ts'
import { benchTraining } from './training.ts'

const BENCHES = {
  'data-evaluation': benchDataEvaluation,
  training: benchTraining,
  chat: benchChat,
  'model-evaluation': benchCatalogue,
  'simulated-models': benchSimulatedModels,
  portal: benchPortal,
  reading: benchReading,
} as const
/** Need data sets that do not ship, or take half an hour, or hours: only by their names. */
const BY_NAME = {
  advice: benchDataAdvice,
  'content-filters': benchContentFilters,
  'short-rows': benchShortRows,
  'draw-replies': benchDrawReplies,
  jobs: benchJobs,
  'fine-tuning-attacks': benchFineTuningAttacks,
} as const

const asked = process.argv.slice(2)
const all = { ...BENCHES, ...BY_NAME }
const unknown = asked.filter((name) => !(name in all))
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(', ')}. Use: ${Object.keys(all).join(', ')}\n`)
  process.exit(2)
}
for (const [name, bench] of Object.entries(asked.length > 0 ? all : BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  process.stdout.write(`\n## ${name}\n`)
  await bench()
}
