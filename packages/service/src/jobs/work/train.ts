import { access, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { alignmentRows, catalogueModel, openBaseModel } from '../../catalogue/index.ts'
import { unsealAdapter } from '../../deployments/index.ts'
import { meter } from '../../metering/index.ts'
import { contentOf, type StoredBlob } from '../../storage/index.ts'
import {
  chooseHyperparameters,
  chooseMethod,
  countSystemPrompts,
  forTrainer,
  RESULTS_HEADER,
  replayRows,
  resultsLine,
  TrainingError,
  type TrainingMetrics,
  type TrainingRequest,
} from '../../trainers/index.ts'
import { addCheckpoint, checkpointOfEpoch, deleteCheckpoints } from '../checkpoint-records.ts'
import { EVENTS } from '../events.ts'
import { trainingRows } from './training-rows.ts'
import type { WorkOn } from './work-on.ts'

/**
 * Trains an adapter. Its checkpoints are encrypted as they appear, and the last one becomes the job's model. Begun
 * again when it was interrupted, from the start or from where it was paused: with the same seed it takes the same way.
 */
export async function train(work: WorkOn): Promise<void> {
  const directory = await mkdtemp(join(work.scratch, 'training-'))
  try {
    const from = await startingPoint(work, directory)
    await deleteCheckpoints(work.sql, work.blobs, work.job.id, (epoch) => epoch > (from?.epochs ?? 0))
    const trained = await run(work, directory, from)
    if ('pausedAfter' in trained) await pause(work, trained)
    else await conclude(work, trained)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

interface Trained {
  readonly adapter: StoredBlob
  readonly tokens: number
  readonly results: string
}

interface Paused {
  readonly pausedAfter: number
  readonly tokens: number
}

interface StartingPoint {
  readonly adapterPath: string
  readonly epochs: number
  readonly step: number
}

/** The checkpoint that the job was paused at, in the clear; nothing for one that begins at the base model. */
async function startingPoint(
  { job, sql, blobs, resource }: WorkOn,
  directory: string,
): Promise<StartingPoint | undefined> {
  if (job.pausedEpoch === null) return undefined
  const checkpoint = await checkpointOfEpoch(sql, job.id, job.pausedEpoch)
  if (!checkpoint) throw new TrainingError('training_failed', 'The checkpoint to go on from is not there.')
  const { path } = await unsealAdapter(blobs.get(resource.dataKey, checkpoint.blob_id), directory)
  return { adapterPath: path, epochs: checkpoint.epoch, step: checkpoint.step }
}

/** @returns what came of it, or the epoch that it stopped after because the job is to be paused */
async function run(work: WorkOn, directory: string, from: StartingPoint | undefined): Promise<Trained | Paused> {
  const { job, records } = work
  const request = await trainingRequest(work, directory, from)
  const results = [RESULTS_HEADER, ...(await resultsUpTo(work, from?.step ?? 0))]
  let adapter: StoredBlob | undefined
  let tokensAnEpoch = 0
  for await (const event of work.trainer.train(request)) {
    switch (event.type) {
      case 'loading':
        break
      case 'started':
        tokensAnEpoch = event.trainTokens
        await records.append(job.id, EVENTS.trainingStarted)
        break
      case 'metrics':
        results.push(resultsLine({ step: event.step, ...reported(event) }))
        await records.append(job.id, EVENTS.step(event.step, reported(event)))
        break
      case 'checkpoint':
        await access(event.adapterPath).catch(() => {
          throw new TrainingError('training_failed', 'The trainer wrote no checkpoint where it says that it did.')
        })
        adapter = await work.blobs.put(work.resource.dataKey, contentOf(event.adapterPath))
        await addCheckpoint(work.sql, work.blobs, job, {
          ...event,
          metrics: reported(event.metrics),
          blob: adapter,
          trainedTokens: tokensAnEpoch * event.epoch,
        })
        if (event.epoch < request.hyperparameters.epochs && (await records.state(job.id)) === 'pausing') {
          return { pausedAfter: event.epoch, tokens: tokensAnEpoch * event.epoch }
        }
        break
      case 'completed':
        if (!adapter) throw new TrainingError('training_failed', 'The training ended without a checkpoint.')
        return { adapter, tokens: event.trainedTokens, results: `${results.join('\n')}\n` }
    }
  }
  throw new TrainingError('training_failed', 'The training ended without a model.')
}

/** Lines of the steps before it was paused, from their events. */
async function resultsUpTo({ job, records }: WorkOn, step: number): Promise<string[]> {
  if (step === 0) return []
  const steps = await records.metrics(job.id, Number.MAX_SAFE_INTEGER)
  return steps.filter((metrics) => (metrics.step ?? 0) <= step).map(resultsLine)
}

async function pause(work: WorkOn, { pausedAfter: epoch, tokens }: Paused): Promise<void> {
  const { job, records } = work
  await meterTokens(work, tokens)
  const now = (await records.find(job.id)) ?? job
  await records.advance(now, 'paused', { events: [EVENTS.paused(epoch)], changes: { paused_epoch: epoch } })
}

/** Settles what was `auto`, and mixes in the alignment rows of safety replay. */
async function trainingRequest(
  work: WorkOn,
  workingDirectory: string,
  from: StartingPoint | undefined,
): Promise<TrainingRequest> {
  const { job, resource, files, records } = work
  const base = await openBaseModel(catalogueModel(job.model), work.where)
  const customer = await countSystemPrompts(trainingRows(files, resource, job.trainingFile))
  const { n_epochs, batch_size, learning_rate_multiplier, beta } = job.hyperparameters
  const requested = { nEpochs: n_epochs, batchSize: batch_size, learningRateMultiplier: learning_rate_multiplier, beta }
  const chosen = chooseHyperparameters(requested, customer.rows)
  const method = chooseMethod(job.method, requested)
  await records.settleHyperparameters(job.id, {
    n_epochs: chosen.nEpochs,
    batch_size: chosen.batchSize,
    learning_rate_multiplier: chosen.learningRateMultiplier,
    ...(method.type === 'dpo' && { beta: method.beta }),
  })
  return {
    base,
    method,
    rows: trainingRows(files, resource, job.trainingFile),
    replayRows: replayRows(await alignmentRows(work.where), customer, job.seed),
    validationRows: job.validationFile ? trainingRows(files, resource, job.validationFile, 'validation_file') : [],
    hyperparameters: forTrainer(chosen, method, job.seed),
    from,
    workingDirectory,
    signal: work.signal,
  }
}

/** Metrics under the names that the API gives them. */
function reported(metrics: TrainingMetrics): Record<string, number> {
  const named = {
    train_loss: metrics.trainLoss,
    train_mean_token_accuracy: metrics.trainMeanTokenAccuracy,
    train_rewards_accuracy: metrics.trainRewardsAccuracy,
    train_rewards_margin: metrics.trainRewardsMargin,
    valid_loss: metrics.validLoss,
    valid_mean_token_accuracy: metrics.validMeanTokenAccuracy,
    full_valid_loss: metrics.fullValidLoss,
    full_valid_mean_token_accuracy: metrics.fullValidMeanTokenAccuracy,
  }
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, number] => entry[1] !== undefined))
}

async function conclude(work: WorkOn, { adapter, tokens, results }: Trained): Promise<void> {
  const { job, records } = work
  await meterTokens(work, tokens)
  const file = await work.files.receive(work.resource, only(results))
  // Where it was to be paused, that came too late.
  const now = (await records.find(job.id)) ?? job
  await records.advance(now, 'trained', {
    events: [EVENTS.resultsCreated(file.id)],
    changes: {
      adapter_blob_id: adapter.id,
      adapter_sha256: adapter.sha256,
      trained_tokens: tokens,
      result_file: file.id,
    },
    also: async (sql) => void (await file.keep({ filename: 'results.csv', purpose: 'fine-tune-results' }, sql)),
  })
}

function meterTokens({ job, sql }: WorkOn, quantity: number): Promise<void> {
  const { resourceId, id: jobId, model } = job
  return meter(sql, { resourceId, jobId, model, kind: 'trained_tokens', quantity })
}

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
