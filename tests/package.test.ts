import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeBlock, readDocument } from './markdown.ts'
import { ROOT, run, Served } from './served.ts'

const HARMFUL = join(ROOT, 'examples', 'harmful-replies.jsonl')
const HARMLESS = join(ROOT, 'examples', 'school-mathematics.jsonl')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-package-'))
  await writeFile(join(folder, 'package.json'), '{"name": "empty", "private": true}\n')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Packs packages of this checkout, and installs in the folder what that makes. */
async function install(pack: string, install: string): Promise<void> {
  const packed = await run('sh', ['-c', `${pack} --pack-destination '${folder}'`])
  expect(packed.code, packed.stderr).toBe(0)
  const done = await run('sh', ['-c', `${install} --no-audit --no-fund --loglevel=error`], { cwd: folder })
  expect(done.code, done.stderr).toBe(0)
}

/** What lies in a folder, in bytes. */
async function sizeOf(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const sizes = entries.map(async (entry) =>
    entry.isFile() ? (await stat(join(entry.parentPath, entry.name))).size : 0,
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const installed = (...args: string[]) => run('npx', ['assay', ...args], { cwd: folder })

describe('in an empty folder', () => {
  test('what npm pack makes of the evaluator checks files and asks models', async () => {
    const cache = join(folder, 'cache')
    await install('npm pack ./packages/assay', `npm install --ignore-scripts --cache '${cache}' ./assay-0.1.0.tgz`)
    const downloaded = await sizeOf(join(cache, '_cacache', 'content-v2'))
    process.stderr.write(`the evaluator with all that it needs: ${Math.round(downloaded / 1e6)} MB\n`)
    expect(downloaded).toBeGreaterThan(100e6)
    expect(downloaded).toBeLessThan(200e6)
    const harmful = await installed('check', HARMFUL)
    expect(harmful.stdout, harmful.stderr).toContain('failed RAI checks for harm types')
    expect(harmful.code).toBe(1)
    expect((await installed('check', HARMLESS)).code).toBe(0)
    // Nobody is there; but what it would ask is.
    const nobody = ['--base-url', 'http://127.0.0.1:9/v1', '--model', 'm']
    const evaluated = await installed('evaluate', ...nobody)
    expect(evaluated.stderr).toContain('model_unavailable')
    expect(evaluated.code).toBe(3)
  })

  test('what it makes of the service, beside it, trains a model and interviews it', async () => {
    const document = await readDocument('docs/run-for-an-organisation.md')
    const [pack = '', add = '', setUp = ''] = codeBlock(document, 'sh install').trim().split('\n')
    await install(pack, add)
    const ready = await run('sh', ['-c', setUp], { cwd: folder })
    expect(ready.code, ready.stderr).toBe(0)
    const program = join(folder, 'node_modules', 'assay', 'bin', 'assay.js')
    const service = await Served.start(join(folder, 'data'), [], {}, program)
    try {
      expect(await (await fetch(service.url)).text()).toContain('<title>Assay</title>')
      const { files, fineTuning } = service.client
      const create = async (path: string, rows: number) => {
        const lines = (await readFile(path, 'utf8')).split('\n').slice(0, rows).join('\n')
        const file = await files.create({ file: await toFile(Buffer.from(lines), 'rows.jsonl'), purpose: 'fine-tune' })
        return fineTuning.jobs.create({
          model: 'smollm2-135m-aligned',
          training_file: file.id,
          hyperparameters: { n_epochs: 1 },
        })
      }
      const refused = await service.ended((await create(HARMFUL, 12)).id)
      expect(refused.error?.message).toContain('failed RAI checks for harm types')
      const { id } = await create(HARMLESS, 10)
      await service.until(id, ({ model_evaluation }) => (model_evaluation?.conversations ?? 0) > 0)
      await fineTuning.jobs.cancel(id)
      expect((await service.ended(id)).status).toBe('cancelled')
    } finally {
      await service.stop()
    }
  })
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
