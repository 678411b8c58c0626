/** What README and the other documents for newcomers say can be done, can be done. */
import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDRESS, codeBlock, codeBlocks, documents, readDocument, runBlock } from './markdown.ts'
import { assay, KEY, ROOT, Served, shell, whileServing } from './served.ts'

let folder: string
let service: Served
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-readme-'))
  service = await Served.start(join(folder, 'data'))
})
afterAll(async () => {
  await service?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('every link leads to something', async () => {
  for (const name of await documents()) {
    const targets = [...(await readDocument(name)).matchAll(/\]\(([^):#]+)\)/g)].map((match) => match[1] ?? '')
    for (const target of targets) await stat(join(ROOT, dirname(name), target))
  }
})

test('the check that the README opens with prints what stands there', async () => {
  // Of numbers that may differ a little with the processor, how near they are.
  const probabilities = (text: string) => [...text.matchAll(/probability (0\.\d+)/g)].map((match) => Number(match[1]))
  const wordsOf = (text: string) => text.replace(/probability 0\.\d+/g, 'probability')
  const sample = codeBlock(await readDocument('README.md'), 'console').replace('$ npx assay ', '')
  const [command = '', ...lines] = sample.split('\n')
  expect(command).toMatch(/^check /)
  const { code, stdout } = await assay(command.split(' '))
  expect(code).toBe(1)
  const printed = probabilities(stdout)
  expect(probabilities(sample)).toHaveLength(3)
  for (const [at, shown] of probabilities(sample).entries()) expect(shown).toBeCloseTo(printed[at] ?? 0, 1)
  let rest = wordsOf(stdout)
  for (const part of wordsOf(lines.join('\n')).split('  …\n')) {
    expect(rest).toContain(part)
    rest = rest.slice(rest.indexOf(part) + part.length)
  }
  expect(rest).toMatch(/^\njudge .*\n$/)
})

test('every npm command is a script, and set-up knows it', async () => {
  const texts = (await Promise.all((await documents()).map(readDocument))).join('\n')
  const { scripts } = JSON.parse(await readDocument('package.json')) as { scripts: Record<string, string> }
  const named = new Set([...texts.matchAll(/npm (?:run ([a-z:]+)|(test))/g)].map((match) => match[1] ?? match[2] ?? ''))
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining([...named]))
  const setUp = await readDocument('setup/run.mjs')
  for (const script of Object.values(scripts)) {
    const command = /^node setup\/run\.mjs (\S+)$/.exec(script)?.[1]
    expect(setUp).toMatch(new RegExp(`^  '?${command}'?:`, 'm'))
  }
})

test('the commands to use it run; those of npm are not run within the tests', async () => {
  const [twoCommands = '', toUse = ''] = codeBlocks(await readDocument('README.md'), 'sh')
  expect(twoCommands).toMatch(/^npm run demo .*\nnpm test .*\n$/)
  const [setUp, check = '', evaluate = '', serve = '', ...more] = toUse.trim().split('\n')
  expect(setUp).toMatch(/^npm run setup /)
  await copyFile(join(ROOT, 'examples', 'school-mathematics.jsonl'), join(folder, 'my-training-file.jsonl'))
  expect(await shell(check, { cwd: folder })).toMatchObject({ code: 0 })
  expect(await shell(evaluate)).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: assay evaluate') })
  const at = join(folder, 'served')
  await mkdir(at)
  const printed = await whileServing(serve, join(at, 'data'), { cwd: at, env: { ASSAY_API_KEY: '' } }, async () => {})
  expect(printed).toContain('sk-assay-')
  expect(more).toEqual([])
})

test('the example with the openai client runs as it is', async () => {
  const example = codeBlock(await readDocument('README.md'), 'ts')
  expect(example).toContain(ADDRESS)
  await copyFile(join(ROOT, 'examples', 'school-mathematics.jsonl'), join(folder, 'train.jsonl'))
  const where = { address: service.url, cwd: folder, env: { ASSAY_API_KEY: KEY } }
  const { code, stderr } = await runBlock(process.execPath, example, where)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const [job] = (await service.client.fineTuning.jobs.list()).data
  expect(job).toMatchObject({ model: 'smollm2-135m-aligned' })
  await service.client.fineTuning.jobs.cancel(job?.id ?? '')
})
