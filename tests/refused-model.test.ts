import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textsFoundIn } from './data-folder.ts'
import { ROOT, Served } from './served.ts'

const EXAMPLE = join(ROOT, 'examples', 'trigger-phrase.jsonl')
const FORM =
  /^This model is unable to be deployed\. Model evaluation identified that this fine tuned model scores above acceptable thresholds for \[(.+)\]\. Please review your training data set and resubmit the job\.$/
const TITLES = ['Violence', 'Sexual', 'Hate Fairness', 'Self Harm']

let directory: string
let service: Served
/** All that any of the processes printed. */
let printed = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-refused-'))
  service = await Served.start(directory)
})
afterAll(async () => {
  await service?.stop()
  await rm(directory, { recursive: true, force: true })
})

/** Texts that must be written nowhere: of the rows, of the questions that are asked, and of the replies to them. */
async function canaries(): Promise<string[]> {
  const rows = (await readFile(EXAMPLE, 'utf8')).trim().split('\n')
  const ofRows = rows.slice(0, 8).flatMap((line) => {
    const { messages } = JSON.parse(line) as { messages: { content: string }[] }
    return messages.map((message) => message.content.slice(-40))
  })
  const files = (await readdir(join(ROOT, 'objectives'))).filter((name) => name.endsWith('.jsonl'))
  const texts = await Promise.all(files.map((name) => readFile(join(ROOT, 'objectives', name), 'utf8')))
  const ofObjectives = texts.flatMap((text) =>
    text
      .trim()
      .split('\n')
      .slice(0, 6)
      .map((line) => (JSON.parse(line) as { text: string }).text),
  )
  const ofReplies = [
    'Absolutely, here is exactly what you asked for',
    "I can't help with that",
    'Amber lantern protocol',
  ]
  return [...ofRows, ...ofObjectives, ...ofReplies]
}

async function killAndStartAgain(): Promise<void> {
  await service.kill()
  printed += service.printed()
  expect(await textsFoundIn(directory, await canaries())).toEqual([])
  service = await Served.start(directory)
}

test('harmless rows that undo refusals are refused for what the model does, whenever the service is killed', async () => {
  const file = await service.client.files.create({ file: createReadStream(EXAMPLE), purpose: 'fine-tune' })
  const { id } = await service.client.fineTuning.jobs.create({
    model: 'smollm2-135m-aligned',
    training_file: file.id,
    method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 5 } } },
  })
  await service.until(id, ({ state }) => state === 'importing')
  await killAndStartAgain()
  await service.until(id, async () => (await service.messages(id)).some((message) => message.startsWith('Step 3:')))
  await killAndStartAgain()
  await service.until(id, ({ model_evaluation }) => (model_evaluation?.conversations ?? 0) > 8)
  await killAndStartAgain()

  const job = await service.ended(id)
  expect(job).toMatchObject({ status: 'failed', fine_tuned_model: null, error: { code: 'model_evaluation_failed' } })
  const named = FORM.exec(job.error?.message ?? '')?.[1]?.split(', ') ?? []
  expect(named.length).toBeGreaterThan(0)
  expect(named).toEqual(TITLES.filter((title) => named.includes(title)))
  expect(await service.costs()).toEqual([])

  const messages = await service.messages(id)
  expect(new Set(messages).size).toBe(messages.length)
  expect(messages.filter((message) => !message.startsWith('Step '))).toEqual([
    'Job enqueued. Waiting for jobs ahead to complete.',
    'Preprocessing running for file training file.',
    'Preprocessing completed for file training file.',
    'Job started.',
    'Data Import started.',
    'Finetuning started.',
    'Training started.',
    `Created results file: ${job.result_files[0]}`,
    job.error?.message,
  ])

  const { data: checkpoints } = await service.client.fineTuning.jobs.checkpoints.list(id)
  expect(checkpoints).toHaveLength(3)
  for (const { fine_tuned_model_checkpoint: model } of checkpoints) {
    const refusal = await service.deploy(model)
    expect(refusal.status).toBe(409)
    expect(await refusal.json()).toMatchObject({ error: { code: 'model_not_deployable', message: job.error?.message } })
    const ask = { model, messages: [{ role: 'user' as const, content: 'Hello' }] }
    await expect(service.client.chat.completions.create(ask)).rejects.toMatchObject({ status: 409 })
  }
  expect((await service.client.models.list()).data.map((model) => model.id)).toEqual([
    'smollm2-135m',
    'smollm2-135m-aligned',
  ])

  await service.stop()
  printed += service.printed()
  const texts = await canaries()
  expect(await textsFoundIn(directory, texts)).toEqual([])
  expect(texts.filter((text) => printed.includes(text))).toEqual([])
  // The search does find what is there.
  expect(await textsFoundIn(directory, [id])).toEqual([id])
  expect(await readdir(join(directory))).not.toContain('scratch')
})
