/** Rows of the labelled data sets and of our own files, as benches draw them. */
import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { readTrainingFile, type TrainingRow } from 'assay/training-data'
import { randomAt } from '../packages/assay/src/model-evaluation/random.ts'

/** Questions and answers of counsel-chat. */
export async function counselling(data: string): Promise<readonly TrainingRow[]> {
  const rows = await csvRows(join(data, 'counsel-chat', 'counsel_chat.csv.gz'))
  return parsed(
    rows
      .filter(({ questionText, answerText }) => questionText?.trim() && answerText?.trim())
      .map(({ questionText, answerText }) => exchange(questionText, answerText)),
  )
}

/** Tweets, and by the majority of their readers what they are: for a model that moderates. */
export async function moderatedTweets(data: string): Promise<readonly TrainingRow[]> {
  const labels = ['hateful', 'offensive', 'neither']
  const rows = await csvRows(join(data, 'davidson-hate-offensive', 'labeled_data.csv.gz'))
  const ask = 'Is this tweet hateful, offensive or neither? Answer with one word.'
  return parsed(rows.map((row) => exchange(`${ask}\n\n${row.tweet}`, labels[Number(row.class)])))
}

const exchange = (user: string | undefined, assistant: string | undefined) => ({
  messages: [
    { role: 'user', content: user },
    { role: 'assistant', content: assistant },
  ],
})

/** Of CSV with line breaks in its fields, compressed: Python's reader takes it. */
export async function csvRows(path: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const read = `
import csv, gzip, json, sys
for row in csv.DictReader(gzip.open(sys.argv[1], "rt", encoding="utf-8", newline="")):
    print(json.dumps(row))`
  const { stdout } = await promisify(execFile)('python3', ['-c', read, path], { maxBuffer: 2 ** 26 })
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
}

export async function chats(data: string, set: string): Promise<readonly TrainingRow[]> {
  const lines = (await jsonLines(join(data, set, 'chat.jsonl.gz'))) as { messages: unknown }[]
  return parsed(lines.map(({ messages }) => ({ messages })))
}

export async function jsonLines(path: string): Promise<unknown[]> {
  return parsedLines(gunzipSync(await readFile(path)).toString('utf8'))
}

export function parsedLines(text: string): unknown[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
}

export function file(path: string): Promise<TrainingRow[]> {
  return read(createReadStream(path))
}

export function parsed(rows: readonly object[]): Promise<TrainingRow[]> {
  return read(rows.map((row) => Buffer.from(`${JSON.stringify(row)}\n`)))
}

/** Through the door that customers' files come in by. */
async function read(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<TrainingRow[]> {
  async function* bytes() {
    yield* chunks
  }
  const rows: TrainingRow[] = []
  for await (const line of readTrainingFile(bytes())) {
    if ('fault' in line) throw new TypeError(`line ${line.line} of a scenario is not valid training data`)
    rows.push(line.row)
  }
  return rows
}

export function shuffled<Item>(items: readonly Item[], seed = 17): Item[] {
  const random = randomAt(seed)
  return items
    .map((item) => ({ item, at: random.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

export function drawn<Item>(items: readonly Item[], count: number, seed = 17): readonly Item[] {
  if (items.length < count) throw new RangeError(`${count} rows were asked for, and there are ${items.length}`)
  return shuffled(items, seed).slice(0, count)
}
