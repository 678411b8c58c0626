import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { evaluateData } from 'assay/data-evaluation'
import { asPlainMessage, readTrainingFile, type TrainingRow } from 'assay/training-data'
import { loadJudge, locations } from '../packages/service/src/catalogue/index.ts'
import { median, printTable, seconds } from './table.ts'

const FILE = join(import.meta.dirname, '..', 'examples', 'school-mathematics.jsonl')
const COPIES = 5
const RUNS = 3

/** Rows a second of the data evaluation, beside the judge called with the same messages and nothing around it. */
export async function benchDataEvaluation(): Promise<void> {
  const judge = await loadJudge(locations())
  const rows: TrainingRow[] = []
  for (let copy = 0; copy < COPIES; copy++) {
    for await (const line of readTrainingFile(createReadStream(FILE))) {
      if ('row' in line) rows.push({ ...line.row, line: rows.length + 1 })
    }
  }
  async function* stream() {
    yield* rows
  }
  const messages = rows.map((row) => ({ messages: row.messages.map(asPlainMessage) }))
  const bare = async () => {
    for (let at = 0; at < messages.length; at += 64) await judge.judge(messages.slice(at, at + 64))
  }
  const taken = { evaluation: [] as number[], bare: [] as number[] }
  for (let run = 0; run < RUNS; run++) {
    taken.evaluation.push(await seconds(() => evaluateData({ rows: stream(), judge })))
    taken.bare.push(await seconds(bare))
  }
  const rate = (values: readonly number[]) => rows.length / median(values)
  printTable(
    ['', 'rows/s', 'to the judge alone'],
    [
      ['data evaluation', rate(taken.evaluation), rate(taken.evaluation) / rate(taken.bare)],
      ['judge alone', rate(taken.bare), 1],
    ],
  )
  await judge.close()
}
