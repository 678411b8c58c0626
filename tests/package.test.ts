import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT, run } from './served.ts'

const PACKAGE = join(ROOT, 'packages', 'assay')
const { scripts = {} } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8')) as {
  scripts?: Record<string, string>
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-package-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.runIf(scripts.prepack)('what npm pack makes checks files and asks models in an empty folder', async () => {
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: PACKAGE })
  expect(packed.code, packed.stderr).toBe(0)
  // A script's own lines may come before the JSON.
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n'))) as [{ filename: string }]
  await writeFile(join(folder, 'package.json'), '{"name": "empty", "private": true}\n')
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const installed = await run('npm', ['install', ...quiet, `./${filename}`], { cwd: folder })
  expect(installed.code, installed.stderr).toBe(0)
  const check = (name: string) => run('npx', ['assay', 'check', join(ROOT, 'examples', name)], { cwd: folder })
  const harmful = await check('harmful-replies.jsonl')
  expect(harmful.stdout, harmful.stderr).toContain('failed RAI checks for harm types')
  expect(harmful.code).toBe(1)
  expect((await check('school-mathematics.jsonl')).code).toBe(0)
  // Nobody is there; but what it would ask is.
  const nobody = ['--base-url', 'http://127.0.0.1:9/v1', '--model', 'm']
  const evaluated = await run('npx', ['assay', 'evaluate', ...nobody], { cwd: folder })
  expect(evaluated.stderr).toContain('model_unavailable')
  expect(evaluated.code).toBe(3)
})

test.each(['assay', 'service'])('packages/%s asks for a Node on which all that it depends on runs', async (name) => {
  const { subset } = createRequire(import.meta.url)('semver') as { subset(range: string, of: string): boolean }
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: Record<string, string>; engines?: { node: string } }>
  }
  const own = packages[`packages/${name}`]
  const dependencies = Object.keys(own?.dependencies ?? {})
  expect(dependencies.length).toBeGreaterThan(5)
  for (const each of dependencies) {
    const found = packages[`packages/${name}/node_modules/${each}`] ?? packages[`node_modules/${each}`]
    const theirs = found?.engines?.node ?? '*'
    expect(subset(own?.engines?.node ?? '*', theirs), `${each} needs Node ${theirs}`).toBe(true)
  }
})
