// Before `npm pack` of the evaluator: compiles it, and puts the judge's weights beside it, so that it needs no set-up.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { assets } from './assets.mjs'
import { nodePackages } from './node-packages.mjs'
import { ROOT } from './places.mjs'
import { run } from './say.mjs'

const PACKAGE = join(ROOT, 'packages', 'assay')

const node = nodePackages()
const fetched = await assets()
rmSync(join(PACKAGE, 'dist'), { recursive: true, force: true })
rmSync(join(PACKAGE, 'weights'), { recursive: true, force: true })
mkdirSync(join(PACKAGE, 'weights'))
run(
  node,
  [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(PACKAGE, 'tsconfig.build.json')],
  { cwd: ROOT },
  'Run `npm run check`: it shows what does not compile.',
)
copyFileSync(join(fetched, 'minilm-words.bin'), join(PACKAGE, 'weights', 'minilm-words.bin'))
for (const file of ['encoder.onnx', 'ensemble.json', 'calibration.json', 'tokenizer.json', 'CARD.md']) {
  copyFileSync(join(ROOT, 'weights', 'judge', file), join(PACKAGE, 'weights', file))
}
for (const file of ['LICENSE', 'NOTICE']) copyFileSync(join(ROOT, file), join(PACKAGE, file))
