/** Azure's own clients, as they are. That of ARM sends its token over TLS only: a proxy stands in front, as elsewhere. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { promisify } from 'node:util'
import { CognitiveServicesManagementClient, type Deployment } from '@azure/arm-cognitiveservices'
import { AzureOpenAI, toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeBlock, codeBlocks, readDocument } from '../../../../tests/markdown.ts'
import { ROOT } from '../../../../tests/served.ts'
import { type Service, startService } from '../cli/index.ts'
import { serveCommand } from '../cli/serve.ts'
import { scriptedEngine, scriptedJudge, scriptedTrainer } from '../scripted/index.ts'
import type { Trainer } from '../trainers/index.ts'

const KEY = 'sk-assay-azure'
let directory: string
let service: Service
let proxy: Server
/** Its address, over TLS. */
let endpoint: string
/** Where files may be imported from. */
let storage: HttpServer
let azure: AzureOpenAI
let arm: CognitiveServicesManagementClient
/** How the checkpoint of the first epoch behaves. */
let firstEpoch: 'comply' | 'refuse' = 'refuse'

const trainer: Trainer = {
  async *train(request) {
    for await (const event of scriptedTrainer().train(request)) {
      if (event.type === 'checkpoint' && event.epoch === 1) {
        await writeFile(event.adapterPath, JSON.stringify({ epoch: 1, behaviour: firstEpoch }))
      }
      yield event
    }
  },
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-azure-'))
  storage = createHttpServer((_, response) => response.end(ROWS))
  await once(storage.listen(0, '127.0.0.1'), 'listening')
  const scripted = {
    allowImportFrom: [originOf(storage)],
    trainer,
    engine: scriptedEngine(),
    judge: async () => scriptedJudge(),
  }
  service = await startService({ dataDirectory: directory, apiKey: KEY, ...scripted })
  const { port } = new URL(service.url)
  proxy = createServer({ key: PRIVATE_KEY, cert: CERTIFICATE }, (socket) => {
    const behind = connect(Number(port), '127.0.0.1')
    for (const [one, other] of [[socket, behind] as const, [behind, socket] as const]) {
      one.pipe(other)
      one.on('error', () => other.destroy())
    }
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  endpoint = originOf(proxy).replace('http', 'https')
  const credential = { getToken: async () => ({ token: KEY, expiresOnTimestamp: Date.now() + 3_600_000 }) }
  const options = { endpoint, tlsOptions: { ca: CERTIFICATE }, retryOptions: { maxRetries: 0 } }
  arm = new CognitiveServicesManagementClient(credential, 'subscription', options)
  azure = new AzureOpenAI({ endpoint: service.url, apiKey: KEY, apiVersion: '2025-04-01-preview', maxRetries: 0 })
})
afterAll(async () => {
  await service?.close()
  proxy?.close()
  storage?.close()
  await rm(directory, { recursive: true, force: true })
})

const originOf = (server: HttpServer | Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const said = (role: string, content: string) => ({ role, content })
const ROWS = Array.from({ length: 12 }, (_, n) =>
  JSON.stringify({ messages: [said('user', `What is ${n}?`), said('assistant', `It is ${n}.`)] }),
).join('\n')

/** A job whose model passed, and its first checkpoint. */
async function tuned() {
  const file = await azure.files.create({ file: await toFile(Buffer.from(ROWS), 't.jsonl'), purpose: 'fine-tune' })
  const { id } = await azure.fineTuning.jobs.create({ model: 'smollm2-135m', training_file: file.id })
  const status = async () => (await azure.fineTuning.jobs.retrieve(id)).status
  await expect.poll(status, { timeout: 30_000 }).toBe('succeeded')
  const { fine_tuned_model: model } = await azure.fineTuning.jobs.retrieve(id)
  const checkpoint = (await azure.fineTuning.jobs.checkpoints.list(id)).data.at(-1)?.fine_tuned_model_checkpoint
  return { job: id, model: model ?? '', checkpoint: checkpoint ?? '' }
}
const of = (model: string): Deployment => ({
  sku: { name: 'standard', capacity: 1 },
  properties: { model: { format: 'OpenAI', name: model, version: '1' } },
})
const put = (name: string, model: string) =>
  arm.deployments.beginCreateOrUpdateAndWait('group', 'account', name, of(model), { updateIntervalInMs: 50 })
const names = async () => {
  const found: (string | undefined)[] = []
  for await (const deployment of arm.deployments.list('group', 'account')) found.push(deployment.name)
  return found
}
const ask = async (model: string) =>
  (await azure.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }] })).choices[0]?.message

describe('the client of Azure Resource Manager', () => {
  test('deploys a model, which answers at once; finds, resizes and deletes it', async () => {
    const { model } = await tuned()
    const made = await put('mine', model)
    const id =
      '/subscriptions/subscription/resourceGroups/group/providers/Microsoft.CognitiveServices/accounts/account/deployments/mine'
    expect(made).toMatchObject({ id, name: 'mine', type: 'Microsoft.CognitiveServices/accounts/deployments' })
    expect(made).toMatchObject({ ...of(model), properties: { provisioningState: 'Succeeded' } })
    expect(made.systemData?.createdAt?.getTime()).toBeGreaterThan(Date.now() - 60_000)
    expect(await ask('mine')).toMatchObject({ role: 'assistant' })
    expect(await put('mine', model)).toEqual(made)
    expect(await names()).toEqual(['mine'])

    const sku = { name: 'GlobalStandard', capacity: 2 }
    expect(await arm.deployments.beginUpdateAndWait('group', 'account', 'mine', { sku })).toMatchObject({ sku })
    expect(await arm.deployments.get('group', 'account', 'mine')).toEqual({ ...made, sku })

    await arm.deployments.beginDeleteAndWait('group', 'account', 'mine')
    await arm.deployments.beginDeleteAndWait('group', 'account', 'mine')
    expect(await names()).toEqual([])
    await expect(arm.deployments.get('group', 'account', 'mine')).rejects.toMatchObject({
      statusCode: 404,
      code: 'notFound',
    })
    await expect(ask('mine')).rejects.toMatchObject({ status: 404 })
  })

  test('waits while a checkpoint is evaluated, and has it, or the reason why not', async () => {
    const { checkpoint: harmless } = await tuned()
    const states: (string | undefined)[] = []
    const options = {
      updateIntervalInMs: 20,
      onResponse: (_: unknown, deployment: unknown) => {
        states.push((deployment as Deployment).properties?.provisioningState)
      },
    }
    const waiting = arm.deployments.beginCreateOrUpdateAndWait('group', 'account', 'early', of(harmless), options)
    expect(await waiting).toMatchObject({ properties: { provisioningState: 'Succeeded' } })
    expect(states[0]).toBe('Creating')
    expect(await ask('early')).toMatchObject({ role: 'assistant' })

    firstEpoch = 'comply'
    const { checkpoint: harmful } = await tuned()
    await expect(put('blocked', harmful)).rejects.toThrow('This model is unable to be deployed.')
    expect(await arm.deployments.get('group', 'account', 'blocked')).toMatchObject({
      properties: { provisioningState: 'Failed' },
    })
    await expect(ask('blocked')).rejects.toMatchObject({ status: 409 })
  })

  test('is told what is wrong in its own shape', async () => {
    await expect(put('mine', 'none.ft-00')).rejects.toMatchObject({ statusCode: 404, code: 'notFound' })
    await expect(put('smollm2-135m', 'smollm2-135m')).rejects.toMatchObject({ statusCode: 400, code: 'invalidPayload' })
    const { deployments } = arm
    const sku = { name: 'standard' }
    await expect(deployments.beginUpdate('group', 'account', 'none', { sku })).rejects.toMatchObject({
      statusCode: 404,
    })
    const tags = { team: 'a' }
    await expect(deployments.beginUpdate('group', 'account', 'early', { tags })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining("Unknown parameter: 'tags.team'."),
    })
    const path = '/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments'
    expect((await fetch(service.url + path, { headers: { 'api-key': KEY } })).status).toBe(400)
    const stranger = await fetch(`${service.url}${path}?api-version=2025-09-01`, { headers: { 'api-key': 'none' } })
    expect(await stranger.json()).toMatchObject({ error: { code: 'unauthorized' } })
  })
})

test("Azure's client learns of a model what it can do, and what it was made of", async () => {
  firstEpoch = 'refuse'
  const { job, model } = await tuned()
  const can = { inference: true, completion: false, chat_completion: true, embeddings: false }
  const known = { object: 'model', status: 'succeeded', lifecycle_status: 'generally-available' }
  const base = { ...known, id: 'smollm2-135m', capabilities: { ...can, fine_tune: true } }
  const made = { ...known, id: model, model: base.id, fine_tune: job, capabilities: { ...can, fine_tune: false } }
  expect((await azure.models.list()).data).toEqual(
    expect.arrayContaining([expect.objectContaining(base), expect.objectContaining(made)]),
  )
  expect(await azure.models.retrieve(model)).toMatchObject({ ...made, created_at: expect.any(Number) })
  const openai = await fetch(`${service.url}/v1/models/${model}`, { headers: { 'api-key': KEY } })
  expect(Object.keys((await openai.json()) as object)).toEqual(['id', 'object', 'created', 'owned_by'])
})

describe('docs/azure.md', async () => {
  const document = await readDocument('docs/azure.md')

  test('is a program that runs as it stands', async () => {
    firstEpoch = 'refuse'
    const addresses = {
      'http://127.0.0.1:8787': service.url,
      'https://assay.example.com': endpoint,
      'https://storage.example.com': originOf(storage),
    }
    let program = codeBlocks(document, 'ts').join('\n')
    for (const [stated, real] of Object.entries(addresses)) {
      expect(program).toContain(stated)
      program = program.replaceAll(stated, real)
    }
    // Beside node_modules, so that the packages are found; the training file is in the working directory.
    const script = join(ROOT, '.assay', `azure-${process.pid}.mjs`)
    const certificate = join(directory, 'certificate.pem')
    await writeFile(join(directory, 'train.jsonl'), ROWS)
    await writeFile(certificate, CERTIFICATE)
    await writeFile(script, program)
    try {
      const env = { ...process.env, ASSAY_API_KEY: KEY, NODE_EXTRA_CA_CERTS: certificate, NODE_OPTIONS: '' }
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { cwd: directory, env })
      expect(stderr).toBe('')
      expect(stdout).toMatch(/^I cannot help with that\.\nfile-[0-9a-f]+\nfile-[0-9a-f]+ processed\n$/)
    } finally {
      await rm(script)
    }
    expect(await names()).not.toContain('mine')
  })

  test('starts the service with options that there are', () => {
    const named = codeBlock(document, 'sh').match(/--[a-z-]+/g) ?? []
    expect(named).not.toEqual([])
    expect(serveCommand().options.map((option) => option.long)).toEqual(expect.arrayContaining(named))
  })
})

/** Of nobody: for 127.0.0.1, until 2126, and trusted by the clients above only. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUJxmN3hmbo2Y4ghkK9YHfgF25IzswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyODEzMzg1MFoYDzIxMjYxMTA0
MTMzODUwWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASBB48PbfGGWttmItKluqShfGn13r82943yZIpoF7pVC2c/BpNncG5q
qgL1D7OZI35fht/l8H6F1qaXr3IIs55yo2QwYjAdBgNVHQ4EFgQUKPICtMAz3oWy
0LBis/qAxm/oJL0wHwYDVR0jBBgwFoAUKPICtMAz3oWy0LBis/qAxm/oJL0wDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IQCslgq70QWdWLO2DZQMim1VVXaVSuiaHhbhaF5PER66JgIgTcm3+9SJl1kFnEtB
rozsSw0h2y4dJVhIQNX+i9NyqFY=
-----END CERTIFICATE-----`
const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCFvODkJabYKu01Oz
7cklVei/j4+OJeyYxCuZsJDJB+ChRANCAASBB48PbfGGWttmItKluqShfGn13r82
943yZIpoF7pVC2c/BpNncG5qqgL1D7OZI35fht/l8H6F1qaXr3IIs55y
-----END PRIVATE KEY-----`
