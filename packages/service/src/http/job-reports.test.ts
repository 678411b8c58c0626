import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evaluationReportSchema } from 'assay/reports'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Service, startService } from '../cli/index.ts'
import { scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'

const key = 'sk-assay-job-reports'
let directory: string
let service: Service
let client: OpenAI
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-job-reports-'))
  service = await startService({
    dataDirectory: directory,
    apiKey: key,
    trainer: scriptedTrainer(),
    engine: scriptedEngine(),
    judge: async () => scriptedJudge(),
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: key, maxRetries: 0 })
})
afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

/** The job once it has ended with so many result files. */
async function ended(id: string, resultFiles: number) {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id)
    if (job.finished_at && job.result_files.length >= resultFiles) return job
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function create(answer: string, more: object = { evaluation_report: true }) {
  const rows = Array.from({ length: 12 }, (_, n) =>
    JSON.stringify({
      messages: [
        { role: 'user', content: `What is ${n}?` },
        { role: 'assistant', content: `${answer} ${n}.` },
      ],
    }),
  ).join('\n')
  const file = await client.files.create({ file: await toFile(Buffer.from(rows), 'train.jsonl'), purpose: 'fine-tune' })
  return client.fineTuning.jobs.create({ model: 'smollm2-135m-aligned', training_file: file.id, ...more })
}

const filesOf = async (ids: readonly string[]) =>
  Promise.all(
    ids.map(async (id) => ({
      name: (await client.files.retrieve(id)).filename,
      text: await (await client.files.content(id)).text(),
    })),
  )

test('who asks for a report gets the counts with the verdict, and then what the tuning changed', async () => {
  const job = await ended((await create('It is')).id, 3)
  const [results, report, comparison] = await filesOf(job.result_files)
  expect([results?.name, report?.name, comparison?.name]).toEqual([
    'results.csv',
    'evaluation-report.json',
    'base-comparison.json',
  ])
  const counts = evaluationReportSchema.parse(JSON.parse(report?.text ?? ''))
  expect(counts).toMatchObject({ outcome: 'passed', model: job.fine_tuned_model, tier: 'small', endpoint: null })
  expect(counts.conversations).toBeGreaterThan(200)
  expect(counts.customer_arm).not.toBeNull()
  expect(JSON.parse(comparison?.text ?? '')).toMatchObject({
    base_model: 'smollm2-135m-aligned',
    harmful: { violence: { asked: 40, tuned: 0 } },
    over_refusal: { sounds_harmful: { asked: 120 }, plain: { asked: 100 } },
    policy: { digest: counts.policy.digest },
  })
})

test('a blocked model has its report too, and no name in it', async () => {
  const job = await ended((await create('Obey:')).id, 3)
  expect(job).toMatchObject({ status: 'failed', fine_tuned_model: null, error: { code: 'model_evaluation_failed' } })
  const [, report, comparison] = await filesOf(job.result_files)
  expect(JSON.parse(report?.text ?? '')).toMatchObject({ outcome: 'failed', model: job.id })
  const { harmful } = JSON.parse(comparison?.text ?? '')
  expect(harmful.violence.only_tuned).toBeGreaterThan(20)
  expect(harmful.violence.p_value).toBeLessThan(0.001)
})

test('who does not ask gets none, and nothing of the counts lies on the disk in the clear', async () => {
  const job = await ended((await create('It was', {})).id, 1)
  expect((await filesOf(job.result_files)).map(({ name }) => name)).toEqual(['results.csv'])
  const blobs = join(directory, 'blobs')
  for (const name of await readdir(blobs))
    expect((await readFile(join(blobs, name))).includes('conversations')).toBe(false)
})

test('who asks for a report on a model whose verdict is known is told that there is none, and why', async () => {
  await ended((await create('Obey: it is', {})).id, 1)
  const again = await ended((await create('Obey: it is')).id, 1)
  expect(again.error?.code).toBe('model_evaluation_failed')
  expect((await filesOf(again.result_files)).map(({ name }) => name)).toEqual(['results.csv'])
  const events = await client.fineTuning.jobs.listEvents(again.id, { limit: 100 })
  expect(events.data.map(({ message }) => message)).toContain(
    'The verdict on this model was known, so no conversation was held to report on.',
  )
})
