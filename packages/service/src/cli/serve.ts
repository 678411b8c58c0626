import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { AssayError } from 'assay/errors'
import { Command, InvalidArgumentError, Option } from 'commander'
import { pino } from 'pino'
import { locations, requireAssets } from '../catalogue/index.ts'
import { startService } from './start-service.ts'

/** `assay serve`: one process with everything, until it is told to stop. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the service: API, jobs, evaluation and chat, in one process.')
    .option('--port <port>', 'port to listen on; 0 takes a free one', parsePort, 8787)
    .option('--host <host>', 'address to listen on; only this machine reaches the default', '127.0.0.1')
    .option('--data-dir <dir>', 'folder in which everything is kept', '.assay/data')
    .option('--database-url <url>', 'postgres://… of a Postgres server, instead of the embedded database')
    .option(
      '--trust-key <file...>',
      'public keys in PEM: models that are imported with an attestation of theirs are not evaluated again',
    )
    .option(
      '--allow-import-from <address...>',
      'hosts (storage.example.com, by https), or scheme, host and port, that /openai/files/import may fetch from; else none',
    )
    .option(
      '--geography <name>',
      'where this service evaluates; ASSAY_GEOGRAPHY sets it too',
      process.env.ASSAY_GEOGRAPHY ?? 'local',
    )
    .addOption(
      new Option('--log-level <level>', 'what is logged, to standard error').choices(LOG_LEVELS).default('info'),
    )
    .addHelpText(
      'after',
      `
On its first start it makes a resource \`default\` and prints its API key once. Ctrl-C stops it; jobs go on at the next start.

Environment: ASSAY_API_KEY sets that key (16 characters or more); ASSAY_KEY_ENCRYPTION_KEY (64 hex digits) is used instead of the key file;
ASSAY_OPERATOR_KEY is what \`assay resources\` asks with, and without it nobody can make further resources.`,
    )
    .action(serve)
}

const SECRET = /^\S{16,}$/
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent']

interface ServeOptions {
  port: number
  host: string
  dataDir: string
  databaseUrl?: string
  trustKey?: readonly string[]
  allowImportFrom?: readonly string[]
  geography: string
  logLevel: string
}

async function serve(options: ServeOptions): Promise<void> {
  const apiKey = secretOf('ASSAY_API_KEY')
  const operatorKey = secretOf('ASSAY_OPERATOR_KEY')
  await requireAssets(locations())
  const service = await startService({
    port: options.port,
    host: options.host,
    dataDirectory: options.dataDir,
    databaseUrl: options.databaseUrl,
    allowImportFrom: options.allowImportFrom ?? [],
    geography: options.geography,
    trustedKeys: await Promise.all((options.trustKey ?? []).map(readPublicKey)),
    apiKey,
    operatorKey,
    keyEncryptionKey: process.env.ASSAY_KEY_ENCRYPTION_KEY,
    onApiKey: (key) => process.stdout.write(`API key of the resource "default", shown this once: ${key}\n`),
    log: pino({ level: options.logLevel }, pino.destination(2)),
  })
  process.stdout.write(`Assay listens on ${service.url}\n`)
  await stopped()
  await service.close()
}

/** Resolves at the first signal; more are ignored: a terminal's Ctrl-C comes from the process group and from `assay`. */
export function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => resolve())
  })
}

/**
 * A key of the environment's own choosing; undefined where it is not set. A header of HTTP holds none with blanks.
 * @throws {AssayError} `weak_key`
 */
function secretOf(variable: 'ASSAY_API_KEY' | 'ASSAY_OPERATOR_KEY'): string | undefined {
  const secret = process.env[variable]
  if (!secret || SECRET.test(secret)) return secret || undefined
  throw new AssayError('weak_key', `${variable} has to have 16 characters or more, and no blanks.`, {
    status: 400,
    remedy: 'Take one that nobody can guess, as `openssl rand -hex 32` makes them.',
  })
}

/** @throws {AssayError} `invalid_key` */
async function readPublicKey(path: string): Promise<string> {
  try {
    const pem = await readFile(path, 'utf8')
    const key = createPublicKey(pem)
    // A private key has a public half, but has no business here.
    if (key.asymmetricKeyType === 'ed25519' && !pem.includes('PRIVATE')) {
      return key.export({ type: 'spki', format: 'pem' }).toString()
    }
  } catch {
    // Said below, without what the library quotes of the file.
  }
  throw new AssayError('invalid_key', `${path} is not an Ed25519 public key in PEM.`, {
    status: 400,
    remedy: 'Name the FILE.pub that `assay signing-key FILE` wrote.',
  })
}

function parsePort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new InvalidArgumentError('a port is a number from 0 to 65535')
}
