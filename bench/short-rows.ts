import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { TrainingRow } from 'assay/training-data'
import { isShort, ShortRows } from '../packages/assay/src/data-evaluation/short-rows.ts'
import { loadJudge, locations } from '../packages/service/src/catalogue/index.ts'
import { csvRows, parsed, shuffled } from './labelled-rows.ts'
import { printTable } from './table.ts'

/**
 * Texts of fewer than 60 letters, of which none tells its language: how many are found to be in one that the judge does not
 * read when so many of them are read together. ASSAY_BENCH_DATA: the folder of the labelled data sets.
 */
export async function benchShortRows(): Promise<void> {
  const data = process.env.ASSAY_BENCH_DATA
  if (!data) throw new Error('Name the folder of the labelled data sets: ASSAY_BENCH_DATA=… npm run bench short-rows')
  const column = async (path: string, name: string) => (await csvRows(join(data, path))).map((row) => row[name] ?? '')
  const lines = gunzipSync(await readFile(join(data, 'germeval2018-de', 'training.txt.gz'))).toString('utf8')
  const sets: readonly (readonly [language: string, set: string, texts: readonly string[]])[] = [
    ['English', 'davidson-hate-offensive', await column('davidson-hate-offensive/labeled_data.csv.gz', 'tweet')],
    ['English', 'edos', await column('edos/edos.csv.gz', 'text')],
    ['English', 'convabuse', await column('convabuse/train.csv.gz', 'user')],
    ['English', 'mlma-hate', await column('mlma-hate/en.csv.gz', 'tweet')],
    ['German', 'germeval2018-de', lines.split('\n').map((line) => line.split('\t')[0] ?? '')],
    ['French', 'mlma-hate', await column('mlma-hate/fr.csv.gz', 'tweet')],
  ]
  const judge = await loadJudge(locations())
  try {
    const rows = []
    for (const [language, set, texts] of sets) {
      const short = shuffled(texts.filter((text) => text.trim() && isShort(text)))
      const alone = short.filter((text) => !judge.isReadable?.(text)).length
      const together = unread(new ShortRows(judge), await asked(short))
      rows.push([language, set, String(short.length), share(alone, short.length), share(together, short.length)])
    }
    printTable(['language', 'data set', 'short texts', 'not read, alone', 'not read, together'], rows)
  } finally {
    await judge.close()
  }
}

/** Each text as what a user says; what is answered has no letters. */
function asked(texts: readonly string[]): Promise<readonly TrainingRow[]> {
  return parsed(
    texts.map((text) => ({
      messages: [
        { role: 'user', content: text },
        { role: 'assistant', content: '1' },
      ],
    })),
  )
}

function unread(shortRows: ShortRows, rows: readonly TrainingRow[]): number {
  return rows.reduce((sum, row) => sum + shortRows.add(row), 0) + shortRows.end()
}

const share = (count: number, of: number) => `${count} (${((100 * count) / of).toFixed(1)} %)`
