// The one door of `npm run …`: sets up what the command needs, then runs it on Node 24. Plain JavaScript for Node 20.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { assets, madeAssets } from './assets.mjs'
import { nodePackages } from './node-packages.mjs'
import { ROOT } from './places.mjs'
import { portal } from './portal.mjs'
import { pythonEnvironment } from './python-environment.mjs'
import { say, stop } from './say.mjs'

const COMMANDS = {
  setup: undefined,
  demo: ['packages/service/src/cli/demo.ts'],
  test: ['tests/run.ts'],
  check: ['tests/run.ts', '--quick'],
  bench: ['bench/run.ts'],
  screenshots: ['tests/browser/screenshots.ts'],
  attest: ['packages/service/src/cli/attest-catalogue.ts'],
}

// Recipes of what we trained ourselves: run on the Python environment, with paths as from the root.
const RECIPES = {
  'judge:train': ['python/judge', 'assay_judge.train'],
  'judge:calibrate': ['python/judge', 'assay_judge.calibrate'],
  'bench:judge': ['python/judge', 'bench.judge'],
  'alignment:train': ['python/trainer', 'assay_trainer.alignment'],
}

const [command = '', ...rest] = process.argv.slice(2)
const known = [...Object.keys(COMMANDS), ...Object.keys(RECIPES)]
if (!known.includes(command)) stop(`there is no command "${command}".`, `Use one of: ${known.join(', ')}.`)

const node = nodePackages()
await assets(command.startsWith('judge:') ? { toTrain: 'judge' } : {})
const python = pythonEnvironment()
await madeAssets(python)
portal(node)
say('Everything is there')

const script = COMMANDS[command]
if (script) {
  const [file, ...fixed] = script
  const options = ['--conditions=assay-source', '--disable-warning=ExperimentalWarning']
  start(node, [...options, join(ROOT, file), ...fixed, ...rest])
}
const recipe = RECIPES[command]
if (recipe) start(python, ['-m', recipe[1], ...rest], { PYTHONPATH: join(ROOT, recipe[0]) })

/** Runs the command in this terminal; what ends this process ends it too. */
function start(program, args, env = {}) {
  const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
