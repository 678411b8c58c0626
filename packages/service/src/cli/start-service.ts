import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AssayError, EvaluationUnavailableError } from 'assay/errors'
import type { Judge } from 'assay/judges'
import { type Logger, pino } from 'pino'
import { loadHarmlessPrompts, loadJudge, loadObjectives, locations } from '../catalogue/index.ts'
import { ContentFilterConfigurations } from '../content-filters/index.ts'
import { type AskForEvaluation, Attestations, Chat, Deployments, Gate, Models } from '../deployments/index.ts'
import { type Engine, LlamaCppEngine } from '../engines/index.ts'
import { buildApp, importOrigin } from '../http/index.ts'
import { EvaluationProgress, evaluateCandidate, JobQueue, JobRecords, JobRunner } from '../jobs/index.ts'
import { Files, GEOGRAPHY, Resources, Uploads } from '../resources/index.ts'
import {
  type Blobs,
  loadKeyEncryptionKey,
  openDatabase,
  openDataDirectory,
  openEncryptedBlobs,
  type Sql,
} from '../storage/index.ts'
import { builtInTrainer, type Trainer } from '../trainers/index.ts'

export interface ServiceOptions {
  /** 0 takes a free one. */
  readonly port?: number
  readonly host?: string
  /** Made where it is missing; without one, a temporary folder that goes with the service. */
  readonly dataDirectory?: string | undefined
  /** A Postgres server; else an embedded database in the data directory. */
  readonly databaseUrl?: string | undefined
  /** The key of the resource `default`; else one is made at the first start. */
  readonly apiKey?: string | undefined
  /** Called once with a key that was made, before anything else can fail: it cannot be shown again. */
  readonly onApiKey?: (key: string) => void
  readonly keyEncryptionKey?: string | undefined
  /** Makes, lists and deletes resources; without one nobody does. */
  readonly operatorKey?: string | undefined
  /** Public keys in PEM of others whose attestations count here; each an Ed25519 key. */
  readonly trustedKeys?: readonly string[]
  /** Hosts, or schemes, hosts and ports, that files may be imported from; none where not given. */
  readonly allowImportFrom?: readonly string[]
  /** Where this process evaluates; new resources are of this geography. */
  readonly geography?: string
  readonly log?: Logger
  /** The built-in ones where not given. */
  readonly trainer?: Trainer
  readonly engine?: Engine
  readonly judge?: () => Promise<Judge>
}

export interface Service {
  readonly url: string
  /** At the first start, or as given; a stored key cannot be shown again. */
  readonly apiKey: string | undefined
  /** Lets go of all work; jobs go on at the next start. */
  close(): Promise<void>
}

const ORPHAN_AGE = 24 * 3600 * 1000
/** How often files and uploads that have expired are deleted, in milliseconds; nobody reads one in between. */
const EXPIRY_INTERVAL = 3600 * 1000

/** Joins the rooms into one process: everything that is shared between them is made here. */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const log = options.log ?? pino({ level: 'silent' })
  const closing: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of closing.reverse().splice(0)) {
      await step().catch((error: Error) => log.error({ name: error.name }, 'while closing'))
    }
  }
  try {
    return await open(options, log, closing, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  options: ServiceOptions,
  log: Logger,
  closing: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Service> {
  const geography = options.geography ?? 'local'
  requireGeography(geography)
  const importOrigins = new Set((options.allowImportFrom ?? []).map(importOrigin))
  const directory = await openDataDirectory(options.dataDirectory ?? (await temporaryDirectory(closing)))
  closing.push(() => directory.release())
  const url = options.databaseUrl
  const database = await openDatabase({ url, directory: directory.database })
  closing.push(() => database.close())
  const { sql } = database
  const blobs = await openEncryptedBlobs(directory.blobs, { leftoverAge: url ? ORPHAN_AGE : 0 })
  const files = new Files(sql, blobs)
  const uploads = new Uploads(sql, blobs, files)
  const deleteExpired = async () => {
    await files.deleteExpired()
    await uploads.deleteExpired()
  }
  await deleteExpired()
  await sweep(sql, blobs)

  const keys = await loadKeyEncryptionKey(directory.keyEncryptionKey, options.keyEncryptionKey)
  const resources = new Resources(sql, keys)
  const apiKey = await resources.ensureDefault(geography, options.apiKey)
  if (apiKey !== undefined && options.apiKey === undefined) options.onApiKey?.(apiKey)
  const attestations = new Attestations(sql, keys, options.trustedKeys)
  await attestations.ensureSigningKey()

  const where = locations()
  const judge = evaluatorsFault(options.judge ?? once(() => loadJudge(where)))
  const engine = options.engine ?? new LlamaCppEngine()
  const trainer = options.trainer ?? builtInTrainer()
  closing.push(() => engine.close())
  const records = new JobRecords(sql)
  const progress = new EvaluationProgress()
  const models = new Models(sql, blobs)
  const { scratch } = directory
  const queue = new JobQueue(database, geography, log)
  const evaluate: AskForEvaluation = (resourceId, candidate) =>
    evaluateCandidate({ sql, records, queue }, resourceId, candidate)
  const gate = new Gate({ sql, blobs, models, attestations, evaluate, where, scratch })
  const deployments = new Deployments(sql, gate)
  const contentFilters = new ContentFilterConfigurations(sql)
  const chat = new Chat({ sql, deployments, gate, engine, judge })
  closing.push(() => chat.close())

  const objectives = once(() => loadObjectives(where))
  const harmlessPrompts = once(() => loadHarmlessPrompts(where))
  const evaluation = { judge, objectives, harmlessPrompts, baseOutcomes: new Map(), progress, engine, trainer }
  const runner = new JobRunner(
    { sql, blobs, resources, files, attestations, records, where, scratch, log, ...evaluation },
    queue,
  )
  closing.push(() => runner.stop())
  await queue.start()
  await runner.start()
  const expiry = setInterval(() => {
    deleteExpired().catch((error: Error) => log.error({ name: error.name }, 'while deleting what has expired'))
  }, EXPIRY_INTERVAL)
  closing.push(async () => clearInterval(expiry))

  const app = await buildApp({
    database,
    blobs,
    resources,
    files,
    uploads,
    records,
    queue,
    progress,
    models,
    attestations,
    gate,
    deployments,
    contentFilters,
    chat,
    judge,
    importOrigins,
    geography,
    operatorKey: options.operatorKey,
    where,
    scratch,
    portal: where.portal,
    log,
  })
  closing.push(() => app.close())
  // First of all, so that what ends with the service is not taken for a failure of the job.
  closing.push(async () => runner.letGo())
  const { host = '127.0.0.1', port = 0 } = options
  await app.listen({ port, host }).catch((cause: unknown) => {
    throw cannotListen(host, port, cause)
  })
  const name = host.includes(':') ? `[${host}]` : host
  return { url: `http://${name}:${(app.server.address() as AddressInfo).port}`, apiKey, close }
}

/** Refused before anything is opened. */
function requireGeography(name: string): void {
  if (GEOGRAPHY.test(name)) return
  throw new AssayError('invalid_geography', `'${name}' cannot be the name of a geography.`, {
    status: 400,
    remedy: 'Use letters a to z, digits, `.`, `/`, `-` and `_` (--geography or ASSAY_GEOGRAPHY).',
  })
}

function cannotListen(host: string, port: number, cause: unknown): AssayError {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException
  const why = code === 'EADDRINUSE' ? 'another program listens there' : code
  const elsewhere = 'Choose another port with --port, or stop the other program.'
  const remedy =
    code === 'EADDRINUSE'
      ? elsewhere
      : 'Choose an address of this machine with --host, and a port that this user may take with --port.'
  return new AssayError('cannot_listen', `The service cannot listen on ${host}:${port}: ${why}.`, {
    cause,
    status: 400,
    remedy,
  })
}

async function temporaryDirectory(closing: (() => Promise<unknown>)[]): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'assay-'))
  closing.push(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Deletes content that no row speaks of: a crash came between the two. */
async function sweep(sql: Sql, blobs: Blobs): Promise<void> {
  await blobs.sweep(async (id) => {
    const found = await sql
      .selectFrom('files')
      .select('blob_id')
      .where('blob_id', '=', id)
      .union(sql.selectFrom('upload_parts').select('blob_id').where('blob_id', '=', id))
      .union(sql.selectFrom('checkpoints').select('blob_id').where('blob_id', '=', id))
      .union(sql.selectFrom('models').select('blob_id').where('blob_id', '=', id))
      .union(
        sql
          .selectFrom('jobs')
          .select('adapter_blob_id as blob_id')
          .where('adapter_blob_id', '=', id)
          .$castTo<{ blob_id: string }>(),
      )
      .executeTakeFirst()
    return found !== undefined
  })
}

/** Loads at the first call; a failure is tried again at the next. */
function once<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loading: Promise<Value> | undefined
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
}

/** A judge that cannot be loaded says nothing about what it was to judge. */
function evaluatorsFault<Value>(load: () => Promise<Value>): () => Promise<Value> {
  return () =>
    load().catch((cause: unknown) => {
      throw new EvaluationUnavailableError('The judge could not be loaded.', cause)
    })
}
