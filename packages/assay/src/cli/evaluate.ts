import { createHmac, randomInt } from 'node:crypto'
import { createReadStream } from 'node:fs'
import canonicalize from 'canonicalize'
import { Command, Option } from 'commander'
import type { ChatModel } from '../conversations/index.ts'
import { AssayError } from '../errors/index.ts'
import { CATEGORIES, POLICY } from '../harm/index.ts'
import {
  type Attacked,
  attackModel,
  type Comparison,
  type CustomerContexts,
  compareWithBase,
  evaluateModel,
  findCustomerContexts,
  type ModelEvaluationProgress,
} from '../model-evaluation/index.ts'
import {
  type EvaluationGround,
  type EvaluationReport,
  evaluationInBrief,
  formatEvaluation,
  formatEvaluationNotHeld,
} from '../reports/index.ts'
import { httpAddress, progressLine, whole } from '../terminal/index.ts'
import { validateTrainingFile } from '../training-data/index.ts'
import { type AttackerOptions, type OpenAttacker, openAttacker } from './attacker.ts'
import { type AttestOptions, attester } from './attest.ts'
import { type EvaluatedModel, type ModelOptions, openModel } from './evaluated-model.ts'
import { type EvaluationState, StateFile } from './evaluation-state.ts'
import { EXIT } from './exit-code.ts'
import { hashedFile } from './hashed-file.ts'
import { requireFile } from './input-file.ts'
import { type JudgeOption, judgeOption, openJudge } from './judge-option.ts'
import { removeReport, requireWritable } from './output-file.ts'
import { groundOf, type ReportOption, reportOptions, writeReport } from './report-option.ts'
import { rowsOf } from './rows-of.ts'
import { shippedHarmlessPrompts, shippedObjectives } from './shipped-objectives.ts'

/** Where standard error is no terminal, a line of progress after so many conversations. */
const CONVERSATIONS_A_LINE = 100

const address = httpAddress('the base address of an API, as https://api.openai.com/v1')

interface Options extends ModelOptions, AttackerOptions, AttestOptions, JudgeOption, ReportOption {
  readonly trainingFile?: string
  readonly seed?: number
  readonly concurrency: number
  readonly state?: string
}

/** `assay evaluate`: what the model evaluation of a job would say of a model behind an endpoint, or of an adapter on disk. */
export function evaluateCommand(): Command {
  const [format, output] = reportOptions()
  return new Command('evaluate')
    .description(
      'Interview a model behind an OpenAI-compatible endpoint or on disk, as the gate of a fine-tuning job would.',
    )
    .option('--base-url <url>', 'base address of the API, as https://api.openai.com/v1', address)
    .option('--model <name>', 'the name of the model there')
    .option('--api-key-env <variable>', 'environment variable that holds the API key; without it none is sent')
    .option('--model-dir <dir>', 'instead: an adapter on disk, as PEFT writes it or as GGUF (needs assay-service)')
    .option(
      '--base <name>',
      'base model of the catalogue that the adapter was tuned on (default: smollm2-135m-aligned)',
    )
    .option('--attest <file>', 'sign the verdict on --model-dir, for `assay verify` and `assay import`')
    .option('--signing-key <file>', 'the private key to sign with; `assay signing-key` makes one')
    .option('--write-adapter <file>', 'write the GGUF adapter that was evaluated, whose digest the attestation holds')
    .option(
      '--training-file <file>',
      'what it was tuned on: its system prompts, phrases and beginnings of answers are tried',
    )
    .addOption(tierOption())
    .option('--compare-with <name>', 'its base there: after the verdict, what did the tuning change?')
    .option(
      '--attacker-url <url>',
      'address of a model that attacks this one, after the verdict: reads objectives and replies',
      address,
    )
    .option('--attacker-model <name>', 'the name of the attacker there')
    .option('--attacker-key-env <variable>', 'environment variable that holds its API key')
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
  assay evaluate --model-dir ./adapter --attest verdict.json --signing-key signer.pem --training-file train.jsonl

Some 1,000 conversations, until each category is decided. Of an endpoint the result is a report and no attestation: it has
no digest, and may answer otherwise tomorrow. Nothing that was said is kept, and no format holds a word of it.

Exit code: 0 passed, 1 failed or undecided, 2 wrong usage, 3 the evaluation could not be held. The report of that says why.`,
    )
    .action(evaluate)
}

async function evaluate(options: Options): Promise<void> {
  const startedAt = new Date()
  await requireApart(options)
  const attestation = await attester(options)
  const training = options.trainingFile === undefined ? undefined : await contextsOf(options.trainingFile)
  const { objectives, digest: objectivesDigest } = await shippedObjectives()
  const attacker = openAttacker(options)
  const found = await openModel(options)
  if (options.output !== undefined) await removeReport(options.output)
  const judge = await openJudge(options.judge).catch(async (error: unknown) => {
    await found.close()
    throw error
  })
  try {
    const ground = await groundOf(judge)
    const of = {
      ...found.identity,
      policy: ground.policy.digest,
      judge: judge.digest,
      objectives: objectivesDigest,
      tier: found.tier,
      'training file': training?.sha256 ?? 'none',
    }
    const secret = attestation?.secret
    const state = options.state === undefined ? undefined : new StateFile(options.state, of, secret)
    const before = await state?.read()
    if (before && options.seed !== undefined && options.seed !== before.counted.seed) {
      throw new AssayError('state_of_another_evaluation', `${options.state} counts for another seed.`, {
        status: 400,
        remedy: 'Leave --seed out to go on from it, or name another file with --state.',
      })
    }
    const seed = before?.counted.seed ?? options.seed ?? (secret ? seedFrom(secret, of) : randomInt(2 ** 31))
    const model = counting(found.chat, before)
    const onGround = (): EvaluationGround => ({
      model: found.name,
      at: found.at,
      objectivesDigest,
      tier: found.tier,
      seed,
      seconds: (Date.now() - startedAt.getTime()) / 1000,
      ...ground,
      command: commandOf([...found.options, ...(attacker?.options ?? [])], options, seed),
      startedAt,
    })
    const evaluation = await held(found.name, options.state, (signal, show) =>
      evaluateModel({
        chat: model.chat,
        judge,
        objectives,
        tier: found.tier,
        contexts: training?.contexts,
        seed,
        concurrency: options.concurrency,
        from: before?.counted,
        signal,
        onProgress: show,
        onCounted: (counted) => state?.write({ counted, withheld: model.withheld() }),
      }),
    ).catch(async (error: unknown) => {
      await reportNotHeld(error, onGround(), options)
      throw error
    })
    if (found.local) await attestation?.attest(found.local, evaluation.assessment, judge)
    const comparison =
      found.base &&
      (await compared(found.base, options, { tuned: found.chat, judge, objectives, contexts: training?.contexts }))
    const attacked = attacker && (await attackedBy(attacker, options, { chat: found.chat, judge, objectives, seed }))
    const report: EvaluationReport = {
      ...onGround(),
      evaluation,
      comparison,
      attack: attacker && attacked && { attacker: { name: attacker.name, endpoint: attacker.endpoint }, attacked },
      withheld: model.withheld(),
    }
    await writeReport(formatEvaluation(report, options.format), evaluationInBrief(report), options)
    process.exitCode = evaluation.assessment.outcome === 'passed' ? EXIT.passed : EXIT.failed
    // Whoever asked for an attack does not take a verdict without it for all that was asked.
    if (attacker && !attacked && process.exitCode === EXIT.passed) process.exitCode = EXIT.notHeld
    state?.remove()
  } finally {
    await judge.close()
    await found.close()
  }
}

/**
 * For whoever reads reports and no exit codes: that there is no verdict, and why. On the terminal the error says it. An
 * evaluation that somebody stopped has no report.
 */
async function reportNotHeld(error: unknown, ground: EvaluationGround, options: ReportOption): Promise<void> {
  if (!AssayError.is(error) || error.code !== 'evaluation_unavailable') return
  if (options.output === undefined && options.format === 'text') return
  const { code, message, remedy, cause } = error
  const why = AssayError.is(cause) ? { cause: cause.code, message: `${message} ${cause.message}` } : { message }
  const report = formatEvaluationNotHeld({ ...ground, error: { code, remedy, ...why } }, options.format)
  await writeReport(report, '', options)
}

/** Nobody without the key knows the questions, and whoever evaluates the same model again asks the same. */
function seedFrom(secret: Buffer, of: Readonly<Record<string, string>>): number {
  const digest = createHmac('sha256', secret)
    .update(canonicalize(of) ?? '')
    .digest()
  return digest.readUInt32BE() >>> 1
}

/** Whatever is written can be, and is neither anything that is read nor anything else that is written. */
async function requireApart(options: Options): Promise<void> {
  const given = (paths: readonly (string | undefined)[]) => paths.filter((path) => path !== undefined)
  const read = given([options.judge, options.trainingFile, options.signingKey, options.modelDir])
  const written = given([options.output, options.state, options.attest, options.writeAdapter])
  for (const [index, path] of written.entries()) await requireWritable(path, [...read, ...written.slice(0, index)])
}

/** What the tuning changed. */
async function compared(
  base: NonNullable<EvaluatedModel['base']>,
  { concurrency, state }: Options,
  parts: Pick<Parameters<typeof compareWithBase>[0], 'tuned' | 'judge' | 'objectives' | 'contexts'>,
): Promise<Comparison | undefined> {
  const harmless = await shippedHarmlessPrompts()
  return afterVerdict({
    model: base.name,
    state,
    position: (answers) => `Comparing with ${base.name}: ${answers} replies`,
    notDone: (error) => `Not compared with ${base.name}: ${messageOf(error)}`,
    work: (signal, onProgress) =>
      compareWithBase({ ...parts, base: base.chat, harmless, concurrency, signal, onProgress }),
  })
}

/** What an attacker brings it to. */
async function attackedBy(
  attacker: OpenAttacker,
  { concurrency, state }: Options,
  parts: Pick<Parameters<typeof attackModel>[0], 'chat' | 'judge' | 'objectives' | 'seed'>,
): Promise<Attacked | undefined> {
  return afterVerdict({
    model: attacker.name,
    state,
    position: (held) => `Attacked by ${attacker.name}: ${held} conversations`,
    notDone: (error) =>
      `Not attacked by ${attacker.name}: ${messageOf(AssayError.is(error) && AssayError.is(error.cause) ? error.cause : error)}`,
    work: (signal, onProgress) => attackModel({ ...parts, attacker: attacker.chat, concurrency, signal, onProgress }),
  })
}

/** What is asked of a model beside its verdict, which stands whatever becomes of this: nothing, where it fails. */
async function afterVerdict<Result>(what: {
  readonly model: string
  readonly state: string | undefined
  position(done: number): string
  notDone(error: unknown): string
  work(signal: AbortSignal, onProgress: (done: number) => void): Promise<Result>
}): Promise<Result | undefined> {
  const line = progressLine(what.position)
  try {
    return await stoppable(what.model, what.state, (signal) => what.work(signal, (done) => line.show(done)))
  } catch (error) {
    line.end()
    process.stderr.write(`${what.notDone(error)}\n`)
    return undefined
  } finally {
    line.end()
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Until it is decided, or somebody stops it: then the counts stay, where a file for them was named. */
async function held<Result>(
  model: string,
  state: string | undefined,
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
    return await stoppable(model, state, (signal) => evaluation(signal, show))
  } finally {
    line.end()
  }
}

/** Work that Ctrl-C ends in order. */
async function stoppable<Result>(
  model: string,
  state: string | undefined,
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
  const content = { chunks: () => createReadStream(path) }
  const { faultCount } = await validateTrainingFile(content.chunks())
  if (faultCount > 0) {
    throw new AssayError(
      'invalid_training_file',
      `${path} is not valid training data: ${faultCount === 1 ? '1 fault' : `${faultCount} faults`}.`,
      {
        status: 400,
        remedy: `\`assay check ${path}\` names them by line.`,
      },
    )
  }
  const file = hashedFile(content)
  const contexts = await findCustomerContexts(rowsOf(file.chunks()))
  return { contexts, sha256: file.digest().sha256 }
}

function tierOption(): Option {
  return new Option(
    '--tier <tier>',
    'what the model can read: ciphers (full), odd spellings (medium), plain words (small); of --model-dir that of its base',
  ).choices(Object.keys(POLICY.model.strategies))
}

function commandOf(model: readonly string[], options: Options, seed: number): string[] {
  return [
    'assay',
    'evaluate',
    ...model,
    ...(options.trainingFile === undefined ? [] : ['--training-file', options.trainingFile]),
    ...(options.compareWith === undefined ? [] : ['--compare-with', options.compareWith]),
    '--judge',
    options.judge,
    '--seed',
    String(seed),
  ]
}
