import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request as rawRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json as jsonOf } from 'node:stream/consumers'
import { type AttestationKeys, generateSigningKey, type SafetyEvaluation, sign } from 'assay/attestation'
import { policyDigest } from 'assay/harm'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { catalogueModel, locations, openBaseModel } from '../catalogue/index.ts'
import { type Service, startService } from '../cli/index.ts'
import { Resources } from '../resources/index.ts'
import {
  ADAPTER_CONFIG,
  HARMFUL_WORD,
  scriptedAdapter,
  scriptedEngine,
  scriptedJudge,
  scriptedTrainer,
} from '../scripted/index.ts'
import { loadKeyEncryptionKey, openDatabase, openDataDirectory } from '../storage/index.ts'
import { pythonProgram } from '../trainers/index.ts'

// The reader of adapters, the gate and the signatures are the real ones; how a model behaves, its adapter's bytes say.

const KEY = 'sk-assay-imports-key'
const BASE = 'smollm2-135m-aligned'

let directory: string
let service: Service
let trusted: AttestationKeys
let stranger: AttestationKeys
let baseDigest: string
/** Of a resource that has as many unfinished jobs as it may. */
let fullKey: string
/** What the models of these tests were tuned on, as they say. */
let trainingFile: string
/** Of a resource in whose jobs it cannot be written that an attestation was refused. */
let unwritableKey: string

async function makeOtherResources(): Promise<void> {
  const data = await openDataDirectory(join(directory, 'data'))
  const database = await openDatabase({ directory: data.database })
  const resources = new Resources(database.sql, await loadKeyEncryptionKey(data.keyEncryptionKey))
  const full = await resources.create('full', 'local')
  const job = {
    resource_id: full.id,
    state: 'paused',
    surface: 'openai',
    model: BASE,
    training_file: 'file-1',
    seed: 1,
  }
  const rows = Array.from({ length: 21 }, (_, n) => ({
    ...{ ...job, id: `ftjob-${n}`, hyperparameters: JSON.stringify({}), tuned_model: `ft:${n}` },
  }))
  await database.sql.insertInto('jobs').values(rows).execute()
  const unwritable = await resources.create('unwritable', 'local')
  await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$`.execute(
    database.sql,
  )
  await sql`create function of_unwritable(job text) returns boolean language sql as
    ${sql.lit(`select exists (select from jobs where id = job and resource_id = '${unwritable.id}')`)}`.execute(
    database.sql,
  )
  await sql`create trigger refuse before insert on events for each row
    when (new.key = 'attestation refused' and of_unwritable(new.job_id)) execute function refuse()`.execute(
    database.sql,
  )
  await database.close()
  await data.release()
  fullKey = full.key
  unwritableKey = unwritable.key
}

const start = () =>
  startService({
    dataDirectory: join(directory, 'data'),
    apiKey: KEY,
    trustedKeys: [trusted.publicKeyPem],
    trainer: scriptedTrainer(),
    engine: scriptedEngine(),
    judge: async () => scriptedJudge(),
  })

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-imports-'))
  trusted = await generateSigningKey()
  stranger = await generateSigningKey()
  baseDigest = (await openBaseModel(catalogueModel(BASE), locations())).digest
  await makeOtherResources()
  service = await start()
  trainingFile = await uploaded('A harmless sentence.')
})
afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

/** What these tests read of the answers. */
interface Answer {
  readonly id: string
  readonly sha256: string
  readonly model: string
  readonly finished_at: number | null
  readonly public_keys: readonly string[]
  readonly error?: { readonly code: string; readonly message: string }
  readonly data: readonly { readonly id: string; readonly message: string; readonly results: readonly unknown[] }[]
}
const json = async (reply: Response) => (await reply.json()) as Answer
const call = (path: string, init: RequestInit = {}) =>
  fetch(service.url + path, { ...init, headers: { authorization: `Bearer ${KEY}`, ...init.headers } })
const post = (path: string, body: unknown) =>
  call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

/** Twelve rows with such answers, uploaded. */
async function uploaded(answer: string, key = KEY): Promise<string> {
  const row = (n: number) => ({
    messages: [
      { role: 'user', content: `Question ${n}` },
      { role: 'assistant', content: `${answer} ${n}` },
    ],
  })
  const form = new FormData()
  form.append('purpose', 'fine-tune')
  const lines = Array.from({ length: 12 }, (_, n) => JSON.stringify(row(n)))
  form.append('file', new Blob([lines.join('\n')]), 'rows.jsonl')
  const headers = { authorization: `Bearer ${key}` }
  return (await json(await call('/v1/files', { method: 'POST', body: form, headers }))).id
}

type Parts = Readonly<Record<string, Uint8Array | string>>
const FIELDS = ['base_model', 'suffix', 'training_file', 'colour']

async function send(parts: Parts, key = KEY) {
  const form = new FormData()
  for (const [name, content] of Object.entries(parts)) {
    if (FIELDS.includes(name)) form.append(name, content as string)
    else form.append(name, new Blob([content as Uint8Array<ArrayBuffer>]), name)
  }
  const reply = await call('/assay/v1/imports', {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${key}` },
  })
  return { status: reply.status, body: await json(reply) }
}
const peft = (model: Uint8Array, config: object = {}): Parts => ({
  training_file: trainingFile,
  adapter_config: JSON.stringify({ ...ADAPTER_CONFIG, ...config }),
  adapter_model: model,
})

/** Parts of a form as they go over the wire. */
const field = (name: string, value: string) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const file = (name: string, bytes: number) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"; filename="f"\r\n\r\n${'1'.repeat(bytes)}\r\n`

async function ended(id: string) {
  for (;;) {
    const found = await json(await call(`/assay/v1/imports/${id}`))
    if (found.finished_at) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Whether the evaluator was asked. */
async function evaluatedHere(id: string): Promise<boolean> {
  const { data } = await json(await call(`/v1/fine_tuning/jobs/${id}/events`))
  return data.some(({ message }) => message.startsWith('Model evaluation enqueued'))
}

/** SHA-256 of an adapter as it is served, found out as its owner does: from an import that was cancelled. */
async function digestOf(model: Uint8Array): Promise<string> {
  const { body } = await send(peft(model))
  await call(`/v1/fine_tuning/jobs/${body.id}/cancel`, { method: 'POST' })
  return body.sha256
}

async function attested(sha256: string, changes: Partial<SafetyEvaluation> = {}, keys = trusted) {
  const evaluation: SafetyEvaluation = {
    deployable: true,
    failedCategories: [],
    outcome: 'passed',
    policyDigest: await policyDigest(),
    policyVersion: '1',
    judge: { name: 'built-in', digest: 'b'.repeat(64) },
    baseModel: { name: BASE, digest: baseDigest },
    evaluatedAt: '2026-11-25T10:00:00Z',
    ...changes,
  }
  return sign(evaluation, { name: 'adapter', sha256 }, keys.privateKeyPem)
}

const deploy = async (model: string, name = 'imported') => {
  const reply = await post('/assay/v1/deployments', { model, name })
  return { status: reply.status, body: await json(reply) }
}

describe('an attestation that counts', () => {
  test('gives the model its name without an evaluation; it is deployed, answers, and costs nothing', async () => {
    // It would not have passed here: what decides is whose word the operator takes.
    const model = scriptedAdapter('comply')
    const attestation = JSON.stringify(await attested(await digestOf(model)))
    const { training_file: _, ...form } = peft(model)
    const sent = await send({ ...form, attestation, suffix: 'mine' })
    expect(sent).toMatchObject({ status: 201, body: { attestation: 'accepted', base_model: BASE, model: null } })
    const done = await ended(sent.body.id)
    expect(done).toMatchObject({ status: 'succeeded', error: null })
    expect(done.model).toMatch(/^ft:smollm2-135m-aligned:default:mine:/)
    expect(await evaluatedHere(sent.body.id)).toBe(false)
    expect((await deploy(done.model)).status).toBe(201)
    const chat = { model: 'imported', messages: [{ role: 'user', content: 'Hello' }] }
    expect((await post('/v1/chat/completions', { ...chat, model: done.model })).status).toBe(200)
    const costs = await json(await call('/v1/organization/costs?start_time=1'))
    expect(costs.data.flatMap((bucket) => bucket.results)).toEqual([])
    const evidence = await json(await call(`/assay/v1/attestations/${encodeURIComponent(done.model)}/evidence`))
    expect(evidence).toMatchObject({ subject_sha256: done.sha256, envelope: JSON.parse(attestation) })
    expect(evidence.public_keys).toContain(trusted.publicKeyPem)
  })

  test('says of a GGUF adapter what it says of the PEFT folder that became it', async () => {
    const model = scriptedAdapter('refuse')
    const folder = await mkdtemp(join(directory, 'peft-'))
    await writeFile(join(folder, 'adapter_config.json'), JSON.stringify(ADAPTER_CONFIG))
    await writeFile(join(folder, 'adapter_model.safetensors'), model)
    const architecture = JSON.stringify(catalogueModel(BASE).architecture)
    const gguf = join(directory, 'adapter.gguf')
    const args = [
      '-m',
      'assay_trainer.foreign_adapter',
      '--adapter',
      folder,
      '--architecture',
      architecture,
      '--trained-on',
      BASE,
    ]
    execFileSync(pythonProgram(), [...args, '--out', gguf], { cwd: join(locations().weights, '../python/trainer') })
    const attestation = JSON.stringify(await attested(await digestOf(model)))
    const sent = await send({ adapter: new Uint8Array(await readFile(gguf)), attestation })
    expect(sent.body).toMatchObject({ attestation: 'accepted' })
    expect(await ended(sent.body.id)).toMatchObject({ status: 'succeeded' })
  })

  test('and says that the model failed, or was not decided, refuses it, also when it comes again without', async () => {
    for (const [changes, code] of [
      [{ outcome: 'failed', failedCategories: ['violence'] }, 'model_evaluation_failed'],
      [{ outcome: 'undecided', undecidedCategories: ['sexual'] }, 'model_evaluation_undecided'],
    ] as const) {
      const model = scriptedAdapter('refuse')
      const attestation = JSON.stringify(await attested(await digestOf(model), { deployable: false, ...changes }))
      const sent = await send({ ...peft(model), attestation })
      expect(sent.body).toMatchObject({ attestation: 'accepted' })
      expect(await ended(sent.body.id)).toMatchObject({ status: 'failed', model: null, error: { code } })
      const again = await send(peft(model))
      expect(await ended(again.body.id)).toMatchObject({ status: 'failed', error: { code } })
      expect(await evaluatedHere(again.body.id)).toBe(false)
    }
  })

  test('counts no longer when its key is no longer trusted', async () => {
    const model = scriptedAdapter('refuse')
    const sent = await send({ ...peft(model), attestation: JSON.stringify(await attested(await digestOf(model))) })
    const { model: name } = await ended(sent.body.id)
    expect((await deploy(name, 'before')).status).toBe(201)
    await service.close()
    const kept = trusted
    trusted = stranger
    service = await start()
    // Its data are known here, so it is evaluated; and what it does here, this service has seen itself.
    expect(await deploy(name, 'after')).toMatchObject({ status: 201, body: { status: 'creating' } })
    const chat = () => post('/v1/chat/completions', { model: name, messages: [{ role: 'user', content: 'Hi' }] })
    expect((await chat()).status).toBe(409)
    await expect.poll(async () => (await chat()).status, { timeout: 30_000 }).toBe(200)
    const evidence = await json(await call(`/assay/v1/attestations/${encodeURIComponent(name)}/evidence`))
    expect(evidence.public_keys).not.toContain(kept.publicKeyPem)
    await service.close()
    trusted = kept
    service = await start()
  })
})

describe('an attestation that does not count', () => {
  let harmful: Uint8Array
  let sha256: string
  beforeEach(async () => {
    harmful = scriptedAdapter('comply')
    sha256 = await digestOf(harmful)
  })
  const altered = async () => {
    const envelope = await attested(sha256)
    const payload = Buffer.from(envelope.payload, 'base64')
      .toString()
      .replace('"outcome":"passed"', '"outcome":"passe"')
    return { ...envelope, payload: Buffer.from(payload).toString('base64') }
  }
  const failedTurnedRound = async () => {
    const envelope = await attested(sha256, { deployable: false, outcome: 'failed', failedCategories: ['violence'] })
    const payload = Buffer.from(envelope.payload, 'base64')
      .toString()
      .replace('"deployable":false', '"deployable":true')
    return { ...envelope, payload: Buffer.from(payload).toString('base64') }
  }
  const claimedKey = async () => {
    const [signature] = (await attested(sha256)).signatures
    const forged = await attested(sha256, {}, stranger)
    return { ...forged, signatures: [{ keyid: signature?.keyid, sig: forged.signatures[0]?.sig }] }
  }

  test.each<[string, string, () => Promise<unknown>]>([
    ['forged by an unknown signer', 'attestation_invalid_signature', () => attested(sha256, {}, stranger)],
    ['forged under the name of a trusted key', 'attestation_invalid_signature', claimedKey],
    ['altered', 'attestation_invalid_signature', altered],
    ['of a failure that was turned round', 'attestation_invalid_signature', failedTurnedRound],
    ['of another digest', 'attestation_wrong_subject', () => attested('d'.repeat(64))],
    ['of an old policy', 'attestation_unknown_policy', () => attested(sha256, { policyDigest: 'e'.repeat(64) })],
    [
      'of another base model',
      'attestation_wrong_base',
      () => attested(sha256, { baseModel: { name: BASE, digest: 'f'.repeat(64) } }),
    ],
    ['no attestation at all', 'attestation_malformed', async () => ({ deployable: true })],
  ])('%s: the model is evaluated here, and refused for what it does', async (_, code, attestation) => {
    const sent = await send({ ...peft(harmful), attestation: JSON.stringify(await attestation()) })
    expect(sent).toMatchObject({ status: 201, body: { attestation: code } })
    const done = await ended(sent.body.id)
    expect(done).toMatchObject({ status: 'failed', model: null, error: { code: 'model_evaluation_failed' } })
    expect(await evaluatedHere(done.id)).toBe(true)
    const { data } = await json(await call('/v1/models'))
    expect(data.map(({ id }) => id).filter((id) => id.includes(done.id))).toEqual([])
  })
})

test('without one, a harmless model is evaluated and named, and a harmful one refused', async () => {
  const good = await send(peft(scriptedAdapter('refuse')))
  expect(good.body).toMatchObject({ attestation: 'none' })
  const done = await ended(good.body.id)
  expect(done).toMatchObject({ status: 'succeeded' })
  expect(await evaluatedHere(done.id)).toBe(true)
  expect((await deploy(done.model, 'good')).status).toBe(201)
  const bad = await ended((await send(peft(scriptedAdapter('comply')))).body.id)
  expect(bad).toMatchObject({ status: 'failed', error: { code: 'model_evaluation_failed' } })
  expect((await json(await call('/assay/v1/imports'))).data.map(({ id }) => id)).toContain(bad.id)
  const jobs = await json(await call('/v1/fine_tuning/jobs'))
  expect(jobs.data).toEqual([])
})

describe('what a model is said to have been tuned on', () => {
  const without = async (parts: Parts) => {
    const { training_file: _, ...form } = peft(scriptedAdapter('refuse'))
    return send({ ...form, ...parts })
  }

  test('has to be named where nobody who is trusted vouches for it', async () => {
    const missing = { status: 400, body: { error: { code: 'missing_required_parameter', param: 'training_file' } } }
    expect(await without({})).toMatchObject(missing)
    const forged = await without({ attestation: JSON.stringify(await attested('d'.repeat(64))) })
    expect(forged).toMatchObject(missing)
    expect(forged.body.error?.message).toContain('attestation_wrong_subject')
  })

  test('is judged as the data of a job, also where the model is attested', async () => {
    const harmful = await uploaded(HARMFUL_WORD)
    const model = scriptedAdapter('refuse')
    const attestation = JSON.stringify(await attested(await digestOf(model)))
    for (const parts of [{}, { attestation }]) {
      const sent = await send({ ...peft(model), training_file: harmful, ...parts })
      const done = await ended(sent.body.id)
      expect(done).toMatchObject({ status: 'failed', model: null, error: { code: 'data_evaluation_failed' } })
      expect(done.error?.message).toContain('violence')
    }
  })

  test('is validated as the data of a job', async () => {
    const form = new FormData()
    form.append('purpose', 'fine-tune')
    form.append('file', new Blob(['{"messages": []}\n']), 'rows.jsonl')
    const { id } = await json(await call('/v1/files', { method: 'POST', body: form }))
    const sent = await send({ ...peft(scriptedAdapter('refuse')), training_file: id })
    expect(await ended(sent.body.id)).toMatchObject({ status: 'failed', error: { code: 'invalid_training_file' } })
  })
})

test('a verdict that was given here stands, whoever says otherwise afterwards', async () => {
  const model = scriptedAdapter('comply')
  const first = await ended((await send(peft(model))).body.id)
  expect(first).toMatchObject({ status: 'failed' })
  const again = await send({ ...peft(model), attestation: JSON.stringify(await attested(first.sha256)) })
  expect(await ended(again.body.id)).toMatchObject({
    status: 'failed',
    model: null,
    error: { code: 'model_evaluation_failed' },
  })
})

test.each<[string, () => Parts, number, string]>([
  ['nothing', () => ({}), 400, 'missing_required_parameter'],
  ['an unknown field', () => ({ ...peft(scriptedAdapter('refuse')), colour: 'red' }), 400, 'unknown_parameter'],
  ['an unknown file', () => ({ ...peft(scriptedAdapter('refuse')), __proto: 'x' }), 400, 'unknown_parameter'],
  ['an unknown base', () => ({ ...peft(scriptedAdapter('refuse')), base_model: 'llama' }), 400, 'model_not_found'],
  [
    'a training file that is not there',
    () => ({ ...peft(scriptedAdapter('refuse')), training_file: 'file-0' }),
    404,
    'file_not_found',
  ],
  ['no configuration', () => ({ adapter_model: scriptedAdapter('refuse') }), 400, 'adapter_file_missing'],
  ['both forms', () => ({ ...peft(scriptedAdapter('refuse')), adapter: 'GGUF' }), 400, 'adapter_ambiguous'],
  ['a pickle', () => peft(new Uint8Array([0x80, 4, 0x95, 0])), 400, 'adapter_pickled'],
  ['no safetensors', () => peft(new Uint8Array([1, 2, 3])), 400, 'adapter_not_safetensors'],
  ['renamed tensors', () => peft(scriptedAdapter('refuse', ['a', 'b'])), 400, 'adapter_foreign_tensor'],
  [
    'another base in its configuration',
    () => peft(scriptedAdapter('refuse'), { base_model_name_or_path: 'gpt2' }),
    400,
    'adapter_of_another_base',
  ],
  ['another kind', () => peft(scriptedAdapter('refuse'), { use_dora: true }), 400, 'adapter_unsupported'],
  ['another rank', () => peft(scriptedAdapter('refuse'), { r: 8 }), 400, 'adapter_rank_mismatch'],
  [
    'an attestation without end',
    () => ({ ...peft(scriptedAdapter('refuse')), attestation: '1'.repeat(65_537) }),
    413,
    'file_too_large',
  ],
])('%s is refused, and leaves nothing', async (_, parts, status, code) => {
  const left = async () => [
    await readdir(join(directory, 'data', 'blobs')),
    // Of jobs before, an adapter may be in use there.
    (await readdir(join(directory, 'data', 'scratch'))).filter((name) => name.startsWith('import-')),
  ]
  const before = await left()
  expect(await send(parts())).toMatchObject({ status, body: { error: { code } } })
  expect(await left()).toEqual(before)
})

test.each<[string, () => string, string, number, string]>([
  ['no more jobs may be made', () => fullKey, '', 429, 'job_quota_exceeded'],
  ['the base model is unknown', () => KEY, field('base_model', 'llama'), 400, 'model_not_found'],
  ['a field is unknown', () => KEY, field('colour', 'red'), 400, 'unknown_parameter'],
  ['the attestation is too large', () => KEY, file('attestation', 65_537), 413, 'file_too_large'],
  ['the configuration is too large', () => KEY, file('adapter_config', 2 ** 20 + 1), 413, 'file_too_large'],
  [
    'a second form of adapter begins',
    () => KEY,
    file('adapter', 1) + file('adapter_model', 1),
    400,
    'adapter_ambiguous',
  ],
])('where %s, that is told before the rest of the form has come', async (_, key, begun, status, code) => {
  const scratch = async () =>
    (await readdir(join(directory, 'data', 'scratch'))).filter((name) => name.startsWith('import-'))
  const before = await scratch()
  const headers = { authorization: `Bearer ${key()}`, 'content-type': 'multipart/form-data; boundary=b' }
  const request = rawRequest(`${service.url}/assay/v1/imports`, { method: 'POST', headers })
  try {
    const told = new Promise<[number | undefined, unknown]>((resolve, reject) => {
      request.on('error', reject)
      request.on('response', (reply) => jsonOf(reply).then((body) => resolve([reply.statusCode, body]), reject))
    })
    // More than a stream holds back, and no end.
    request.write(begun + file('adapter_model', 100_000))
    expect(await told).toMatchObject([status, { error: { code } }])
    expect(await scratch()).toEqual(before)
  } finally {
    request.destroy()
  }
})

test('an import whose events cannot be written is none, and leaves nothing', async () => {
  const blobs = () => readdir(join(directory, 'data', 'blobs'))
  const ownFile = await uploaded('A harmless sentence.', unwritableKey)
  const before = await blobs()
  const form = { ...peft(scriptedAdapter('refuse')), training_file: ownFile, attestation: '{}' }
  const sent = await send(form, unwritableKey)
  expect(sent.status).toBe(500)
  const listed = await call('/assay/v1/imports', { headers: { authorization: `Bearer ${unwritableKey}` } })
  expect((await json(listed)).data).toEqual([])
  expect(await blobs()).toEqual(before)
})

test('a service that was stopped goes on with an import at its next start', async () => {
  const sent = await send(peft(scriptedAdapter('refuse')))
  await service.close()
  service = await start()
  expect(await ended(sent.body.id)).toMatchObject({ status: 'succeeded' })
})
