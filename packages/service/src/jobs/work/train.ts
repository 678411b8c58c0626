import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from 'assay/errors'
import { catalogueModel, openBaseModel } from '../../catalogue/index.ts'
import { meter } from '../../metering/index.ts'
import type { StoredBlob } from '../../storage/index.ts'
import type { TrainingRequest } from '../../trainers/index.ts'
import { addCheckpoint, deleteCheckpoints } from '../checkpoint-records.ts'
import { EVENTS } from '../events.ts'
import { trainingRows } from './training-rows.ts'
import type { WorkOn } from './work-on.ts'

/**
 * Trains an adapter. Its checkpoints are encrypted as they appear, and the last one becomes the job's model. Begun
 * again from the start when it was interrupted: with the same seed it takes the same way.
 */
export async function train(work: WorkOn): Promise<void> {
  const directory = await mkdtemp(join(work.scratch, 'training-'))
  try {
    await deleteCheckpoints(work.sql, work.blobs, work.job.id)
    await conclude(work, await run(work, directory))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

interface Trained {
  readonly adapter: StoredBlob
  readonly tokens: number
  readonly results: string
}

async function run(work: WorkOn, workingDirectory: string): Promise<Trained> {
  const { job, records } = work
  const results: string[] = ['step,train_loss']
  let adapter: StoredBlob | undefined
  for await (const event of work.trainer.train(await trainingRequest(work, workingDirectory))) {
    switch (event.type) {
      case 'loading':
        break
      case 'started':
        await records.append(job.id, EVENTS.trainingStarted)
        break
      case 'metrics': {
        const metrics = asReported(event)
        results.push(`${event.step},${metrics.train_loss}`)
        await records.append(job.id, EVENTS.step(event.step, metrics))
        break
      }
      case 'checkpoint': {
        adapter = await work.blobs.put(work.resource.dataKey, createReadStream(event.adapterPath))
        const { epoch, step } = event
        await addCheckpoint(work.sql, work.blobs, job, {
          epoch,
          step,
          metrics: asReported(event.metrics),
          blob: adapter,
        })
        break
      }
      case 'completed':
        if (!adapter) throw new AssayError('training_failed', 'The training ended without a checkpoint.')
        return { adapter, tokens: event.trainedTokens, results: `${results.join('\n')}\n` }
    }
  }
  throw new AssayError('training_failed', 'The training ended without a model.')
}

async function trainingRequest(work: WorkOn, workingDirectory: string): Promise<TrainingRequest> {
  const { job, resource, files } = work
  const model = catalogueModel(job.model)
  const base = await openBaseModel(model, work.where)
  return {
    base,
    rows: trainingRows(files, resource, job.trainingFile),
    replayRows: [],
    validationRows: job.validationFile ? trainingRows(files, resource, job.validationFile) : [],
    hyperparameters: { epochs: 2, batchSize: 4, learningRate: 5e-4, seed: job.seed },
    workingDirectory,
    signal: work.signal,
  } as never
}

function asReported(metrics: object): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics)
      .filter(([name, value]) => typeof value === 'number' && name !== 'step')
      .map(([name, value]) => [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  )
}

async function conclude(work: WorkOn, { adapter, tokens, results }: Trained): Promise<void> {
  const { job, records } = work
  const usage = {
    resourceId: job.resourceId,
    jobId: job.id,
    model: job.model,
    kind: 'trained_tokens',
    quantity: tokens,
  } as const
  await meter(work.sql, usage)
  const file = await work.files.receive(work.resource, only(results))
  await records.advance(job, 'trained', {
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

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
