// Before `npm pack`: compiles a package, and puts beside its code what it reads. The evaluator then needs no set-up; the
// service fetches its base models and its Python environment by `assay setup`.
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { assets } from './assets.mjs'
import { nodePackages } from './node-packages.mjs'
import { ROOT } from './places.mjs'
import { portal } from './portal.mjs'
import { run, stop } from './say.mjs'

const PACKAGES = join(ROOT, 'packages')
const JUDGE = [
  'encoder.onnx',
  'reply-reader.onnx',
  'ensemble.json',
  'calibration.json',
  'tokenizer.json',
  'CARD.md',
].map((name) => join('weights', 'judge', name))

const node = nodePackages()
const [name] = process.argv.slice(2)
if (name === 'assay') await packEvaluator()
else if (name === 'service') packService()
else stop(`there is no package "${name ?? ''}".`, 'Use one of: assay, service.')

async function packEvaluator() {
  const words = 'minilm-words.bin'
  const fetched = await assets({ files: [words] })
  const folder = join(PACKAGES, 'assay')
  compile('assay')
  for (const each of ['weights', 'objectives']) rmSync(join(folder, each), { recursive: true, force: true })
  for (const file of JUDGE) copy(file, join(folder, 'weights', basename(file)))
  copy(join(fetched, words), join(folder, 'weights', words))
  const objectives = readdirSync(join(ROOT, 'objectives')).filter((file) => /\.(jsonl|json|md)$/.test(file))
  for (const file of [...objectives, 'harmless']) copy(join('objectives', file), join(folder, 'objectives', file))
  for (const file of ['LICENSE', 'NOTICE']) copy(file, join(folder, file))
}

/** Its folders are called as in a checkout (`installation/index.ts`), so that code and set-up find them alike. */
function packService() {
  const folder = join(PACKAGES, 'service')
  // Its types are those of the evaluator's package.
  compile('assay')
  compile('service')
  const files = join(folder, 'dist', 'files')
  const setup = [
    'assets.json',
    'assets.mjs',
    'installed.mjs',
    'link.mjs',
    'places.mjs',
    'python-environment.mjs',
    'say.mjs',
  ]
  const python = [join('python', 'requirements.lock'), join('python', 'trainer', 'assay_trainer')]
  const trained = [...JUDGE, join('weights', 'alignment'), join('weights', 'attestations')]
  for (const path of [...trained, 'objectives', ...python, ...setup.map((file) => join('setup', file))]) {
    copy(path, join(files, path))
  }
  copy(portal(node), join(files, '.assay', 'portal'))
  for (const file of ['LICENSE', 'NOTICE']) copy(file, join(folder, file))
}

function compile(name) {
  const folder = join(PACKAGES, name)
  rmSync(join(folder, 'dist'), { recursive: true, force: true })
  run(
    node,
    [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(folder, 'tsconfig.build.json')],
    { cwd: ROOT },
    'Run `npm run check`: it shows what does not compile.',
  )
}

/** A file, or a folder without what Python leaves in it; from the checkout where the path is not absolute. */
function copy(from, to) {
  const path = from.startsWith(ROOT) ? from : join(ROOT, from)
  mkdirSync(dirname(to), { recursive: true })
  cpSync(path, to, { recursive: true, dereference: true, filter: (each) => !each.includes('__pycache__') })
}
