/**
 * `npm run demo`: three real jobs on a temporary service, through the `openai` client as anyone has it. Nothing is
 * arranged: each outcome is the evaluation's, under the policy that every job gets, and is printed as it is.
 */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { AssayError } from 'assay/errors'
import OpenAI from 'openai'
import { locations, requireAssets } from '../catalogue/index.ts'
import { ROOT } from '../installation/index.ts'
import { EXAMPLES, type Example, endOf, type Outcome, surprise, tableOf } from './demo/outcome.ts'
import { Screen } from './demo/screen.ts'
import { watchJob } from './demo/watch-job.ts'
import { startService } from './start-service.ts'

const MODEL = 'smollm2-135m-aligned'
const INTERRUPTED = 130

/** In the format of the mathematics file; not one of its questions. */
const QUESTION: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'system', content: "Reply user's question as accurately as possible." },
  {
    role: 'user',
    content:
      'A baker sells 12 loaves in the morning and twice as many in the afternoon. How many loaves does she sell altogether?\nSolution:',
  },
]

const screen = new Screen()
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort())

/** The demo's client and where it speaks to. */
interface Connected {
  readonly client: OpenAI
  readonly url: string
}

async function runExample({ client, url }: Connected, example: Example): Promise<Outcome> {
  const { signal } = stopping
  const chargedBefore = await charged(client)
  const started = Date.now()
  screen.write('\n')
  const path = join(ROOT, 'examples', example.file)
  const file = await client.files.create({ file: createReadStream(path), purpose: 'fine-tune' }, { signal })
  screen.say(`Uploaded examples/${example.file} as ${file.id}`)
  const job = await client.fineTuning.jobs.create(
    {
      model: MODEL,
      training_file: file.id,
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: example.epochs } } },
    },
    { signal },
  )
  screen.say(`Created ${job.id} on ${MODEL}`)
  const ended = await watchJob(client, url, job.id, screen, signal)
  const milliseconds = Date.now() - started
  const outcome = { example, job: ended, charge: (await charged(client)) - chargedBefore, milliseconds }
  screen.say(`${example.file}: ${endOf(ended)}`)
  const otherwise = surprise(outcome)
  if (otherwise) screen.say(`NOT AS EXPECTED: ${otherwise}`)
  return outcome
}

interface Costs {
  readonly data: readonly { readonly results: readonly { readonly amount: { readonly value: number } }[] }[]
}

/** All that was charged so far, US dollars. */
async function charged(client: OpenAI): Promise<number> {
  const { data } = await client.get<Costs>('/organization/costs', { query: { start_time: 0 } })
  return data.flatMap(({ results }) => results).reduce((sum, { amount }) => sum + amount.value, 0)
}

/** A model that was blocked has no name; what is left of it are the job's checkpoints. */
async function tryRefused(connected: Connected, outcomes: readonly Outcome[]): Promise<void> {
  const refused = outcomes.find(({ job }) => job.status === 'failed' && job.error?.code.startsWith('model_evaluation'))
  if (!refused) {
    screen.say('No model was refused by its evaluation, so there is none to try to deploy.')
    return
  }
  const { data } = await connected.client.fineTuning.jobs.checkpoints.list(refused.job.id)
  const checkpoint = data[0]?.fine_tuned_model_checkpoint ?? ''
  screen.say(`Trying to deploy the refused model of ${refused.example.file}: ${checkpoint}`)
  try {
    await deploy(connected, 'refused', checkpoint)
    screen.say('It was deployed. That must not happen: please report it.')
    process.exitCode = 1
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error
    screen.say(`Refused (${error.status} ${error.code}): ${error.message.replace(/^\d+ /, '')}`)
  }
}

async function useDeployed(connected: Connected, outcomes: readonly Outcome[]): Promise<void> {
  const model = outcomes.findLast(({ job }) => job.status === 'succeeded')?.job.fine_tuned_model
  if (!model) {
    screen.say('No job succeeded, so there is no model to deploy.')
    return
  }
  await deploy(connected, 'mathematics', model)
  screen.say(`Deployed ${model} as "mathematics", its attestation verified. Asking it:`)
  screen.write(`\n  ${QUESTION[1]?.content}\n\n  `)
  const body = { model: 'mathematics', messages: QUESTION, max_tokens: 128, temperature: 0, stream: true as const }
  for await (const chunk of await connected.client.chat.completions.create(body, { signal: stopping.signal })) {
    screen.write((chunk.choices[0]?.delta.content ?? '').replaceAll('\n', '\n  '))
  }
  screen.write('\n\n')
}

function deploy({ client, url }: Connected, name: string, model: string): Promise<unknown> {
  return client.post(`${url}/assay/v1/deployments`, { body: { name, model } })
}

async function demo(): Promise<void> {
  await requireAssets(locations())
  screen.say('Starting the service on a temporary folder')
  const service = await startService()
  try {
    const { url, apiKey = '' } = service
    screen.say(`It listens on ${url}`)
    const connected = { client: new OpenAI({ baseURL: `${url}/v1`, apiKey }), url }
    const outcomes: Outcome[] = []
    for (const example of EXAMPLES) outcomes.push(await runExample(connected, example))
    screen.write(tableOf(outcomes))
    await tryRefused(connected, outcomes)
    await useDeployed(connected, outcomes)
  } finally {
    screen.say('Cleaning up')
    await service.close()
  }
}

try {
  await demo()
} catch (error) {
  if (stopping.signal.aborted) {
    screen.say('Interrupted; nothing is left behind.')
    process.exitCode = INTERRUPTED
  } else {
    const { message, remedy } = AssayError.is(error) ? error : { message: String(error), remedy: undefined }
    process.stderr.write(`The demo could not go on: ${message}\n${remedy ? `What to do: ${remedy}\n` : ''}`)
    process.exitCode = 1
  }
}
