/** What the documents say to type around a job, on scripted parts: what becomes of a model, its rows say, within seconds. */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Service, startService } from 'assay-service/cli'
import { scriptedEngine, scriptedJudge, scriptedTrainer } from 'assay-service/scripted'
import type { Trainer } from 'assay-service/trainers'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeBlock, codeBlocks, inlineCommand, readDocument, runBlock } from './markdown.ts'
import { faultsOfJson } from './report-schemas.ts'
import { KEY, shell as plainShell, ROOT } from './served.ts'

let folder: string
let service: Service
let client: OpenAI
/** Training and conversations wait for it. */
let goOn = Promise.resolve()

/** No two first checkpoints of its are the same, so that none has the verdict of another. */
const trainer = (): Trainer => {
  let trained = 0
  const scripted = scriptedTrainer('Obey', () => goOn)
  return {
    async *train(request) {
      trained += 1
      for await (const event of scripted.train(request)) {
        if (event.type === 'checkpoint' && event.epoch === 1) await appendFile(event.adapterPath, `${trained}`)
        yield event
      }
    },
  }
}

const engine = () => {
  const scripted = scriptedEngine()
  return {
    ...scripted,
    load: async (request: Parameters<typeof scripted.load>[0]) => {
      const model = await scripted.load(request)
      const chat: typeof model.chat = (...asked) => goOn.then(() => model.chat(...asked))
      return { ...model, chat }
    },
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-documents-of-jobs-'))
  service = await startService({
    dataDirectory: join(folder, 'data'),
    apiKey: KEY,
    trainer: trainer(),
    engine: engine(),
    judge: async () => scriptedJudge(),
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: KEY, maxRetries: 0 })
})
afterAll(async () => {
  await service?.close()
  await rm(folder, { recursive: true, force: true })
})

const shell = (commands: string) => plainShell(commands, { env: { ASSAY_URL: service.url, ASSAY_API_KEY: KEY } })
const idIn = (text: string, kind: string) => new RegExp(`${kind}-[\\w-]+`).exec(text)?.[0] ?? ''
const linesOf = (block: string) => block.trim().split('\n')

async function upload(answer: string): Promise<string> {
  const said = (role: string, content: string) => ({ role, content })
  const rows = Array.from({ length: 12 }, (_, n) =>
    JSON.stringify({ messages: [said('user', `What is ${n}?`), said('assistant', `${answer} ${n}.`)] }),
  )
  const file = await toFile(Buffer.from(rows.join('\n')), 'train.jsonl')
  return (await client.files.create({ file, purpose: 'fine-tune' })).id
}
const create = async (answer: string) =>
  (await client.fineTuning.jobs.create({ model: 'smollm2-135m-aligned', training_file: await upload(answer) })).id
const statusOf = async (job: string) => (await client.fineTuning.jobs.retrieve(job)).status
const reaches = (job: string, status: string) => expect.poll(() => statusOf(job), { timeout: 60_000 }).toBe(status)

/** What is done before training and conversations may go on. */
async function meanwhile(work: () => Promise<void>): Promise<void> {
  const held = Promise.withResolvers<void>()
  goOn = held.promise
  try {
    await work()
  } finally {
    held.resolve()
  }
}

describe('a checkpoint', () => {
  /** The checkpoint before the last of a job of its own, as the document's first command shows it. */
  async function earlier(document: string, answer: string): Promise<string> {
    const job = await create(answer)
    await reaches(job, 'succeeded')
    const list = codeBlock(document, 'sh').replace('ftjob-abc123', job)
    const { code, stdout } = await shell(list)
    expect(code).toBe(0)
    return /\bft:\S+:ckpt-step-1\b/.exec(stdout)?.[0] ?? ''
  }

  const deployAs = (name: string, model: string) =>
    fetch(
      `${service.url}/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments/${name}?api-version=2024-10-01`,
      {
        method: 'PUT',
        body: JSON.stringify({
          sku: { name: 'standard', capacity: 1 },
          properties: { model: { format: 'OpenAI', name: model, version: '1' } },
        }),
        headers: { 'api-key': KEY, 'content-type': 'application/json' },
      },
    ).then((reply) => reply.json())

  test('is asked for, watched while it is evaluated, and answers', async () => {
    const document = await readDocument('docs/checkpoints.md')
    const checkpoint = await earlier(document, 'It is')
    const deploy = inlineCommand(document, 'npx assay deploy').replace('ft:…:ckpt-step-88', checkpoint)
    const ask = () =>
      client.chat.completions.create({ model: checkpoint, messages: [{ role: 'user', content: 'Hello' }] })
    let evaluation = ''
    await meanwhile(async () => {
      const { stdout } = await shell(deploy)
      expect(stdout).toContain('status: creating')
      evaluation = idIn(stdout, 'evaluation')
      expect(await deployAs('early', checkpoint)).toMatchObject({ properties: { provisioningState: 'Creating' } })
      const refusal = { status: 409, code: 'model_not_evaluated', message: expect.stringContaining(evaluation) }
      await expect(ask()).rejects.toMatchObject(refusal)
    })
    const watch = inlineCommand(document, 'npx assay jobs watch').replace('evaluation-…', evaluation)
    expect(await shell(watch)).toMatchObject({ code: 0 })
    expect((await shell(deploy)).stdout).toContain('status: succeeded')
    expect(await deployAs('early', checkpoint)).toMatchObject({ properties: { provisioningState: 'Succeeded' } })
    expect((await ask()).choices).toHaveLength(1)
  })

  test('whose evaluation is cancelled is evaluated once it is deployed again', async () => {
    const document = await readDocument('docs/checkpoints.md')
    const checkpoint = await earlier(document, 'It was')
    const command = inlineCommand(document, 'npx assay deploy').replace('early', 'other')
    const deploy = command.replace('ft:…:ckpt-step-88', checkpoint)
    await meanwhile(async () => {
      const evaluation = idIn((await shell(deploy)).stdout, 'evaluation')
      const cancel = inlineCommand(document, 'npx assay jobs cancel').replace('evaluation-…', evaluation)
      expect((await shell(cancel)).stdout).toContain('status: cancelled')
    })
    const again = idIn((await shell(deploy)).stdout, 'evaluation')
    const watch = inlineCommand(document, 'npx assay jobs watch').replace('evaluation-…', again)
    expect(await shell(watch)).toMatchObject({ code: 0 })
  })
})

test('a job is paused at the end of its epoch, and resumed', async () => {
  const [pause = '', resume = ''] = linesOf(codeBlock(await readDocument('docs/pause-a-job.md'), 'sh'))
  let job = ''
  await meanwhile(async () => {
    job = await create('It will be')
    const messages = async () => (await client.fineTuning.jobs.listEvents(job)).data.map(({ message }) => message)
    await expect.poll(messages, { timeout: 30_000 }).toContain('Training started.')
    expect(await shell(pause.replace('ftjob-abc123', job))).toMatchObject({ code: 0 })
  })
  await reaches(job, 'paused')
  expect(await shell(resume.replace('ftjob-abc123', job))).toMatchObject({ code: 0 })
  await reaches(job, 'succeeded')
  const { data } = await client.fineTuning.jobs.listEvents(job, { limit: 100 })
  const said = data.map(({ message }) => message).reverse()
  expect(said.filter((message) => /^Job (paused|resumed)/.test(message))).toEqual(['Job paused.', 'Job resumed.'])
})

describe('tuning by preference', () => {
  let document: string
  beforeAll(async () => {
    document = await readDocument('docs/tune-by-preference.md')
  })

  test('has a pair that passes, ten times, and a file of them that does', async () => {
    const pair = codeBlock(document, 'jsonl')
    const pairs = join(folder, 'pairs.jsonl')
    await writeFile(pairs, pair.repeat(10))
    const [check = ''] = codeBlocks(document, 'sh')
    expect(await shell(check)).toMatchObject({ code: 0 })
    expect(await shell(check.replace('examples/short-answers.jsonl', pairs))).toMatchObject({ code: 0 })
  })

  test('is done from the command line', async () => {
    const [upload = '', create = ''] = linesOf(codeBlocks(document, 'sh')[1] ?? '')
    const file = idIn((await shell(upload)).stdout, 'file')
    const created = await shell(create.replace('file-abc123', file))
    expect(created).toMatchObject({ code: 0 })
    const [job] = (await client.fineTuning.jobs.list({ limit: 1 })).data
    expect(job).toMatchObject({ status: 'succeeded', training_file: file, method: { type: 'dpo' } })
  })

  test('is done by the openai package, in the place of the job of the README’s program', async () => {
    const readme = codeBlock(await readDocument('README.md'), 'ts')
    const program = readme.replace(/^const job = .*\n/m, codeBlock(document, 'ts'))
    expect(program).toContain("type: 'dpo'")
    await writeFile(join(folder, 'train.jsonl'), await readFile(join(ROOT, 'examples', 'short-answers.jsonl')))
    const where = { address: service.url, cwd: folder, env: { ASSAY_API_KEY: KEY } }
    expect(await runBlock(process.execPath, program, where)).toMatchObject({ code: 0, stderr: '' })
    const [job] = (await client.fineTuning.jobs.list({ limit: 1 })).data
    expect(job?.method).toMatchObject({ type: 'dpo', dpo: { hyperparameters: { beta: 0.1 } } })
    await reaches(job?.id ?? '', 'succeeded')
  })
})

describe('a refused job', () => {
  let document: string
  beforeAll(async () => {
    document = await readDocument('docs/why-was-my-job-refused.md')
  })

  test('has its rows shown where the data is', async () => {
    const { code, stdout } = await shell(codeBlocks(document, 'sh')[0] ?? '')
    const [row = ''] = linesOf(await readFile(join(ROOT, 'examples', 'harmful-replies.jsonl'), 'utf8'))
    // Not by toContain, which would print it.
    expect(stdout.includes(JSON.parse(row).messages.at(-1).content.slice(0, 30))).toBe(true)
    expect(code).toBe(1)
  })

  test('has a report where it was asked for, and one of its base', async () => {
    const file = await upload('Obey:')
    const asked = await shell((codeBlocks(document, 'sh')[1] ?? '').replace('file-abc123', file))
    expect(asked).toMatchObject({ code: 0 })
    const job = idIn(asked.stdout, 'ftjob')
    await reaches(job, 'failed')
    const results = async () => (await client.fineTuning.jobs.retrieve(job)).result_files
    await expect.poll(results, { timeout: 60_000 }).toHaveLength(3)
    expect((await client.fineTuning.jobs.retrieve(job)).error?.code).toBe('model_evaluation_failed')
    const names = await Promise.all((await results()).map(async (id) => (await client.files.retrieve(id)).filename))
    for (const name of names.slice(1)) expect(document).toContain(`\`${name}\``)
    const report = (await results())[names.indexOf('evaluation-report.json')] ?? ''
    const text = await (await client.files.content(report)).text()
    expect(await faultsOfJson(text, 'evaluation-report')).toEqual([])
    expect(JSON.parse(text)).toMatchObject({ outcome: 'failed' })
  })
})
