import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Served } from './served.ts'

const MEGABYTE = 1_000_000
const ROW_BYTES = 8_000
const MOST = 600 * MEGABYTE
/** What four times the rows may add: less than they themselves would. */
const GROWTH = 12 * MEGABYTE

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

/** The most memory that the service has ever had resident, in bytes, once the data of a job passed. */
async function peakAfter(bytes: number): Promise<number> {
  const path = join(directory, `${bytes}.jsonl`)
  await pipeline(Readable.from(rows(bytes)), createWriteStream(path))
  const file = await service.client.files.create({ file: createReadStream(path), purpose: 'fine-tune' })
  expect(file.bytes).toBeGreaterThanOrEqual(bytes)
  const job = await service.client.fineTuning.jobs.create({ model: 'smollm2-135m-aligned', training_file: file.id })
  await service.until(job.id, ({ state }) => state === 'training')
  await service.client.fineTuning.jobs.cancel(job.id)
  const status = await readFile(`/proc/${await service.pid()}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

test.runIf(process.platform === 'linux')('20 MB of rows pass in bounded memory', async () => {
  const few = await peakAfter(5 * MEGABYTE)
  const many = await peakAfter(20 * MEGABYTE)
  console.info(`peak resident memory: ${few / MEGABYTE} MB after 5 MB of rows, ${many / MEGABYTE} MB after 20 MB`)
  expect(many).toBeLessThan(MOST)
  expect(many - few).toBeLessThan(GROWTH)
})
