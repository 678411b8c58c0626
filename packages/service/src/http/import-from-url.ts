import { AssayError } from 'assay/errors'
import { MAX_FILE_BYTES } from 'assay/training-data'
import type { Files, ReceivedContent, Resource } from '../resources/index.ts'
import { atMost } from './at-most.ts'
import { fileTooLarge } from './errors/index.ts'

/** Bounds of one import: of its content, of the time that it may take, of how often it may be sent elsewhere. */
export interface ImportLimits {
  readonly bytes: number
  readonly milliseconds: number
  readonly redirects: number
}

export const IMPORT_LIMITS: ImportLimits = { bytes: MAX_FILE_BYTES - 1, milliseconds: 5 * 60 * 1000, redirects: 5 }

/**
 * The origin that an operator allows by naming it: a host, meaning `https://HOST`, or a scheme, host and port.
 *
 * @throws {AssayError} `invalid_import_address`
 */
export function importOrigin(address: string): string {
  const url = URL.parse(address.includes('://') ? address : `https://${address}`)
  if (url && isWeb(url) && url.href === `${url.origin}/` && !address.includes('*')) return url.origin
  throw new AssayError('invalid_import_address', `'${address}' is no address to import from.`, {
    status: 400,
    remedy:
      'Name a host (storage.example.com), or a scheme, host and port (http://10.0.0.5:9000), without a path or a pattern.',
  })
}

/**
 * Streams what is at an address into an encrypted blob. A request for it is a request that this service makes, from where
 * it stands, in its customer's name; so only origins that the operator allowed are asked, and each redirect is held
 * against them again. Nothing of the customer's own request goes along, and of the answer only its status is told.
 */
export async function importFromUrl(
  resource: Resource,
  files: Files,
  wanted: { url: string; origins: ReadonlySet<string>; signal: AbortSignal; limits?: ImportLimits },
): Promise<ReceivedContent> {
  const { origins, limits = IMPORT_LIMITS } = wanted
  const signal = AbortSignal.any([wanted.signal, AbortSignal.timeout(limits.milliseconds)])
  const response = await open(wanted.url, origins, limits.redirects, signal)
  if (Number(response.headers.get('content-length')) > limits.bytes) {
    await response.body?.cancel()
    throw fileTooLarge()
  }
  const received = await files.receiveSent(resource, atMost(limits.bytes, contentOf(response), fileTooLarge))
  if (received.bytes > 0) return received
  await received.discard()
  throw importFailed('There is nothing at the address.')
}

async function open(
  address: string,
  origins: ReadonlySet<string>,
  redirects: number,
  signal: AbortSignal,
): Promise<Response> {
  let url = allowed(URL.parse(address), origins)
  for (let hop = 0; hop <= redirects; hop++) {
    const response = await ask(url, signal)
    const location = response.headers.get('location')
    if (response.status < 300 || response.status >= 400 || location === null) {
      if (response.ok) return response
      await response.body?.cancel()
      throw importFailed(`${url.host} answered with status ${response.status}.`)
    }
    await response.body?.cancel()
    url = allowed(URL.parse(location, url.href), origins)
  }
  throw importFailed(`The address redirects more than ${redirects} times.`)
}

async function ask(url: URL, signal: AbortSignal): Promise<Response> {
  try {
    // Not compressed: its bytes are then the file's, and few of them cannot become many.
    return await fetch(url, { redirect: 'manual', signal, headers: { 'accept-encoding': 'identity' } })
  } catch (cause) {
    throw unreachable(url.host, cause)
  }
}

async function* contentOf(response: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* response.body ?? []
  } catch (cause) {
    throw unreachable(new URL(response.url).host, cause)
  }
}

function isWeb({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:'
}

/** The URL, where it may be asked. What it holds beside the host may be secret, and is not told. */
function allowed(url: URL | null, origins: ReadonlySet<string>): URL {
  if (!url || !isWeb(url) || url.username || url.password) {
    throw new AssayError('invalid_value', "Invalid value for 'content_url': an http or https address.", {
      status: 400,
      param: 'content_url',
    })
  }
  if (origins.has(url.origin)) return url
  throw new AssayError('import_not_allowed', `Files are not imported from ${url.origin} here.`, {
    status: 403,
    param: 'content_url',
    remedy: 'Upload the file, or ask the operator to allow the address (assay serve --allow-import-from).',
  })
}

function unreachable(host: string, cause: unknown): AssayError {
  const late = cause instanceof Error && cause.name === 'TimeoutError'
  return importFailed(late ? `${host} took too long.` : `${host} could not be read to the end.`, cause)
}

function importFailed(message: string, cause?: unknown): AssayError {
  return new AssayError('file_import_failed', message, { status: 400, param: 'content_url', cause })
}
