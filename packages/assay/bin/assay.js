#!/usr/bin/env node
// Starts the program: compiled where it is installed; from its sources, on the Node 24 that set-up brought, in a checkout.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

const isCheckout = existsSync(at('../src/cli/main.ts'))
const node = isCheckout ? at('../../../node_modules/.bin/node') : process.execPath
if (!existsSync(node)) {
  process.stderr.write('assay is not set up in this checkout.\nWhat to do: run `npm run setup`.\n')
  process.exit(2)
}
const { engines } = JSON.parse(readFileSync(at('../package.json'), 'utf8'))
const needed = engines.node.replace('>=', '')
if (!isCheckout && process.versions.node.localeCompare(needed, 'en', { numeric: true }) < 0) {
  process.stderr.write(`assay needs Node ${needed} or later; this is Node ${process.versions.node}.\n`)
  process.exit(2)
}
// Young objects in little room, and freed memory given back: 100 MB less at the peak of a data evaluation (bench/RESULTS.md).
const frugal = '--max-semi-space-size=4'
const env = { MALLOC_TRIM_THRESHOLD_: '131072', ...process.env }
const program = isCheckout
  ? ['--conditions=assay-source', '--disable-warning=ExperimentalWarning', frugal, at('../src/cli/main.ts')]
  : [frugal, at('../dist/cli/main.js')]
const child = spawn(node, [...program, ...process.argv.slice(2)], { stdio: 'inherit', env })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
