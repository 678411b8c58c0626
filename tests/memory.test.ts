import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Served } from './served.ts'

const MEGABYTE = 1_000_000
const ROW_BYTES = 8_000
const MOST = 600 * MEGABYTE
/** What 80 MB more of rows may add to the peak: less than their text alone. Held as objects they would add several times that. */
const GROWTH = 80 * MEGABYTE

let directory: string
let service: Served
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-memory-'))
  service = await Served.start(join(directory, 'data'))
})
afterAll(async () => {
  await service?.stop()
  await rm(directory, { recursive: true, force: true })
})

/** Rows that differ, long ones: sums to be done, and their results. */
function* rows(bytes: number): Generator<string> {
  for (let written = 0, n = 1; written < bytes; n += 1) {
    const sums = Array.from({ length: ROW_BYTES / 20 }, (_, at) => `What is ${n} and ${at}?`).join(' ')
    const answer = `The first sum is ${n}, the second ${n + 1}, and each after it is larger by one.`
    const messages = [
      { role: 'user', content: sums.slice(0, ROW_BYTES - 300) },
      { role: 'assistant', content: answer },
    ]
    const row = `${JSON.stringify({ messages })}\n`
    written += row.length
    yield row
  }
}

/** The most memory that the service had resident since the last call of `forget`, or its start, in bytes. */
async function peak(): Promise<number> {
  const status = await readFile(`/proc/${await service.pid()}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

/** The peak counts from here (proc(5), clear_refs). */
async function forget(): Promise<void> {
  await writeFile(`/proc/${await service.pid()}/clear_refs`, '5')
}

/** The peak from the upload until the data of the job passed. */
async function peakAfter(bytes: number): Promise<number> {
  await forget()
  const path = join(directory, `${bytes}.jsonl`)
  await pipeline(Readable.from(rows(bytes)), createWriteStream(path))
  const file = await service.client.files.create({ file: createReadStream(path), purpose: 'fine-tune' })
  expect(file.bytes).toBeGreaterThanOrEqual(bytes)
  const job = await service.client.fineTuning.jobs.create({ model: 'smollm2-135m-aligned', training_file: file.id })
  await service.until(job.id, ({ state }) => state === 'training')
  await service.client.fineTuning.jobs.cancel(job.id)
  return peak()
}

test.runIf(process.platform === 'linux')(
  '100 MB of rows pass in less than 600 MB of resident memory, which does not grow with the rows',
  async () => {
    const started = await peak()
    // The first file warms up code and heap. Both others are long enough for the heap to reach the size that it keeps.
    const first = await peakAfter(5 * MEGABYTE)
    const few = await peakAfter(20 * MEGABYTE)
    const many = await peakAfter(100 * MEGABYTE)
    const shown = [started, first, few, many].map((bytes) => Math.round(bytes / MEGABYTE))
    console.info(`peak resident memory in MB: at the first start, 5 MB of rows, 20 MB, 100 MB: ${shown.join(', ')}`)
    expect(Math.max(started, first, few, many)).toBeLessThan(MOST)
    expect(many - few).toBeLessThan(GROWTH)
  },
)
