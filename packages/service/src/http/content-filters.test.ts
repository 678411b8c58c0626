import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Judge } from 'assay/judges'
import OpenAI, { AzureOpenAI, toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { codeBlock, codeBlocks, readDocument } from '../../../../tests/markdown.ts'
import { ASSAY, ROOT, run } from '../../../../tests/served.ts'
import { chatCommand } from '../cli/chat.ts'
import { contentFiltersCommand } from '../cli/content-filters.ts'
import { type Service, startService } from '../cli/index.ts'
import { Resources } from '../resources/index.ts'
import { echoingEngine, HARMFUL_WORD, scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'
import { loadKeyEncryptionKey, openDatabase, openDataDirectory } from '../storage/index.ts'

const KEY = 'sk-assay-filters'
const BASE = 'smollm2-135m-aligned'
const ACCOUNT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a'
const VERSION = '?api-version=2024-10-01'
const CATEGORIES = ['Hate', 'Sexual', 'Selfharm', 'Violence']

let directory: string
let service: Service
let client: OpenAI
/** Of resources that have nothing yet. */
let otherKeys: string[]
/** What judges, unless a test puts something else in its place. */
let judging: Judge['judge'] = scriptedJudge().judge

/** Echoes whoever chats; what a job's model says is as its training made it. */
function engine() {
  const [echoing, scripted] = [echoingEngine(), scriptedEngine()]
  return {
    ...scripted,
    load: async (model: Parameters<typeof scripted.load>[0]) => {
      const [echo, evaluated] = [await echoing.load(model), await scripted.load(model)]
      return { ...evaluated, stream: echo.stream }
    },
  }
}

async function makeResources(count: number): Promise<string[]> {
  const data = await openDataDirectory(directory)
  const database = await openDatabase({ directory: data.database })
  const resources = new Resources(database.sql, await loadKeyEncryptionKey(data.keyEncryptionKey))
  const keys: string[] = []
  for (let n = 0; n < count; n += 1) keys.push((await resources.create(`resource-${n}`, 'local')).key)
  await database.close()
  await data.release()
  return keys
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-filters-'))
  otherKeys = await makeResources(5)
  service = await startService({
    dataDirectory: directory,
    apiKey: KEY,
    trainer: scriptedTrainer(),
    engine: engine(),
    judge: async () => ({ ...scriptedJudge(), judge: (inputs) => judging(inputs) }),
  })
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: KEY, maxRetries: 0 })
})
afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

async function call(method: string, path: string, body?: object, key = KEY) {
  const headers = { 'api-key': key, ...(body && { 'content-type': 'application/json' }) }
  const reply = await fetch(service.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await reply.text()
  // biome-ignore lint/suspicious/noExplicitAny: what each answer holds is what the tests say
  return { status: reply.status, body: (text ? JSON.parse(text) : undefined) as any }
}
const policy = (method: string, name = '', properties?: object, key = KEY) =>
  call(method, `${ACCOUNT}/raiPolicies${name && `/${name}`}${VERSION}`, properties && { properties }, key)
const deploy = (name: string, raiPolicyName?: string, key = KEY) => {
  const properties = { model: { format: 'OpenAI', name: BASE, version: '1' }, ...(raiPolicyName && { raiPolicyName }) }
  return call('PUT', `${ACCOUNT}/deployments/${name}${VERSION}`, { sku: { name: 'Standard' }, properties }, key)
}
/** Every filter, set so; of one source where it is named. */
const everywhere = (settings: object, source?: 'Prompt' | 'Completion') =>
  (['Prompt', 'Completion'] as const)
    .filter((one) => source === undefined || one === source)
    .flatMap((one) => CATEGORIES.map((name) => ({ name, source: one, ...settings })))
const ask = (model: string, content: string) => ({ model, messages: [{ role: 'user' as const, content }] })
const azureClient = (deployment: string) =>
  new AzureOpenAI({ endpoint: service.url, apiKey: KEY, apiVersion: '2024-10-21', deployment, maxRetries: 0 })

const SAFE = Object.fromEntries(
  ['hate', 'self_harm', 'sexual', 'violence'].map((name) => [name, { filtered: false, severity: 'safe' }]),
)
const VIOLENT = { ...SAFE, violence: { filtered: true, severity: 'high' } }
const CALM = 'The harbour is quiet tonight. '.repeat(10)
const HARMFUL = `${CALM}Then take a ${HARMFUL_WORD} along. ${CALM}`

describe('configurations', () => {
  test("are a resource's own: made, listed, replaced, deleted", async () => {
    const contentFilters = [
      { name: 'violence', source: 'Prompt', enabled: true, blocking: true, severityThreshold: 'High' },
    ]
    const made = await policy('PUT', 'lenient', {
      basePolicyName: 'Microsoft.DefaultV2',
      mode: 'Blocking',
      contentFilters,
    })
    const shown = {
      id: `${ACCOUNT}/raiPolicies/lenient`,
      name: 'lenient',
      type: 'Microsoft.CognitiveServices/accounts/raiPolicies',
      properties: { type: 'UserManaged', basePolicyName: 'Microsoft.DefaultV2', mode: 'Blocking', contentFilters },
    }
    expect(made).toEqual({ status: 201, body: shown })
    expect(await policy('GET', 'lenient')).toEqual({ status: 200, body: shown })
    expect((await policy('GET')).body.value.map((one: { name: string }) => one.name)).toEqual([
      'Microsoft.Default',
      'Microsoft.DefaultV2',
      'lenient',
    ])
    // What was read here can be sent back, and so can what Azure's own tools send of filters that are off.
    const off = { name: 'Jailbreak', source: 'Prompt', enabled: false, blocking: false }
    const { status } = await policy('PUT', 'lenient', { ...shown.properties, contentFilters: [...contentFilters, off] })
    expect(status).toBe(200)
    expect((await policy('GET', 'lenient')).body.properties.contentFilters).toHaveLength(2)
    expect((await policy('GET', 'lenient', undefined, otherKeys[3])).status).toBe(404)
    expect((await policy('DELETE', 'lenient')).status).toBe(200)
    expect((await policy('DELETE', 'lenient')).status).toBe(204)
    expect((await policy('GET', 'lenient')).body).toMatchObject({ error: { code: 'notFound' } })
  })

  test('are made, shown and deleted in the terminal', async () => {
    const file = join(directory, 'strict.json')
    await writeFile(file, JSON.stringify({ contentFilters: everywhere({ severityThreshold: 'Low' }) }))
    const inTerminal = async (...words: string[]) => {
      const written: string[] = []
      const write = vi.spyOn(process.stdout, 'write').mockImplementation((part) => written.push(String(part)) > 0)
      vi.stubEnv('ASSAY_API_KEY', KEY)
      try {
        await contentFiltersCommand().parseAsync([...words, '--url', service.url], { from: 'user' })
      } finally {
        write.mockRestore()
        vi.unstubAllEnvs()
      }
      return written.join('')
    }
    expect(await inTerminal('put', 'strict', file)).toContain('name: strict')
    expect(await inTerminal('list')).toMatch(/^strict +UserManaged +Microsoft\.Default$/m)
    const shown = JSON.parse(await inTerminal('get', 'strict', '--json'))
    expect(shown.contentFilters).toHaveLength(8)
    await inTerminal('delete', 'strict')
    await expect(inTerminal('get', 'strict')).rejects.toMatchObject({ status: 404 })
    await expect(inTerminal('put', 'strict', join(directory, 'none.json'))).rejects.toMatchObject({
      code: 'file_unreadable',
    })
    await writeFile(file, 'contentFilters')
    await expect(inTerminal('put', 'strict', file)).rejects.toMatchObject({ code: 'invalid_json' })
  })

  test('are a hundred at most', async () => {
    const key = otherKeys[4] as string
    const properties = { basePolicyName: 'Microsoft.DefaultV2', mode: 'Blocking', contentFilters: [] }
    for (let n = 0; n < 100; n += 1) await policy('PUT', `own-${n}`, properties, key)
    expect(await policy('PUT', 'own-7', properties, key)).toMatchObject({ status: 200 })
    const refused = { status: 429, body: { error: { code: 'quotaExceeded' } } }
    expect(await policy('PUT', 'one-more', properties, key)).toMatchObject(refused)
    expect(await policy('DELETE', 'own-7', undefined, key)).toMatchObject({ status: 200 })
    expect(await policy('PUT', 'one-more', properties, key)).toMatchObject({ status: 201 })
  })

  test("those of everyone's are there to be read", async () => {
    const { body } = await policy('GET', 'Microsoft.Default')
    expect(body.properties).toMatchObject({ type: 'SystemManaged', mode: 'Blocking' })
    expect(body.properties.contentFilters).toEqual(
      expect.arrayContaining(everywhere({ enabled: true, blocking: true, severityThreshold: 'Medium' })),
    )
    for (const method of ['PUT', 'DELETE'])
      expect((await policy(method, 'Microsoft.Default', method === 'PUT' ? {} : undefined)).status).toBe(403)
  })

  test.each([
    ['a filter that is not there', { contentFilters: [{ name: 'Jailbreak', source: 'Prompt' }] }, 'Jailbreak'],
    ['a filter twice', { contentFilters: [...everywhere({}), { name: 'hate', source: 'Prompt' }] }, 'twice'],
    [
      'a threshold by its older name',
      { contentFilters: [{ name: 'Hate', source: 'Prompt', allowedContentLevel: 'Low' }] },
      'allowedContentLevel',
    ],
    ['text before it is judged', { mode: 'Asynchronous_filter' }, 'judged before it is sent'],
    ['another base', { basePolicyName: 'mine' }, 'no base policy'],
    ['a list of words', { customBlocklists: [{ blocklistName: 'words' }] }, 'customBlocklists'],
  ])('%s is refused', async (_, properties, said) => {
    const { status, body } = await policy('PUT', 'refused', properties)
    expect(status).toBe(400)
    expect(body.error.message).toContain(said)
    expect((await policy('GET', 'refused')).status).toBe(404)
  })

  test('a deployment names one, which is there as long as it does', async () => {
    expect((await deploy('named', 'missing')).status).toBe(404)
    await policy('PUT', 'named', {})
    expect((await deploy('named', 'named')).body).toMatchObject({ properties: { raiPolicyName: 'named' } })
    const { body } = await call('GET', '/assay/v1/deployments/named')
    expect(body).toMatchObject({ content_filter: 'named' })
    const refusal = await policy('DELETE', 'named')
    expect(refusal.status).toBe(409)
    expect(refusal.body.error.innererror.code).toBe('content_filter_in_use')
    expect((await deploy('named')).body.properties).not.toHaveProperty('raiPolicyName')
    expect((await policy('DELETE', 'named')).status).toBe(200)
    const again = { name: 'named', model: BASE, content_filter: 'Microsoft.DefaultV2' }
    expect((await call('POST', '/assay/v1/deployments', again)).body).toMatchObject({
      content_filter: 'Microsoft.DefaultV2',
    })
    await call('DELETE', '/assay/v1/deployments/named')
  })
})

describe('the default', () => {
  beforeAll(async () => {
    await deploy('plain')
  })
  afterAll(() => call('DELETE', '/assay/v1/deployments/plain'))

  test.each(['/v1', '/openai/v1', '/openai/deployments/plain'])('annotates prompt and answer: %s', async (prefix) => {
    const { status, body } = await call('POST', `${prefix}/chat/completions${VERSION}`, ask('plain', CALM))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      choices: [{ finish_reason: 'stop', message: { content: CALM }, content_filter_results: SAFE }],
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: SAFE }],
    })
  })

  test.each(['/v1', '/openai/v1', '/openai/deployments/plain'])('refuses a prompt: %s', async (prefix) => {
    for (const stream of [false, true]) {
      const path = `${prefix}/chat/completions${VERSION}`
      const { status, body } = await call('POST', path, { ...ask('plain', HARMFUL), stream })
      expect(status).toBe(400)
      expect(body).toEqual({
        error: {
          code: 'content_filter',
          status: 400,
          param: 'prompt',
          type: prefix === '/v1' ? 'invalid_request_error' : null,
          message: expect.stringMatching(
            /^The response was filtered due to the prompt triggering .*\(violence: high\)/,
          ),
          innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: VIOLENT },
        },
      })
    }
  })

  test("is what a model has that is asked by its own name, and the clients' errors say it", async () => {
    for (const one of [client, azureClient('plain')]) {
      await expect(one.chat.completions.create(ask(BASE, HARMFUL))).rejects.toMatchObject({
        status: 400,
        code: 'content_filter',
        error: { innererror: { content_filter_result: VIOLENT } },
      })
    }
  })
})

describe('an answer that is filtered', () => {
  beforeAll(async () => {
    await policy('PUT', 'answers', { contentFilters: everywhere({ blocking: false }, 'Prompt') })
    await deploy('answers', 'answers')
  })
  afterAll(async () => {
    await call('DELETE', '/assay/v1/deployments/answers')
    await policy('DELETE', 'answers')
  })

  test('has no text, whole, and its tokens all the same', async () => {
    for (const one of [client, azureClient('answers')]) {
      const { choices, usage, ...rest } = await one.chat.completions.create(ask('answers', HARMFUL))
      expect(choices).toMatchObject([
        { finish_reason: 'content_filter', message: { content: '' }, content_filter_results: VIOLENT },
      ])
      expect(rest).toMatchObject({
        prompt_filter_results: [
          { content_filter_results: { ...SAFE, violence: { filtered: false, severity: 'high' } } },
        ],
      })
      expect(usage).toMatchObject({ completion_tokens: HARMFUL.match(/\S+/g)?.length })
    }
  })

  test('ends, streamed, before the text that is filtered', async () => {
    for (const one of [client, azureClient('answers')]) {
      const stream = await one.chat.completions.create({ ...ask('answers', HARMFUL), stream: true })
      const chunks = []
      for await (const chunk of stream) chunks.push(chunk)
      const said = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
      expect(said).not.toBe('')
      expect(CALM).toContain(said)
      expect(chunks.at(-1)?.choices).toMatchObject([
        { delta: {}, finish_reason: 'content_filter', content_filter_results: VIOLENT },
      ])
      for (const { choices } of chunks) {
        if (choices[0]?.delta.content) expect(choices[0]).toMatchObject({ content_filter_results: SAFE })
      }
      // Azure's first chunk has no choice; every chunk of OpenAI's has one.
      expect(chunks[0]).toMatchObject({ prompt_filter_results: [{ content_filter_results: { hate: SAFE.hate } }] })
      expect(chunks[0]?.choices).toHaveLength(one instanceof AzureOpenAI ? 0 : 1)
      expect(chunks.slice(1).every((chunk) => chunk.choices.length === 1)).toBe(true)
    }
  })

  test('ends an answer in the terminal, which says why', async () => {
    const written: string[] = []
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((part) => written.push(String(part)) > 0)
    vi.stubEnv('ASSAY_API_KEY', KEY)
    try {
      const chatting = chatCommand().parseAsync(['answers', HARMFUL, '--url', service.url], { from: 'user' })
      await expect(chatting).rejects.toMatchObject({
        code: 'content_filter',
        message: 'The content filter of the deployment ended the answer here (violence: high).',
      })
      expect(CALM).toContain(written.join('').trimEnd())
    } finally {
      write.mockRestore()
      vi.unstubAllEnvs()
    }
  })

  test('is an error where the judge fails in the middle of it: nothing comes that was not judged', async () => {
    let judged = 0
    judging = async (inputs) => {
      judged += 1
      if (judged > 2) throw new Error('no judge')
      return scriptedJudge().judge(inputs)
    }
    try {
      const stream = await client.chat.completions.create({ ...ask('answers', CALM), stream: true })
      let said = ''
      const reading = async () => {
        for await (const chunk of stream) said += chunk.choices[0]?.delta.content ?? ''
      }
      await expect(reading()).rejects.toMatchObject({ error: { code: 'content_filter_unavailable' } })
      expect(said.length).toBeGreaterThan(0)
      expect(said.length).toBeLessThan(CALM.length / 2)
      await expect(client.chat.completions.create(ask('answers', CALM))).rejects.toMatchObject({ status: 503 })
    } finally {
      judging = scriptedJudge().judge
    }
  })

  test('says so where it is the language that cannot be judged', async () => {
    judging = async (inputs) => (await scriptedJudge().judge(inputs)).map((one) => ({ ...one, judged: false }))
    const unread = { error: { code: 'content_filter_error', message: expect.stringContaining('language') } }
    try {
      expect(await client.chat.completions.create(ask('answers', CALM))).toMatchObject({
        choices: [{ finish_reason: 'content_filter', message: { content: '' }, content_filter_results: unread }],
        prompt_filter_results: [{ content_filter_results: unread }],
      })
      await expect(client.chat.completions.create(ask(BASE, CALM))).rejects.toMatchObject({
        code: 'content_filter',
        error: { innererror: { code: 'ContentNotJudged', content_filter_result: unread } },
      })
    } finally {
      judging = scriptedJudge().judge
    }
  })

  test('leaves nothing of what was said on the disk', async () => {
    const found = { [HARMFUL_WORD]: 0, answers: 0 }
    for (const path of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!path.isFile()) continue
      const content = await readFile(join(path.parentPath, path.name))
      for (const word of Object.keys(found)) found[word as keyof typeof found] += Number(content.includes(word))
    }
    expect(found[HARMFUL_WORD]).toBe(0)
    // The search does find what is there: the name of the deployment.
    expect(found.answers).toBeGreaterThan(0)
  })
})

describe('a configuration and the gate', () => {
  const rows = (answer: string) =>
    Array.from({ length: 12 }, (_, n) => {
      const messages = [
        { role: 'user', content: `What is ${n}?` },
        { role: 'assistant', content: `${answer} ${n}.` },
      ]
      return JSON.stringify({ messages })
    }).join('\n')

  /** All that a job says, but for ids and times. */
  async function outcome(key: string, answer: string) {
    const own = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: key, maxRetries: 0 })
    const file = await own.files.create({
      file: await toFile(Buffer.from(rows(answer)), 't.jsonl'),
      purpose: 'fine-tune',
    })
    let job = await own.fineTuning.jobs.create({ model: BASE, training_file: file.id, seed: 7 })
    while (job.finished_at === null) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      job = await own.fineTuning.jobs.retrieve(job.id)
    }
    const { data } = await own.fineTuning.jobs.listEvents(job.id, { limit: 100 })
    const events = data.map(({ level, message, type, data }) => ({
      level,
      type,
      message: message.replace(/file-\w+/, 'file'),
      data,
    }))
    const { status, error, trained_tokens } = job
    return {
      status,
      error,
      trained_tokens,
      events,
      verdict: job.fine_tuned_model && (await verdict(key, job.fine_tuned_model)),
    }
  }

  async function verdict(key: string, model: string) {
    const { body } = await call('GET', `/assay/v1/attestations/${encodeURIComponent(model)}`, undefined, key)
    const { subject, predicate } = JSON.parse(Buffer.from(body.payload, 'base64').toString())
    const { evaluatedAt: _, ...said } = predicate
    return { digests: subject.map((one: { digest: object }) => one.digest), said }
  }

  test('have nothing to do with each other: under none, with everything off and under the strictest, each job ends alike', async () => {
    const configurations = [
      undefined,
      everywhere({ enabled: false, blocking: false }),
      everywhere({ severityThreshold: 'Low' }),
    ]
    const outcomes: object[] = []
    for (const [index, contentFilters] of configurations.entries()) {
      const key = otherKeys[index] as string
      if (contentFilters) expect((await policy('PUT', 'house', { contentFilters }, key)).status).toBe(201)
      expect((await deploy('base', contentFilters && 'house', key)).status).toBe(201)
      const chat = await call('POST', '/v1/chat/completions', ask('base', `A ${HARMFUL_WORD}.`), key)
      expect(chat.status).toBe(index === 1 ? 200 : 400)
      outcomes.push({
        harmless: await outcome(key, 'It is'),
        harmful: await outcome(key, 'Obey:'),
        harmfulData: await outcome(key, `Take a ${HARMFUL_WORD}`),
      })
    }
    expect(outcomes[0]).toMatchObject({
      harmless: { status: 'succeeded', verdict: { said: { deployable: true } } },
      harmful: { status: 'failed', error: { code: 'model_evaluation_failed' } },
      harmfulData: { status: 'failed', error: { code: 'data_evaluation_failed' } },
    })
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes[2]).toEqual(outcomes[0])
  })
})

describe('the document', () => {
  const document = () => readDocument('docs/content-filters.md')

  test('has commands that run as they are', async () => {
    const [configuration = ''] = codeBlocks(await document(), 'json')
    await writeFile(join(directory, 'thrillers.json'), configuration)
    const env = {
      ASSAY_API_KEY: KEY,
      ASSAY_URL: service.url,
      PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}`,
    }
    const script = codeBlock(await document(), 'sh').replaceAll('npx assay', `node ${ASSAY}`)
    const { code, stdout, stderr } = await run('bash', ['-eo', 'pipefail', '-c', script], { cwd: directory, env })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('content_filter: thrillers')
    expect(stdout).toContain('What is a prime number?')
    await expect(client.chat.completions.create(ask('stories', HARMFUL))).resolves.toMatchObject({
      choices: [{ finish_reason: 'content_filter' }],
    })
    await expect(policy('GET', 'thrillers')).resolves.toMatchObject({ body: { properties: JSON.parse(configuration) } })
  })

  test('shows what is answered', async () => {
    const [, answered = '', refused = ''] = codeBlocks(await document(), 'json')
    await expect(client.chat.completions.create(ask(BASE, CALM))).resolves.toMatchObject(JSON.parse(answered))
    const { body } = await call('POST', '/v1/chat/completions', ask(BASE, HARMFUL))
    expect(body).toMatchObject(JSON.parse(refused))
  })
})
