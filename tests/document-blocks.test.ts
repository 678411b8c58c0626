/** That no block of code, and no command, stands in a document without a test that runs it. */
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { allCodeBlocks, documents, readDocument } from './markdown.ts'
import { assay, ROOT } from './served.ts'

const HTTP = 'packages/service/src/http'

/** By document and test: what stands behind the three backticks of each block that the test runs. */
const RUN: Record<string, Record<string, readonly string[]>> = {
  'README.md': { 'tests/readme.test.ts': ['console', 'sh', 'sh', 'ts'] },
  'docs/azure.md': { [`${HTTP}/azure.test.ts`]: ['ts', 'ts', 'ts', 'ts', 'sh', 'ts'] },
  'docs/checkpoints.md': { 'tests/documents-of-jobs.test.ts': ['sh'] },
  'docs/content-filters.md': { [`${HTTP}/content-filters.test.ts`]: ['json', 'sh', 'json', 'json'] },
  'docs/evaluate-a-model.md': {
    'tests/documents-of-endpoints.test.ts': ['sh endpoint', 'sh attacker'],
    'tests/import.test.ts': ['sh elsewhere'],
  },
  'docs/gate-a-pipeline.md': { 'tests/pipeline.test.ts': ['sh', 'sh', 'sh'] },
  'docs/other-judges.md': { 'tests/documents-of-endpoints.test.ts': ['json', 'json', 'sh', 'jsonl'] },
  'docs/pause-a-job.md': { 'tests/documents-of-jobs.test.ts': ['sh'] },
  'docs/privacy.md': { 'tests/documents.test.ts': ['sh', 'sh linux'] },
  'docs/quick-start.md': {
    'tests/documents.test.ts': ['sh', 'sh', 'json', 'sh serve', 'sh key', 'sh', 'sh', 'sh'],
  },
  'docs/run-for-an-organisation.md': {
    'tests/package.test.ts': ['sh install'],
    'tests/documents.test.ts': ['sh serve', 'sh operator', 'sh postgres', 'sh upgrade'],
  },
  'docs/trainers-and-engines.md': { 'tests/documents.test.ts': ['ts'] },
  'docs/tune-by-preference.md': { 'tests/documents-of-jobs.test.ts': ['jsonl', 'sh', 'sh', 'ts'] },
  'docs/tune-from-your-client.md': {
    'tests/documents.test.ts': ['ts start', 'python start'],
    'tests/deployed-model.test.ts': ['ts use', 'python use'],
  },
  'docs/why-was-my-job-refused.md': { 'tests/documents-of-jobs.test.ts': ['sh', 'sh'] },
}

test('every block of code of every document is run by the test that says so', async () => {
  for (const document of await documents()) {
    // A `text` is a drawing.
    const found = allCodeBlocks(await readDocument(document)).filter(({ info }) => info !== 'text')
    const run = RUN[document] ?? {}
    const claimed = Object.values(run).flat()
    expect(found.map(({ info }) => info).toSorted(), document).toEqual(claimed.toSorted())
    for (const [path, infos] of Object.entries(run)) {
      const text = await readDocument(path)
      const said = [basename(document), ...infos.map((info) => `'${info}'`)]
      expect(
        said.filter((each) => !text.includes(each)),
        path,
      ).toEqual([])
    }
  }
  for (const document of Object.keys(RUN)) await stat(join(ROOT, document))
})

/** Every command of the program, with its options, as it tells a shell that completes them. */
async function commandsAndOptions(): Promise<Map<string, Set<string>>> {
  const { stdout } = await assay(['completion', 'fish'])
  const found = new Map<string, Set<string>>()
  for (const [, command = '', rest = ''] of stdout.matchAll(/^complete -c assay -n '__assay_at \\'(.+?)\\'' (.*)$/gm)) {
    const options = found.get(command) ?? new Set()
    const option = /^(?:-s \w )?-l (\S+)/.exec(rest)?.[1]
    if (option) options.add(`--${option}`)
    found.set(command, options)
  }
  return found
}

/** What is typed in a document: its blocks for a shell, and the code within its lines. */
function typedIn(markdown: string): string[] {
  const blocks = allCodeBlocks(markdown).filter(({ info }) => /^(sh|console)\b/.test(info))
  const lines = blocks.flatMap(({ block }) => block.replaceAll('\\\n', '').split('\n'))
  const spans = [...markdown.replace(/^```.*?^```$/gms, '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
  return [...lines.map((line) => line.replace(/(^| )#.*/, '')), ...spans]
}

test('every command of assay that a document names is there, with each of its options', async () => {
  const known = await commandsAndOptions()
  const checked = new Set<string>()
  for (const document of await documents()) {
    const typed = typedIn(await readDocument(document))
    for (const [, rest = ''] of typed.flatMap((code) => [...code.matchAll(/(?<![\w./-])assay ([^|;&<>]+)/g)])) {
      const [first = '', ...words] = rest.trim().split(/\s+/)
      let command = `assay ${first}`
      const isGroup = [...known.keys()].some((each) => each.startsWith(`${command} `))
      if (isGroup && /^[a-z]+$/.test(words[0] ?? '')) command = `${command} ${words.shift()}`
      expect([...known.keys()], `${document}: ${rest}`).toContain(command)
      // What `assay deploy` does where it is told nothing else.
      const options = [...(known.get(command) ?? []), ...(known.get(`${command} create`) ?? [])]
      for (const word of words) if (word.startsWith('--')) expect(options, `${document}: ${rest}`).toContain(word)
      checked.add(command)
    }
  }
  expect(checked.size).toBeGreaterThan(25)
  const inShort = /^From a terminal: (.*?), each with `--help`/m.exec(await readDocument('README.md'))?.[1] ?? ''
  const names = [...inShort.matchAll(/`(?:npx assay )?(\S+)`/g)].map((match) => `assay ${match[1]}`)
  expect(names.length).toBeGreaterThan(5)
  expect([...known.keys()]).toEqual(expect.arrayContaining(names))
})

test('every measurement that a document names is one that `npm run bench` knows', async () => {
  const texts = (await Promise.all((await documents()).map(readDocument))).join('\n')
  const named = new Set([...texts.matchAll(/npm run bench ([a-z][a-z-]+)/g)].map((match) => match[1] ?? ''))
  expect(named.size).toBeGreaterThan(5)
  const known = await readDocument('bench/run.ts')
  for (const name of named) expect(known).toMatch(new RegExp(`^  '?${name}'?: `, 'm'))
})

test('the recipes of the judge, which are not run since they take up to an hour, are there with their options', async () => {
  const lines = (await readDocument('python/judge/README.md')).match(/^ {4}.+$/gm) ?? []
  expect(lines).toHaveLength(5)
  const setUp = await readDocument('setup/run.mjs')
  const sources = (name: string) => readDocument(`python/judge/assay_judge/${name}.py`)
  // `options` of train.py has those that they share.
  const shared = await sources('train')
  for (const line of lines) {
    const [, npm, python] = /npm run judge:(\w+)|-m assay_judge\.(\w+)/.exec(line) ?? []
    if (npm) expect(setUp).toContain(`'judge:${npm}': ['python/judge', 'assay_judge.${npm}']`)
    const text = (await sources(npm ?? python ?? '')) + shared
    for (const option of line.match(/(?<= )--[a-z]+/g) ?? []) expect(text).toContain(`add_argument("${option}"`)
  }
})
