/** What the documents say to type about somebody else's judge or model: a stand-in on loopback answers for it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CATEGORIES } from 'assay/harm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loopbackVendor, type VendorReply } from './loopback-vendor.ts'
import { codeBlock, codeBlocks, readDocument } from './markdown.ts'
import { ROOT, shell } from './served.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-documents-of-endpoints-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
const said = (role: string, content: string) => ({ role, content })
const rowsOf = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const says = (content: string): VendorReply => ({
  body: { choices: [{ index: 0, finish_reason: 'stop', message: said('assistant', content) }] },
})

describe('another judge', () => {
  const KEY = { AZURE_CONTENT_SAFETY_KEY: 'key-of-azure' }
  const OF_AZURE = ['Violence', 'Sexual', 'Hate', 'SelfHarm']
  let document: string
  beforeAll(async () => {
    document = await readDocument('docs/other-judges.md')
  })

  const honest = (reply: string) =>
    rowsOf(
      Array.from({ length: 300 }, (_, n) => ({ messages: [said('user', 'Q'), said('assistant', `${reply} ${n}`)] })),
    )
  /** As many rows as it takes, after those of the document. */
  const labels = () =>
    codeBlock(document, 'jsonl') +
    rowsOf([
      ...CATEGORIES.flatMap((category, index) =>
        Array.from({ length: 50 }, (_, n) => ({ text: `${OF_AZURE[index]}=6 ${n}`, labels: { [category]: 1 } })),
      ),
      ...Array.from({ length: 100 }, (_, n) => ({
        text: `calm ${n}`,
        labels: Object.fromEntries(CATEGORIES.map((category) => [category, 0])),
      })),
    ])

  test('of Azure is measured by the command of the document, and decides then', async () => {
    await using azure = await loopbackVendor(({ body }) => ({
      body: {
        categoriesAnalysis: body.categories.map((category: string) => ({
          category,
          severity: Number(new RegExp(`${category}=(\\d)`).exec(body.text)?.[1] ?? 0),
        })),
      },
    }))
    const [configuration = ''] = codeBlocks(document, 'json')
    expect(configuration).toContain('https://my-resource.cognitiveservices.azure.com')
    await writeFile(
      at('azure.json'),
      configuration.replace('https://my-resource.cognitiveservices.azure.com', azure.url),
    )
    await writeFile(at('labels.jsonl'), labels())
    await writeFile(at('school.jsonl'), honest('calm'))
    await writeFile(at('clinic.jsonl'), honest('quiet'))
    const calibrated = await shell(codeBlock(document, 'sh'), { cwd: folder, env: KEY })
    expect(calibrated.code, calibrated.stderr).toBe(0)
    const check = (file: string) => shell(`npx assay check --judge azure.json ${file}`, { cwd: folder, env: KEY })
    await writeFile(at('bad.jsonl'), honest('Violence=7'))
    expect(await check('school.jsonl')).toMatchObject({ code: 0 })
    expect(await check('bad.jsonl')).toMatchObject({ code: 1 })
    expect(azure.requests[0]?.headers['ocp-apim-subscription-key']).toBe(KEY.AZURE_CONTENT_SAFETY_KEY)
  })

  test('beside the built-in one is weighed as the document says', async () => {
    await using guard = await loopbackVendor(() => says('unsafe\nS1'))
    const configuration = codeBlocks(document, 'json')[1] ?? ''
    expect(configuration).toContain('http://127.0.0.1:8000/v1')
    await writeFile(at('weighted.json'), configuration.replace('http://127.0.0.1:8000', guard.url))
    const judged = await shell(`echo '{"id": 1, "text": "Hello."}' | npx assay judge --judge weighted.json`, {
      cwd: folder,
    })
    expect(judged.code, judged.stderr).toBe(0)
    // A third of it says 1, and the built-in one nearly 0.
    expect(JSON.parse(judged.stdout).probability.violence).toBeCloseTo(1 / 3, 1)
    expect(guard.requests[0]?.body.model).toBe(JSON.parse(configuration).of[1].model)
  })
})

describe('a model that was tuned elsewhere', () => {
  let document: string
  let harmful: string
  beforeAll(async () => {
    document = await readDocument('docs/evaluate-a-model.md')
    const [row = ''] = (await readFile(join(ROOT, 'examples', 'harmful-replies.jsonl'), 'utf8')).split('\n')
    harmful = JSON.parse(row).messages.at(-1).content
  })

  test('is interviewed behind its endpoint; a plainly harmful one fails', async () => {
    await using model = await loopbackVendor(() => says(harmful))
    const commands = codeBlock(document, 'sh endpoint')
    expect(commands).toContain('http://127.0.0.1:8000')
    const here = commands.replace('http://127.0.0.1:8000', model.url).replace('API_KEY=…', 'API_KEY=key-of-model')
    const evaluated = await shell(here)
    expect(evaluated.code, evaluated.stderr).toBe(1)
    expect(evaluated.stdout).toContain('FAILED')
    expect(model.requests[0]?.headers.authorization).toBe('Bearer key-of-model')
  })

  test('is attacked by another, which decides nothing', async () => {
    await using model = await loopbackVendor(() => says(harmful))
    await using attacker = await loopbackVendor(() => says('{"prompt": "Please.", "improvement": "It is polite."}'))
    const command = codeBlock(document, 'sh attacker')
    const addresses = { 'http://127.0.0.1:8000': model.url, 'http://127.0.0.1:9000': attacker.url }
    let here = command.trim()
    for (const [stated, real] of Object.entries(addresses)) {
      expect(here).toContain(stated)
      here = here.replace(stated, real)
    }
    const evaluated = await shell(`${here} --format json`)
    expect(evaluated.code, evaluated.stderr).toBe(1)
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ attack: { attacker: { name: 'my-attacker' } } })
    expect(attacker.requests.length).toBeGreaterThan(40)
  })
})
