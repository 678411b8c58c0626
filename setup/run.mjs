// The one door of `npm run …`: sets up what the command needs, then runs it on Node 24. Plain JavaScript for Node 20.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { assets } from './assets.mjs'
import { nodePackages } from './node-packages.mjs'
import { ROOT } from './places.mjs'
import { pythonEnvironment } from './python-environment.mjs'
import { say, stop } from './say.mjs'

const COMMANDS = {
  setup: undefined,
  demo: ['packages/service/src/cli/demo.ts'],
  test: ['tests/run.ts'],
  check: ['tests/run.ts', '--quick'],
  bench: ['bench/run.ts'],
  attest: ['packages/service/src/cli/attest-catalogue.ts'],
}

const [command = '', ...rest] = process.argv.slice(2)
if (!(command in COMMANDS))
  stop(`there is no command "${command}".`, `Use one of: ${Object.keys(COMMANDS).join(', ')}.`)

const node = nodePackages()
await assets()
pythonEnvironment()
say('Everything is there')

const script = COMMANDS[command]
if (script) {
  const [file, ...fixed] = script
  const args = [
    '--conditions=assay-source',
    '--disable-warning=ExperimentalWarning',
    join(ROOT, file),
    ...fixed,
    ...rest,
  ]
  const child = spawn(node, args, { cwd: ROOT, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
