import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { asPlainMessage, type TrainingMessage } from 'assay/training-data'
import { pythonProgram, TRAINER_FOLDER } from '../python-environment.ts'
import type { Trainer, TrainingEvent, TrainingMetrics, TrainingRequest } from '../trainer.ts'
import { isTrainingErrorCode, TrainingError } from '../training-error.ts'
import { type WorkerMessage, type WorkerMetrics, workerMessage } from './worker-messages.ts'

const LORA_RANK = 16
/** Rows are cut there; attention over more is slow on a processor. */
const CONTEXT_LENGTH = 2048
/** After `cancel` the worker has so long to end by itself. */
const GRACE_MS = 3000

export interface BuiltInTrainerOptions {
  /** A Python with torch, transformers, peft and gguf; the one that set-up installed where it is left out. */
  readonly python?: string | undefined
  /** The folder that holds the package `assay_trainer`. */
  readonly workerFolder?: string | undefined
}

type Worker = ChildProcessByStdio<Writable, Readable, null>

/** LoRA in a Python worker. Rows travel over its pipes only, and it ends when they close, however this process dies. */
export class BuiltInTrainer implements Trainer {
  readonly #python: string
  readonly #workerFolder: string

  constructor(options: BuiltInTrainerOptions = {}) {
    this.#python = options.python ?? pythonProgram()
    this.#workerFolder = options.workerFolder ?? TRAINER_FOLDER
  }

  async *train(request: TrainingRequest): AsyncGenerator<TrainingEvent> {
    const { signal } = request
    signal.throwIfAborted()
    if (!existsSync(this.#python)) throw new TrainingError('trainer_unavailable', 'The Python environment is missing.')
    const worker: Worker = spawn(this.#python, ['-m', 'assay_trainer'], {
      cwd: this.#workerFolder,
      stdio: ['pipe', 'pipe', 'ignore'],
      // Giving memory back at once suits the service (assay.js) and slows torch.
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', MALLOC_TRIM_THRESHOLD_: undefined },
    })
    const ended = once(worker, 'exit').catch(() => undefined)
    worker.stdin.on('error', () => {}) // The worker is gone: its exit says so.
    const abort = () => void stop(worker)
    signal.addEventListener('abort', abort, { once: true })
    const faults = new AbortController()
    const feeding = feed(worker, request, faults.signal).catch((error: unknown) => {
      worker.kill('SIGKILL')
      return { error }
    })
    try {
      for await (const line of createInterface({ input: worker.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
        const message = parsed(line)
        if (message.type === 'error') throw failure(message.code, message.message)
        const event = eventOf(message)
        if (event !== undefined) yield event
        if (message.type === 'completed') return
      }
      signal.throwIfAborted()
      await ended
      faults.abort()
      const fed = await feeding
      if (fed !== undefined) throw fed.error
      throw new TrainingError(
        'training_failed',
        `The training worker ended unexpectedly (${worker.signalCode ?? worker.exitCode}).`,
      )
    } finally {
      faults.abort()
      signal.removeEventListener('abort', abort)
      worker.stdin.end() // It ends with its input.
      if (worker.exitCode === null && worker.signalCode === null) await stop(worker)
    }
  }
}

async function stop(worker: Worker): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  if (worker.stdin.writable) worker.stdin.write('{"type":"cancel"}\n')
  worker.stdin.end()
  const kill = setTimeout(() => worker.kill('SIGKILL'), GRACE_MS)
  await once(worker, 'exit').catch(() => undefined)
  clearTimeout(kill)
}

async function feed(worker: Worker, request: TrainingRequest, over: AbortSignal): Promise<undefined> {
  const send = async (message: object) => {
    if (over.aborted || !worker.stdin.writable) return
    if (!worker.stdin.write(`${JSON.stringify(message)}\n`)) {
      await once(worker.stdin, 'drain', { signal: over }).catch(() => undefined)
    }
  }
  const { base, method, hyperparameters, signal } = request
  await send({
    type: 'start',
    method: method.type,
    ...(method.type === 'dpo' && { beta: method.beta }),
    // The worker runs in a folder of its own.
    base: {
      gguf_path: resolve(base.ggufPath),
      alignment_adapter: base.alignmentAdapterPath === undefined ? null : resolve(base.alignmentAdapterPath),
    },
    hyperparameters: {
      n_epochs: hyperparameters.epochs,
      batch_size: hyperparameters.batchSize,
      learning_rate: hyperparameters.learningRate,
      seed: hyperparameters.seed,
      lora_rank: LORA_RANK,
    },
    ...(request.from && { from: { adapter: resolve(request.from.adapterPath), epochs: request.from.epochs } }),
    output_directory: resolve(request.workingDirectory),
    context_length: CONTEXT_LENGTH,
  })
  const sets = { train: request.rows, replay: request.replayRows, validation: request.validationRows }
  for (const [set, rows] of Object.entries(sets)) {
    for await (const row of rows) {
      if (signal.aborted || over.aborted) return
      await send({
        type: 'row',
        set,
        messages: row.messages.map(workerMessageOf),
        ...(row.nonPreferred && { non_preferred: workerMessageOf(row.nonPreferred) }),
        ...(row.tools && { tools: row.tools }),
      })
    }
  }
  await send({ type: 'end_of_rows' })
}

/** Text as the judge reads it too: tool calls written out. */
function workerMessageOf(message: TrainingMessage): object {
  return { ...asPlainMessage(message), ...(message.weight !== undefined && { weight: message.weight }) }
}

function parsed(line: string): WorkerMessage {
  try {
    return workerMessage.parse(JSON.parse(line))
  } catch {
    throw new TrainingError('training_failed', 'The training worker answered what its protocol does not know.')
  }
}

function failure(code: string, message: string): TrainingError {
  return new TrainingError(isTrainingErrorCode(code) ? code : 'training_failed', `The training failed: ${message}.`)
}

function eventOf(message: WorkerMessage): TrainingEvent | undefined {
  switch (message.type) {
    case 'loading':
      return { type: 'loading' }
    case 'started':
      return { type: 'started', totalSteps: message.total_steps, trainTokens: message.train_tokens }
    case 'metrics':
      return { type: 'metrics', ...metricsOf(message) }
    case 'checkpoint':
      return {
        type: 'checkpoint',
        epoch: message.epoch,
        step: message.step,
        adapterPath: message.adapter_path,
        peftDirectory: message.peft_directory,
        metrics: metricsOf(message.metrics),
      }
    case 'completed':
      return { type: 'completed', trainedTokens: message.trained_tokens }
    default:
      return undefined
  }
}

function metricsOf(metrics: WorkerMetrics): TrainingMetrics {
  return {
    step: metrics.step,
    epoch: metrics.epoch,
    trainLoss: metrics.train_loss,
    trainMeanTokenAccuracy: metrics.train_mean_token_accuracy,
    ...(metrics.train_rewards_accuracy !== undefined && { trainRewardsAccuracy: metrics.train_rewards_accuracy }),
    ...(metrics.train_rewards_margin !== undefined && { trainRewardsMargin: metrics.train_rewards_margin }),
    ...(metrics.valid_loss !== undefined && { validLoss: metrics.valid_loss }),
    ...(metrics.valid_mean_token_accuracy !== undefined && {
      validMeanTokenAccuracy: metrics.valid_mean_token_accuracy,
    }),
    ...(metrics.full_valid_loss !== undefined && { fullValidLoss: metrics.full_valid_loss }),
    ...(metrics.full_valid_mean_token_accuracy !== undefined && {
      fullValidMeanTokenAccuracy: metrics.full_valid_mean_token_accuracy,
    }),
  }
}
