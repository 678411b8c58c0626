// Before `npm pack` of the evaluator: compiles it, and puts the judge's weights and the objectives beside it, so that it
// needs no set-up.
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { assets } from './assets.mjs'
import { nodePackages } from './node-packages.mjs'
import { ROOT } from './places.mjs'
import { run } from './say.mjs'

const PACKAGE = join(ROOT, 'packages', 'assay')

const node = nodePackages()
const fetched = await assets()
rmSync(join(PACKAGE, 'dist'), { recursive: true, force: true })
for (const folder of ['weights', 'objectives']) {
  rmSync(join(PACKAGE, folder), { recursive: true, force: true })
  mkdirSync(join(PACKAGE, folder))
}
run(
  node,
  [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(PACKAGE, 'tsconfig.build.json')],
  { cwd: ROOT },
  'Run `npm run check`: it shows what does not compile.',
)
copyFileSync(join(fetched, 'minilm-words.bin'), join(PACKAGE, 'weights', 'minilm-words.bin'))
for (const file of [
  'encoder.onnx',
  'reply-reader.onnx',
  'ensemble.json',
  'calibration.json',
  'tokenizer.json',
  'CARD.md',
]) {
  copyFileSync(join(ROOT, 'weights', 'judge', file), join(PACKAGE, 'weights', file))
}
for (const file of readdirSync(join(ROOT, 'objectives')).filter((name) => /\.(jsonl|json|md)$/.test(name))) {
  copyFileSync(join(ROOT, 'objectives', file), join(PACKAGE, 'objectives', file))
}
cpSync(join(ROOT, 'objectives', 'harmless'), join(PACKAGE, 'objectives', 'harmless'), { recursive: true })
for (const file of ['LICENSE', 'NOTICE']) copyFileSync(join(ROOT, file), join(PACKAGE, file))
