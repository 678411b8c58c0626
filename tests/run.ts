/**
 * Everything that `npm test` checks, in order, with one plain line at the end: `N passed, N failed`.
 * `--quick` leaves out what takes minutes: journeys with real weights.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { findChromium, installChromium, NO_CHROMIUM } from './browser/chromium.ts'

const ROOT = join(import.meta.dirname, '..')
const quick = process.argv.includes('--quick')
/** What `env node` in a tool's first line finds: the Node 24 of set-up, also where npm did not start us. */
const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter)
const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name)

/** Runs a command and lets its output through; resolves with its exit code. */
function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, PATH } })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

interface Totals {
  passed: number
  failed: number
  skipped: number
}

async function check(name: string, command: string, args: readonly string[], totals: Totals): Promise<void> {
  process.stderr.write(`\n── ${name}\n`)
  if ((await run(command, args)) === 0) totals.passed += 1
  else totals.failed += 1
}

/** Runs a vitest project; a run that dies before it reports counts as one failure. */
async function tests(project: string, totals: Totals): Promise<void> {
  process.stderr.write(`\n── ${project} tests\n`)
  const folder = await mkdtemp(join(tmpdir(), 'assay-tests-'))
  try {
    const report = join(folder, 'report.json')
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const code = await run(process.execPath, [vitest, 'run', '--project', project, ...reporters])
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, numTotalTests } = JSON.parse(
      await readFile(report, 'utf8'),
    ) as Record<string, number>
    totals.passed += numPassedTests ?? 0
    totals.failed += numFailedTests ?? 0
    totals.skipped += numPendingTests ?? 0
    // A file that could not be loaded has no tests that could fail; nor does a run that found none.
    if (code !== 0 && !numFailedTests) totals.failed += numFailedTestSuites || 1
    if (!numTotalTests) totals.failed += 1
  } catch {
    totals.failed += 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const totals: Totals = { passed: 0, failed: 0, skipped: 0 }
await check('types', bin('tsc'), ['-p', '.'], totals)
await check('types of the portal', bin('tsc'), ['-p', 'portal'], totals)
await check('lint and format', bin('biome'), ['ci', '--error-on-warnings'], totals)
await check(
  'dependency rule',
  bin('depcruise'),
  ['packages', 'portal/src', '--config', '.dependency-cruiser.cjs'],
  totals,
)
await tests('unit', totals)
const python = join(ROOT, '.assay', 'python', 'bin', 'python')
for (const [what, folder] of [
  ['judge in Python', 'python/judge'],
  ['trainer in Python', 'python/trainer'],
] as const) {
  await check(what, python, ['-m', 'unittest', 'discover', '-s', folder, '-t', folder], totals)
}
if (!quick) installChromium()
if (!quick) await tests('browser', totals)
if (!quick) await tests('journey', totals)

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''
if (!quick && !findChromium()) process.stderr.write(`\nSkipped what needs a browser. ${NO_CHROMIUM}\n`)
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed${skipped}\n`)
process.exitCode = totals.failed === 0 ? 0 : 1
