import ky, { HTTPError, type KyInstance, TimeoutError } from 'ky'
import pLimit, { type LimitFunction } from 'p-limit'
import type { z } from 'zod'
import { AssayError } from '../errors/index.ts'
import { EndpointUnavailableError, type Reason, ReplyInvalidError, RequestRefusedError, type Role } from './errors.ts'

const REQUESTS_AT_ONCE = 8
const TIMEOUT_MS = 60_000
/** All attempts and the pauses between them may take so many times as long as one. */
const WHOLE_TIMEOUTS = 5
const LONGEST_REPLY_BYTES = 4_000_000
/** Pauses of 0.3, 0.6, 1.2 and 2.4 seconds, or as long as `Retry-After` says. */
const RETRY = {
  limit: 4,
  methods: ['post' as const],
  statusCodes: [408, 429, 500, 502, 503, 504],
  retryOnTimeout: true,
}

export interface EndpointOptions {
  /** What stands behind it, and its name, for messages. */
  readonly role: Role
  readonly name: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** For one attempt, in milliseconds; 60,000 where not given. */
  readonly timeoutMs?: number | undefined
  readonly fetch?: typeof fetch | undefined
}

/** JSON over HTTP to what judges or chats behind an endpoint: few requests at once, again after what passes, errors without text. */
export class Endpoint {
  readonly #of: readonly [Role, string]
  readonly #timeoutMs: number
  readonly #url: string
  readonly #http: KyInstance
  readonly #limit: LimitFunction = pLimit(REQUESTS_AT_ONCE)

  /** @throws {AssayError} `judge_endpoint_invalid` or `judge_key_invalid`, of a model `model_…`, wrong usage both */
  constructor(options: EndpointOptions) {
    requireAddress(options)
    requireHeaders(options)
    this.#of = [options.role, options.name]
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS
    this.#url = options.url.replace(/\/+$/, '')
    this.#http = ky.create({
      headers: options.headers,
      timeout: this.#timeoutMs,
      retry: { ...RETRY, maxRetryAfter: this.#timeoutMs * WHOLE_TIMEOUTS },
      // Texts and keys go where the configuration says, and nowhere else.
      redirect: 'error',
      ...(options.fetch ? { fetch: options.fetch } : {}),
    })
  }

  /**
   * @throws {EndpointUnavailableError} after the last attempt
   * @throws {RequestRefusedError} another status than success
   * @throws {ReplyInvalidError} the reply does not fit the schema, or never ends
   */
  post<Reply>(path: string, body: object, schema: z.ZodType<Reply>, signal: AbortSignal): Promise<Reply> {
    return this.#limit(async () => this.#parse(await this.#send(path, body, signal), schema))
  }

  async #send(path: string, json: object, signal: AbortSignal): Promise<string> {
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs * WHOLE_TIMEOUTS)])
      const response = await this.#http.post(`${this.#url}/${path}`, { json, signal: within })
      return await this.#read(response)
    } catch (error) {
      if (error instanceof ReplyInvalidError) throw error
      // The cause would carry the request, and with it the text.
      if (!(error instanceof HTTPError)) throw new EndpointUnavailableError(...this.#of, this.#networkFault(error))
      const { status } = error.response
      if (RETRY.statusCodes.includes(status)) throw new EndpointUnavailableError(...this.#of, `HTTP ${status}`)
      throw new RequestRefusedError(...this.#of, status, await reasonOf(error.response))
    }
  }

  async #read(response: Response): Promise<string> {
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength
      // Leaving the loop cancels the rest.
      if (bytes > LONGEST_REPLY_BYTES) throw new ReplyInvalidError(...this.#of, 'it is too long')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  }

  #networkFault(error: unknown): string {
    const { name } = error as Error
    if (error instanceof TimeoutError || name === 'TimeoutError') {
      return `no answer within ${this.#timeoutMs / 1000} seconds`
    }
    const { code } = ((error as Error).cause ?? {}) as { code?: unknown }
    return typeof code === 'string' ? code : 'network error'
  }

  #parse<Reply>(text: string, schema: z.ZodType<Reply>): Reply {
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      throw new ReplyInvalidError(...this.#of, 'it is not JSON')
    }
    const parsed = schema.safeParse(json)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    throw new ReplyInvalidError(...this.#of, `${issue?.path.join('.') || 'it'}: ${issue?.code ?? 'invalid'}`)
  }
}

/** A password in the address is never sent, and a query would swallow the path. */
function requireAddress({ role, name, url }: EndpointOptions): void {
  const { username, password, search, hash } = new URL(url)
  if (!username && !password && !search && !hash) return
  throw new AssayError(
    `${role}_endpoint_invalid`,
    `The endpoint of the ${role} ${name} holds a user, a query or a fragment.`,
    {
      status: 400,
      remedy: 'Give the base address only; the key goes into an environment variable.',
    },
  )
}

/** Before fetch sees them: its own message would quote the key. */
function requireHeaders({ role, name, headers }: EndpointOptions): void {
  try {
    new Headers(headers)
  } catch {
    throw new AssayError(
      `${role}_key_invalid`,
      `The API key of the ${role} ${name} holds characters that no HTTP header may hold.`,
      {
        status: 400,
        remedy: 'Set it again: a line break, a typographic dash or a quotation mark may have come along.',
      },
    )
  }
}

/** The error code that OpenAI's and Azure's bodies have; a message may quote the text and is left out. */
async function reasonOf(response: Response): Promise<Reason> {
  const plain = (value: unknown) => (typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : undefined)
  try {
    const { error } = (await response.json()) as { error?: { code?: unknown; param?: unknown } }
    return { code: plain(error?.code), param: plain(error?.param) }
  } catch {
    return {}
  }
}
