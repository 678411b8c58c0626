import { randomInt } from 'node:crypto'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type ChatModel, chatCompletionsModel } from '../conversations/index.ts'
import { AssayError } from '../errors/index.ts'
import { CATEGORIES, type CapabilityTier, POLICY } from '../harm/index.ts'
import {
  type Comparison,
  type CustomerContexts,
  compareWithBase,
  evaluateModel,
  findCustomerContexts,
  type ModelEvaluationProgress,
} from '../model-evaluation/index.ts'
import { type EvaluationReport, evaluationInBrief, formatEvaluation } from '../reports/index.ts'
import { progressLine } from '../terminal/index.ts'
import { validateTrainingFile } from '../training-data/index.ts'
import { type EvaluationState, StateFile } from './evaluation-state.ts'
import { hashedFile } from './hashed-file.ts'
import { requireFile } from './input-file.ts'
import { type JudgeOption, judgeOption, openJudge } from './judge-option.ts'
import { requireWritable } from './output-file.ts'
import { groundOf, type ReportOption, reportOptions, writeReport } from './report-option.ts'
import { rowsOf } from './rows-of.ts'
import { shippedHarmlessPrompts, shippedObjectives } from './shipped-objectives.ts'

const EXIT = { passed: 0, failed: 1, undecided: 1 } as const
/** Where standard error is no terminal, a line of progress after so many conversations. */
const CONVERSATIONS_A_LINE = 100

interface Options extends JudgeOption, ReportOption {
  readonly baseUrl: string
  readonly model: string
  readonly apiKeyEnv?: string
  readonly trainingFile?: string
  readonly tier: CapabilityTier
  readonly compareWith?: string
  readonly seed?: number
  readonly concurrency: number
  readonly timeout: number
  readonly state?: string
}

/** `assay evaluate`: what the model evaluation of a job would say of a model behind any OpenAI-compatible endpoint. */
export function evaluateCommand(): Command {
  const [format, output] = reportOptions()
  return new Command('evaluate')
    .description('Interview a model behind an OpenAI-compatible endpoint, as the gate of a fine-tuning job would.')
    .requiredOption('--base-url <url>', 'base address of the API, as https://api.openai.com/v1', address)
    .requiredOption('--model <name>', 'the name of the model there')
    .option('--api-key-env <variable>', 'environment variable that holds the API key; without it none is sent')
    .option('--training-file <file>', 'what it was tuned on: its system prompts and opening phrases are tried too')
    .addOption(tierOption())
    .option('--compare-with <name>', 'its base there: after the verdict, what did the tuning change?')
    .addOption(judgeOption())
    .option('--seed <number>', 'ask what an earlier evaluation asked (default: drawn anew)', whole(0, 2 ** 31 - 1))
    .option('--concurrency <number>', 'conversations held at once, up to 8', whole(1, 8), 8)
    .option('--timeout <seconds>', 'wait so long for one answer; it is asked for five times', whole(1, 3600), 120)
    .option('--state <file>', 'keep the counts there, and go on from them after a crash; removed at the verdict')
    .addOption(format)
    .addOption(output)
    .addHelpText(
      'after',
      `
  assay evaluate --base-url http://127.0.0.1:8000/v1 --model my-model
  assay evaluate --base-url https://api.openai.com/v1 --model ft:gpt-4o-mini:me --api-key-env OPENAI_API_KEY

Some 500 conversations, until each category is decided. The result is a report and no attestation: an endpoint has no
digest, and may answer otherwise tomorrow. Nothing that was said is kept, and no format holds a word of it.

Exit code: 0 passed, 1 failed or undecided, 2 wrong usage, 3 the evaluation could not be held.`,
    )
    .action(evaluate)
}

async function evaluate(options: Options): Promise<void> {
  const startedAt = new Date()
  const inputs = [options.judge, ...(options.trainingFile === undefined ? [] : [options.trainingFile])]
  if (options.output !== undefined) await requireWritable(options.output, inputs)
  if (options.state !== undefined) await requireWritable(options.state, inputs)
  const apiKey = keyFrom(options.apiKeyEnv)
  const training = options.trainingFile === undefined ? undefined : await contextsOf(options.trainingFile)
  const { objectives, digest: objectivesDigest } = await shippedObjectives()
  const judge = await openJudge(options.judge)
  try {
    const ground = await groundOf(judge)
    const state =
      options.state === undefined
        ? undefined
        : new StateFile(options.state, {
            endpoint: options.baseUrl,
            model: options.model,
            policy: ground.policy.digest,
            judge: judge.digest,
            objectives: objectivesDigest,
            tier: options.tier,
            'training file': training?.sha256 ?? 'none',
          })
    const before = await state?.read()
    if (before && options.seed !== undefined && options.seed !== before.counted.seed) {
      throw new AssayError('state_of_another_evaluation', `${options.state} counts for another seed.`, { status: 400 })
    }
    const seed = before?.counted.seed ?? options.seed ?? randomInt(2 ** 31)
    const model = counting(modelAt(options, options.model, apiKey), before)
    const evaluation = await held(options, (signal, show) =>
      evaluateModel({
        chat: model.chat,
        judge,
        objectives,
        tier: options.tier,
        contexts: training?.contexts,
        seed,
        concurrency: options.concurrency,
        from: before?.counted,
        signal,
        onProgress: show,
        onCounted: (counted) => state?.write({ counted, withheld: model.withheld() }),
      }),
    )
    const comparison = await compared(options, {
      tuned: model.chat,
      judge,
      objectives,
      contexts: training?.contexts,
      apiKey,
    })
    const report: EvaluationReport = {
      model: options.model,
      endpoint: options.baseUrl,
      evaluation,
      comparison,
      withheld: model.withheld(),
      objectivesDigest,
      tier: options.tier,
      seed,
      seconds: (Date.now() - startedAt.getTime()) / 1000,
      ...ground,
      command: commandOf(options, seed),
      startedAt,
    }
    await writeReport(formatEvaluation(report, options.format), evaluationInBrief(report), options)
    process.exitCode = EXIT[evaluation.assessment.outcome]
    state?.remove()
  } finally {
    await judge.close()
  }
}

/** What the tuning changed, where a base was named to tell. */
async function compared(
  options: Options,
  of: Pick<Parameters<typeof compareWithBase>[0], 'tuned' | 'judge' | 'objectives' | 'contexts'> & {
    readonly apiKey: string | undefined
  },
): Promise<Comparison | undefined> {
  if (options.compareWith === undefined) return undefined
  const { apiKey, ...parts } = of
  const base = modelAt(options, options.compareWith, apiKey)
  const harmless = await shippedHarmlessPrompts()
  const line = progressLine((answers: number) => `Comparing with ${options.compareWith}: ${answers} replies`)
  try {
    return await stoppable(options, (signal) =>
      compareWithBase({
        ...parts,
        base,
        harmless,
        concurrency: options.concurrency,
        signal,
        onProgress: (answers) => line.show(answers),
      }),
    )
  } catch (error) {
    // The verdict stands, whatever becomes of this.
    line.end()
    process.stderr.write(
      `Not compared with ${options.compareWith}: ${error instanceof Error ? error.message : error}\n`,
    )
    return undefined
  } finally {
    line.end()
  }
}

function modelAt({ baseUrl, timeout }: Options, model: string, apiKey: string | undefined): ChatModel {
  return chatCompletionsModel({ baseUrl, model, apiKey, timeoutMs: timeout * 1000 })
}

/** Until it is decided, or somebody stops it: then the counts stay, where a file for them was named. */
async function held<Result>(
  options: Options,
  evaluation: (signal: AbortSignal, show: (progress: ModelEvaluationProgress) => void) => Promise<Result>,
): Promise<Result> {
  const line = progressLine(position)
  let shown = 0
  const show = (progress: ModelEvaluationProgress) => {
    line.show(progress)
    if (process.stderr.isTTY || progress.conversations < shown + CONVERSATIONS_A_LINE) return
    shown = progress.conversations
    process.stderr.write(`${position(progress)}\n`)
  }
  try {
    return await stoppable(options, (signal) => evaluation(signal, show))
  } finally {
    line.end()
  }
}

/** Work that Ctrl-C ends in order. */
async function stoppable<Result>(
  { model, state }: Options,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    return await work(stop.signal)
  } catch (error) {
    throw stop.signal.aborted ? interrupted(state) : notHeld(model, state, error)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

function position({ conversations, arms }: ModelEvaluationProgress): string {
  const tests = Object.values(arms).flatMap((arm) => CATEGORIES.map((category) => ({ category, ...arm[category] })))
  const standing = tests.map(({ category, harmful, conversations, decision }) =>
    decision === 'undecided' ? `${category} ${harmful}/${conversations}` : `${category} ${decision}`,
  )
  return `${conversations} conversations held: ${standing.join(', ')}`
}

function interrupted(state: string | undefined): AssayError {
  return new AssayError('evaluation_interrupted', 'The evaluation was stopped before its verdict.', {
    status: 503,
    remedy:
      state === undefined
        ? 'With --state FILE it could go on from here the next time.'
        : 'The same command goes on from what was counted.',
  })
}

/** A fault of endpoint or judge says what to do there; nothing was charged here that could be told of. */
function notHeld(model: string, state: string | undefined, error: unknown): unknown {
  if (!AssayError.is(error) || error.code !== 'evaluation_unavailable') return error
  const { code, message, status, cause } = error
  const what = AssayError.is(cause) && cause.remedy ? `${cause.remedy} ` : ''
  const goOn = state === undefined ? '' : ' The same command goes on from what was counted.'
  return new AssayError(code, `${model} was not evaluated: ${message}`, {
    status,
    cause,
    remedy: `${what}Nothing is said about the model.${goOn}`,
  })
}

/** Counts the replies that the endpoint's own filter withholds. */
function counting(chat: ChatModel, before: EvaluationState | undefined) {
  let withheld = before?.withheld ?? 0
  const counted: ChatModel = async (messages, options) => {
    const reply = await chat(messages, options)
    if (reply.finishReason === 'content_filter') withheld += 1
    return reply
  }
  return { chat: counted, withheld: () => withheld }
}

async function contextsOf(path: string): Promise<{ readonly contexts: CustomerContexts; readonly sha256: string }> {
  await requireFile(path)
  const { faultCount } = await validateTrainingFile(hashedFile(path).chunks())
  if (faultCount > 0) {
    throw new AssayError('invalid_training_file', `${path} is not valid training data: ${faultCount} faults.`, {
      status: 400,
      remedy: `\`assay check ${path}\` names them by line.`,
    })
  }
  const file = hashedFile(path)
  const contexts = await findCustomerContexts(rowsOf(file.chunks()))
  return { contexts, sha256: file.digest().sha256 }
}

function tierOption(): Option {
  return new Option(
    '--tier <tier>',
    'what the model can read: ciphers (full), odd spellings (medium), plain words (small)',
  )
    .choices(Object.keys(POLICY.model.strategies))
    .default('full')
}

function keyFrom(variable: string | undefined): string | undefined {
  if (variable === undefined) return undefined
  const key = process.env[variable]
  if (key) return key
  throw new AssayError('api_key_missing', `The environment variable ${variable} is not set.`, {
    status: 400,
    remedy: `Set it to the API key, or leave out --api-key-env where none is needed.`,
  })
}

function commandOf(options: Options, seed: number): string[] {
  return [
    'assay',
    'evaluate',
    '--base-url',
    options.baseUrl,
    '--model',
    options.model,
    ...(options.apiKeyEnv === undefined ? [] : ['--api-key-env', options.apiKeyEnv]),
    ...(options.trainingFile === undefined ? [] : ['--training-file', options.trainingFile]),
    ...(options.compareWith === undefined ? [] : ['--compare-with', options.compareWith]),
    '--tier',
    options.tier,
    '--judge',
    options.judge,
    '--seed',
    String(seed),
  ]
}

function address(text: string): string {
  const { protocol } = URL.parse(text) ?? {}
  if (protocol === 'http:' || protocol === 'https:') return text
  throw new InvalidArgumentError('It is the base address of an API, as https://api.openai.com/v1.')
}

function whole(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`)
  }
}
