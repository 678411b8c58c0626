/** The reports of `assay check` on real files, by the real judge, against the schemas that outside programs read them by. */
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faultsOfJson, faultsOfJunit, faultsOfSarif } from './report-schemas.ts'
import { assay, ROOT } from './served.ts'

const CANARY = 'canary-4471'
const FAULTS = { json: faultsOfJson, junit: faultsOfJunit, sarif: faultsOfSarif, html: async () => [] }

let folder: string
let broken: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-reports-'))
  broken = join(folder, 'broken.jsonl')
  const lines = (await readFile(join(ROOT, 'examples', 'school-mathematics.jsonl'), 'utf8')).split('\n')
  lines[2] = JSON.stringify({ messages: [{ role: CANARY, content: CANARY, [`${CANARY} key`]: CANARY }] })
  await writeFile(broken, lines.join('\n'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each(['json', 'junit', 'sarif', 'html'] as const)(
  '%s keeps its schema, names the bytes it speaks of, and holds no text of a row',
  async (format) => {
    const harmful = join('examples', 'harmful-replies.jsonl')
    const passing = join('examples', 'school-mathematics.jsonl')
    const { code, stdout } = await assay(['check', '--format', format, harmful, passing, broken])
    expect(code).toBe(2)
    expect(await FAULTS[format](stdout)).toEqual([])
    for (const path of [harmful, passing, broken]) {
      const bytes = await readFile(path.startsWith('/') ? path : join(ROOT, path))
      expect(stdout).toContain(createHash('sha256').update(bytes).digest('hex'))
    }
    const rows = (await readFile(join(ROOT, harmful), 'utf8')).trim().split('\n')
    const texts = rows.flatMap((line) =>
      (JSON.parse(line) as { messages: { content: string }[] }).messages.map(({ content }) => content),
    )
    // Runs of plain words, which no format would escape.
    const words = texts.flatMap((text) => text.match(/[a-z][a-z ]{11,}/gi) ?? [])
    expect(words.length).toBeGreaterThan(20)
    for (const run of [...words, CANARY]) expect(stdout).not.toContain(run)
  },
)
