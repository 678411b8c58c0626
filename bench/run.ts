/**
 * `npm run bench [name…]`: each measurement prints both of its sides, taken in one run and in turn, as ratios hold on a
 * noisy machine where seconds do not. What came out is recorded in RESULTS.md.
 */
import { benchChat } from './chat.ts'
import { benchDataEvaluation } from './data-evaluation.ts'
import { benchModelEvaluation } from './model-evaluation.ts'
import { benchPortal } from './portal.ts'
import { benchReading } from './reading.ts'
import { benchTraining } from './training.ts'

const BENCHES = {
  'data-evaluation': benchDataEvaluation,
  training: benchTraining,
  chat: benchChat,
  'model-evaluation': benchModelEvaluation,
  portal: benchPortal,
  reading: benchReading,
} as const

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(', ')}. Use: ${Object.keys(BENCHES).join(', ')}\n`)
  process.exit(2)
}
for (const [name, bench] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  process.stdout.write(`\n## ${name}\n`)
  await bench()
}
