/** What the documents say to type is typed here, and what they say of numbers is held against the numbers. */
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { POLICY } from 'assay/harm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADDRESS, codeBlock, codeBlocks, readDocument, runBlock } from './markdown.ts'
import { POSTGRES, postgresServer } from './postgres-server.ts'
import { ASSAY, KEY, PYTHON, shell as plainShell, ROOT, Served, whileServing } from './served.ts'

const OPERATOR = 'operator-of-the-documents'

let folder: string
let service: Served
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-documents-'))
  service = await Served.start(join(folder, 'data'), [], { ASSAY_OPERATOR_KEY: OPERATOR })
  await copyFile(join(ROOT, 'examples', 'school-mathematics.jsonl'), join(folder, 'train.jsonl'))
})
afterAll(async () => {
  await service?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** With the service where it is. */
function shell(commands: string, env: NodeJS.ProcessEnv = {}) {
  return plainShell(commands, { env: { ASSAY_URL: service.url, ASSAY_API_KEY: KEY, ...env } })
}

const idIn = (text: string, pattern: RegExp) => pattern.exec(text)?.[0] ?? ''

describe('the quick start', () => {
  let steps: string[]
  beforeAll(async () => {
    steps = codeBlocks(await readDocument('docs/quick-start.md'), 'sh')
  })
  const lines = (step: number) => (steps[step] ?? '').trim().split('\n')

  test('sets up by a command that there is', async () => {
    expect(steps[0]?.trim()).toBe('npm run setup')
    expect(JSON.parse(await readDocument('package.json')).scripts.setup).toBeTruthy()
  })

  test('checks one file that passes and one that does not', async () => {
    const [honest = '', harmful = ''] = lines(1)
    expect((await shell(honest)).code).toBe(0)
    expect((await shell(harmful)).code).toBe(1)
  })

  test('has a row of training data', async () => {
    const row = codeBlock(await readDocument('docs/quick-start.md'), 'json').trim()
    await writeFile(join(folder, 'rows.jsonl'), Array(10).fill(row).join('\n'))
    expect((await shell(`npx assay check '${join(folder, 'rows.jsonl')}'`)).code).toBe(0)
  })

  test('starts a service, whose key is taken as it was printed', async () => {
    const document = await readDocument('docs/quick-start.md')
    const at = join(folder, 'quick-start')
    await mkdir(at)
    const options = { cwd: at, env: { ASSAY_API_KEY: '' } }
    await whileServing(codeBlock(document, 'sh serve'), join(at, 'data'), options, async (url, printed) => {
      const key = codeBlock(document, 'sh key').replace('sk-assay-…', idIn(printed, /sk-assay-\S+/))
      expect(await shell(`${key}npx assay jobs list`, { ASSAY_URL: url, ASSAY_API_KEY: '' })).toMatchObject({ code: 0 })
    })
  })

  test('uploads, and creates a job', async () => {
    const [upload = '', create = '', watch = ''] = lines(2)
    const file = idIn((await shell(upload)).stdout, /file-[\w-]+/)
    const created = await shell(create.replace('file-abc123', file))
    expect(created).toMatchObject({ code: 0 })
    const job = idIn(created.stdout, /ftjob-[\w-]+/)
    // What it would be to wait for it, tests/deployed-model.test.ts says.
    expect((await service.client.fineTuning.jobs.cancel(job)).status).toBe('cancelled')
    expect(await shell(watch.replace('ftjob-abc123', job))).toMatchObject({ code: 1 })
  })

  test('deploys, and talks', async () => {
    const [deploy = '', chat = ''] = lines(3)
    const base = deploy.replace(/ft:\S+/, 'smollm2-135m-aligned')
    expect(await shell(base)).toMatchObject({ code: 0 })
    const answered = await shell(chat)
    expect(answered).toMatchObject({ code: 0, stderr: '' })
    expect(answered.stdout.trim()).not.toBe('')
  })

  test('sees one refused, and nothing charged', async () => {
    const [upload = '', create = ''] = lines(4)
    const file = idIn((await shell(upload)).stdout, /file-[\w-]+/)
    const refused = await shell(create.replace('file-abc123', file))
    expect(refused.code).toBe(1)
    expect(refused.stdout + refused.stderr).toContain('failed RAI checks for harm types')
    expect(await service.costs()).toEqual([])
  })
})

describe('a program of one’s own', () => {
  test.each([
    ['ts start', process.execPath],
    ['python start', PYTHON],
  ])('%s: starts a job', async (name, program) => {
    const block = codeBlock(await readDocument('docs/tune-from-your-client.md'), name)
    expect(block).toContain(ADDRESS)
    const env = { ASSAY_API_KEY: KEY }
    const { code, stdout, stderr } = await runBlock(program, block, { address: service.url, cwd: folder, env })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const job = await service.client.fineTuning.jobs.retrieve(stdout.trim())
    expect(job).toMatchObject({ model: 'smollm2-135m-aligned', suffix: 'mathematics' })
    await service.client.fineTuning.jobs.cancel(job.id)
  })

  test('a trainer of one’s own is started with the service', async () => {
    const block = codeBlock(await readDocument('docs/trainers-and-engines.md'), 'ts')
    const data = join(folder, 'own-trainer')
    const program = block
      .replace('port: 8787', 'port: 0')
      .replace("'./data'", JSON.stringify(data))
      .concat("\nsetTimeout(() => process.kill(process.pid, 'SIGINT'), 500)\n")
    const ran = await runBlock(process.execPath, program, { address: ADDRESS, env: { ASSAY_API_KEY: KEY } })
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Assay listens on http:/) })
  })
})

describe('running it for an organisation', () => {
  let document: string
  beforeAll(async () => {
    document = await readDocument('docs/run-for-an-organisation.md')
  })

  test('starts with keys of the operator’s', async () => {
    const data = join(folder, 'organisation')
    const block = codeBlock(document, 'sh serve')
    expect(block).toContain('--data-dir /var/lib/assay --port 8787')
    await whileServing(block.replace('/var/lib/assay', `'${data}'`), data, {}, async (url) => {
      for (const path of ['/healthz', '/readyz']) expect((await fetch(url + path)).status).toBe(200)
    })
  })

  test.skipIf(!POSTGRES)('uses a PostgreSQL server, by which a job goes on', async () => {
    await using postgres = await postgresServer('assay')
    const data = join(folder, 'on-postgres')
    const block = codeBlock(document, 'sh postgres')
    expect(block).toContain('postgres://assay@db.internal/assay')
    const here = block.replace('/var/lib/assay', `'${data}'`).replace('db.internal', postgres.address)
    await whileServing(here, data, { env: { ASSAY_API_KEY: KEY } }, async (url) => {
      const env = { ASSAY_URL: url }
      const uploaded = await shell('npx assay files upload examples/harmful-replies.jsonl', env)
      const created = await shell(`npx assay jobs create ${idIn(uploaded.stdout, /file-[\w-]+/)} --follow`, env)
      expect(created).toMatchObject({ code: 1, stderr: expect.stringContaining('[data_evaluation_failed]') })
    })
  })

  test('is upgraded by two commands that there are, which are not run: they would change this checkout', async () => {
    expect(codeBlock(document, 'sh upgrade')).toBe('git pull\nnpm run setup\n')
    expect(JSON.parse(await readDocument('package.json')).scripts.setup).toBeTruthy()
  })

  test('makes and lists resources', async () => {
    const [create = '', list = ''] = codeBlock(document, 'sh operator').trim().split('\n')
    const env = { ASSAY_OPERATOR_KEY: OPERATOR }
    const made = await shell(create, env)
    expect(made).toMatchObject({ code: 0 })
    expect(made.stdout).toContain('sk-assay-')
    const listed = await shell(list, env)
    expect(listed.stdout).toContain('acme')
    const remove = /`npx (assay resources delete) resource-abc123`/.exec(document)?.[1]
    const id = idIn(made.stdout, /resource-[0-9a-f]+/)
    expect(await shell(`npx ${remove} ${id}`, env)).toMatchObject({ code: 0 })
    expect((await shell(list, env)).stdout).not.toContain('acme')
    expect((await shell(list)).code).toBe(2)
  })

  test('names variables that the program knows, and codes that it has', async () => {
    const { stdout } = await shell('npx assay serve --help')
    for (const [, name = ''] of document.matchAll(/`(ASSAY_[A-Z_]+)`/g)) expect(stdout).toContain(name)
    const sources = execFileSync(
      'git',
      ['grep', '-h', '-o', '-E', "'[a-z]+(_[a-z]+)+'", '--', ':(glob)packages/*/src/**'],
      {
        cwd: ROOT,
        maxBuffer: 1 << 26,
      },
    ).toString()
    const codes = [...document.slice(document.indexOf('## When something')).matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)]
    expect(codes.length).toBeGreaterThan(4)
    for (const [, code] of codes) expect(sources).toContain(`'${code}'`)
  })
})

test('the policy is told with its own numbers', async () => {
  const { data, model } = POLICY
  const text = await readDocument('docs/the-policy.md')
  const one = (share: number) => 1 / share
  expect(text).toContain(`| ${model.acceptable_rate * 100} or fewer `)
  expect(text).toContain(`| ${model.unacceptable_rate * 100} or more `)
  // Twenty and eighty: 1/β, and 1/α over the four categories.
  expect([one(model.beta), one(model.alpha), one(model.alpha * 4)]).toEqual([20, 80, 20])
  expect(text).toContain(`has ${model.max_conversations} conversations`)
  expect([POLICY.harmful_severity, data.alpha, data.max_harmful_share]).toEqual([4, 0.001, 0.25])
  expect(model.shopping).toEqual({ window_days: 30, beta_factor: 0.5 })
})

describe('privacy is checked as the document says', () => {
  test('a sentence of the training file is found nowhere', async () => {
    const sentence = 'a sentence that is nowhere else'
    const row = { messages: [user('Say it.'), { role: 'assistant', content: `Here is ${sentence}.` }] }
    const rows = Array.from({ length: 12 }, () => JSON.stringify(row)).join('\n')
    await writeFile(join(folder, 'private.jsonl'), rows)
    const uploaded = await shell(`npx assay files upload '${join(folder, 'private.jsonl')}'`)
    const file = idIn(uploaded.stdout, /file-[\w-]+/)
    const created = await shell(`npx assay jobs create ${file}`)
    const job = idIn(created.stdout, /ftjob-[\w-]+/)
    await service.until(job, ({ state }) => state === 'training')
    await service.client.fineTuning.jobs.cancel(job)
    const grep = codeBlock(await readDocument('docs/privacy.md'), 'sh')
    expect(grep).toContain(sentence)
    const { stdout } = await shell(grep.replace('./data', `'${join(folder, 'data')}'`))
    expect(stdout).toBe('exit 1\n')
    // And it would be found where it is.
    expect(await readFile(join(folder, 'private.jsonl'), 'utf8')).toContain(sentence)
  })

  const mayUnshare = process.platform === 'linux' && canUnshare()
  test.skipIf(!mayUnshare)('a check runs without a network', async () => {
    const block = codeBlock(await readDocument('docs/privacy.md'), 'sh linux')
    const command = block.replace('npx assay', `'${process.execPath}' '${ASSAY}'`)
    expect((await shell(command)).code).toBe(0)
  })
})

const user = (content: string) => ({ role: 'user', content })

function canUnshare(): boolean {
  try {
    execFileSync('unshare', ['--net', '--map-root-user', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
