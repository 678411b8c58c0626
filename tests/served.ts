/** The service as its users start it: `assay serve` in a process of its own, which a test may stop or kill. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import OpenAI from 'openai'

export const ROOT = join(import.meta.dirname, '..')
export const ASSAY = join(ROOT, 'packages', 'assay', 'bin', 'assay.js')
export const KEY = 'sk-assay-journey-key'
export const PYTHON = process.env.ASSAY_PYTHON ?? join(ROOT, '.assay', 'python', 'bin', 'python')

const LISTENS = /Assay listens on (http:\S+)/

export interface Evaluation {
  readonly state: string
  readonly data_evaluation: { readonly rows: number } | null
  readonly model_evaluation: { readonly conversations: number; readonly arms: object } | null
}

export class Served {
  readonly url: string
  readonly client: OpenAI
  /** All that it printed. */
  readonly printed: () => string
  readonly #process: ChildProcess
  readonly #directory: string

  private constructor(url: string, directory: string, child: ChildProcess, printed: () => string) {
    this.url = url
    this.client = new OpenAI({ baseURL: `${url}/v1`, apiKey: KEY, maxRetries: 0 })
    this.printed = printed
    this.#process = child
    this.#directory = directory
  }

  static async start(
    directory: string,
    options: readonly string[] = [],
    variables: NodeJS.ProcessEnv = {},
    program = ASSAY,
  ): Promise<Served> {
    // Relative, as the quick start names it: whatever works in another folder has to find it all the same.
    const args = [program, 'serve', '--port', '0', '--data-dir', `./${basename(directory)}`, ...options]
    const env = { ...process.env, ASSAY_API_KEY: KEY, ...variables }
    const child = spawn(process.execPath, args, { cwd: dirname(directory), stdio: ['ignore', 'pipe', 'pipe'], env })
    let printed = ''
    child.stderr.on('data', (part) => {
      printed += part
    })
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (part) => {
        printed += part
        const found = LISTENS.exec(printed)?.[1]
        if (found) resolve(found)
      })
      child.once('exit', (code) => reject(new Error(`assay serve ended with ${code}: ${printed}`)))
    })
    return new Served(url, directory, child, () => printed)
  }

  /** The process that does the work: `assay` itself only starts it. */
  async pid(): Promise<number> {
    return Number(await readFile(join(this.#directory, 'service.pid'), 'utf8'))
  }

  /** As Ctrl-C does: it lets go of its work and ends. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    this.#process.kill('SIGTERM')
    await once(this.#process, 'exit')
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    const ended = once(this.#process, 'exit')
    process.kill(await this.pid(), 'SIGKILL')
    await ended
  }

  call(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, { ...init, headers: { authorization: `Bearer ${KEY}`, ...init.headers } })
  }

  post(path: string, body: unknown): Promise<Response> {
    return this.call(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  }

  deploy(model: string, name = 'mine'): Promise<Response> {
    return this.post('/assay/v1/deployments', { name, model })
  }

  async costs(): Promise<{ quantity: number; amount: { value: number; currency: string } }[]> {
    const answer = (await (await this.call('/v1/organization/costs?start_time=0')).json()) as {
      data: { results: { quantity: number; amount: { value: number; currency: string } }[] }[]
    }
    return answer.data.flatMap((bucket) => bucket.results)
  }

  async evaluation(job: string): Promise<Evaluation> {
    return (await (await this.call(`/assay/v1/fine_tuning/jobs/${job}/evaluation`)).json()) as Evaluation
  }

  /** Waits until a job's evaluation is as wanted; fails where the job ends before. */
  async until(job: string, wanted: (evaluation: Evaluation) => boolean | Promise<boolean>): Promise<void> {
    for (;;) {
      const evaluation = await this.evaluation(job)
      if (await wanted(evaluation)) return
      if (['succeeded', 'failed', 'cancelled'].includes(evaluation.state)) {
        const { error } = await this.client.fineTuning.jobs.retrieve(job)
        throw new Error(`the job ${evaluation.state} before: ${error?.code} ${error?.message}`)
      }
      await delay(50)
    }
  }

  async ended(job: string): Promise<OpenAI.FineTuning.FineTuningJob> {
    for (;;) {
      const found = await this.client.fineTuning.jobs.retrieve(job)
      if (found.finished_at) return found
      await delay(1000)
    }
  }

  /** Messages of all events of a job, oldest first. */
  async messages(job: string): Promise<string[]> {
    const messages: string[] = []
    for await (const event of this.client.fineTuning.jobs.listEvents(job, { limit: 100 })) messages.push(event.message)
    return messages.reverse()
  }
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Ran> {
  const env = { ...process.env, ...options.env }
  const child = spawn(command, args, { cwd: options.cwd ?? ROOT, env })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (part) => {
    stdout += part
  })
  child.stderr.on('data', (part) => {
    stderr += part
  })
  child.stdin.end(options.input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

/** Runs the `assay` program of this checkout. */
export function assay(args: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<Ran> {
  return run(process.execPath, [ASSAY, ...args], options)
}

/** Runs commands as a document has them: `assay`, with `npx` or without, is the one of this checkout. */
export function shell(commands: string, options: Parameters<typeof run>[2] = {}): Promise<Ran> {
  const here = `assay() { '${process.execPath}' '${ASSAY}' "$@"; }\nnpx() { "$@"; }\n`
  return run('bash', ['-c', here + commands], options)
}

/**
 * Starts the service by commands that a document has, on a port of its own, and stops it as Ctrl-C does.
 * @param data its data folder
 * @returns all that it printed on standard output
 */
export async function whileServing(
  commands: string,
  data: string,
  options: Parameters<typeof run>[2],
  work: (url: string, printed: string) => Promise<void>,
): Promise<string> {
  const log = `${data}.log`
  const here = commands.replace(' --port 8787', '').replace('assay serve', 'assay serve --port 0')
  let ended: Ran | undefined
  const ran = shell(`{ ${here}\n} > '${log}'`, options).then((done) => {
    ended = done
    return done
  })
  const printed = () => readFile(log, 'utf8').catch(() => '')
  while (!LISTENS.test(await printed())) {
    if (ended) throw new Error(`It ended with ${ended.code}: ${ended.stderr}`)
    await delay(100)
  }
  try {
    await work(LISTENS.exec(await printed())?.[1] ?? '', await printed())
  } finally {
    process.kill(Number(await readFile(join(data, 'service.pid'), 'utf8')), 'SIGINT')
    await ran
  }
  if ((await ran).code !== 0) throw new Error(`It ended with ${(await ran).code}.`)
  return printed()
}
