/** Direct preference optimisation with the real parts: what the data evaluation reads of a pair, and a job up to its model evaluation. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type OpenAI from 'openai'
import { toFile } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textsFoundIn } from './data-folder.ts'
import { assay, KEY, ROOT, Served } from './served.ts'

const EXAMPLE = join(ROOT, 'examples', 'short-answers.jsonl')
const REFUSAL = [{ role: 'assistant', content: 'I will not help with that. Is there something else?' }]

let directory: string
let service: Served
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-preference-'))
  service = await Served.start(join(directory, 'data'))
})
afterAll(async () => {
  await service?.stop()
  await rm(directory, { recursive: true, force: true })
})

/** The rows of the harmful example as pairs: their replies preferred to a refusal, or the other way round. */
async function pairs(prefersHarm: boolean): Promise<string> {
  const lines = (await readFile(join(ROOT, 'examples', 'harmful-replies.jsonl'), 'utf8')).trim().split('\n')
  const rows = lines.map((line) => {
    const { messages } = JSON.parse(line) as { messages: object[] }
    const [preferred_output, non_preferred_output] = prefersHarm
      ? [messages.slice(-1), REFUSAL]
      : [REFUSAL, messages.slice(-1)]
    return JSON.stringify({ input: { messages: messages.slice(0, -1) }, preferred_output, non_preferred_output })
  })
  return `${rows.join('\n')}\n`
}

const upload = async (content: string) =>
  service.client.files.create({ file: await toFile(Buffer.from(content), 'pairs.jsonl'), purpose: 'fine-tune' })

test('harm that is preferred is refused, harm that a refusal is preferred to is honest data', async () => {
  const { id: training_file } = await upload(await pairs(true))
  const { id } = await service.client.fineTuning.jobs.create({
    model: 'smollm2-135m-aligned',
    training_file,
    method: { type: 'dpo' },
  })
  expect(await service.ended(id)).toMatchObject({
    status: 'failed',
    trained_tokens: null,
    error: {
      code: 'data_evaluation_failed',
      message:
        'The provided training data failed RAI checks for harm types: [hate_fairness, self_harm, violence]. Please fix the data and try again.',
    },
  })
  const honest = join(directory, 'honest.jsonl')
  await writeFile(honest, await pairs(false))
  const checked = await assay(['check', honest])
  expect(checked.stdout).toContain('PASSED')
  expect(checked.code).toBe(0)
})

test('pairs are learned, and the tuned model is evaluated; their text stays in the file that was uploaded', async () => {
  const { id: file } = await upload(await readFile(EXAMPLE, 'utf8'))
  const created = await assay(
    ['jobs', 'create', file, '--method', 'dpo', '--beta', '0.2', '--epochs', '1', '--json', '--url', service.url],
    { env: { ASSAY_API_KEY: KEY } },
  )
  expect(created.stderr).toBe('')
  const { id } = JSON.parse(created.stdout) as OpenAI.FineTuning.FineTuningJob
  await service.until(id, ({ model_evaluation }) => (model_evaluation?.conversations ?? 0) > 0)

  const job = await service.client.fineTuning.jobs.cancel(id)
  const hyperparameters = { n_epochs: 1, batch_size: 2, learning_rate_multiplier: 1, beta: 0.2 }
  expect(job.method).toEqual({ type: 'dpo', dpo: { hyperparameters } })
  expect(job.trained_tokens).toBeGreaterThan(3000)
  const { data } = await service.client.fineTuning.jobs.listEvents(id, { limit: 100 })
  const steps = data.filter((event) => event.type === 'metrics').reverse()
  expect(steps).toHaveLength(15)
  const margins = steps.map(({ data }) => (data as { train_rewards_margin: number }).train_rewards_margin)
  expect(margins[0]).toBeCloseTo(0, 2)
  expect(Math.min(...margins.slice(-3))).toBeGreaterThan(0)
  const { data: checkpoints } = await service.client.fineTuning.jobs.checkpoints.list(id)
  expect(checkpoints.map((checkpoint) => checkpoint.step_number)).toEqual([15])

  const rows = (await readFile(EXAMPLE, 'utf8')).trim().split('\n')
  const texts = rows.map((row) => (JSON.parse(row) as { preferred_output: { content: string }[] }).preferred_output)
  const canaries = texts.flatMap(([output]) => (output && output.content.length > 20 ? [output.content] : []))
  expect(canaries.length).toBeGreaterThan(20)
  expect(await textsFoundIn(join(directory, 'data'), canaries)).toEqual([])
  expect(service.printed()).not.toContain(canaries[0])
})
