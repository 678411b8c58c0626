import ky, { HTTPError, type KyInstance, TimeoutError } from 'ky'
import pLimit, { type LimitFunction } from 'p-limit'
import type { z } from 'zod'
import { AssayError } from '../../errors/index.ts'
import type { JudgeInput, Judgement } from '../judge.ts'
import { JudgeRefusedRequestError, JudgeReplyInvalidError, JudgeUnavailableError } from './errors.ts'

const REQUESTS_AT_ONCE = 8
const TIMEOUT_MS = 60_000
/** With all attempts and the pauses between them. */
const WHOLE_TIMEOUT_MS = 300_000
/** Pauses of 0.3, 0.6, 1.2 and 2.4 seconds, or as long as `Retry-After` says. */
const RETRY = {
  limit: 4,
  methods: ['post' as const],
  statusCodes: [408, 429, 500, 502, 503, 504],
  retryOnTimeout: true,
  maxRetryAfter: WHOLE_TIMEOUT_MS,
}

export interface EndpointOptions {
  /** The judge that it belongs to, for messages. */
  readonly judge: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly fetch?: typeof fetch | undefined
}

/** JSON over HTTP to the service behind a judge: few requests at once, again after what passes, errors without text. */
export class Endpoint {
  readonly #judge: string
  readonly #url: string
  readonly #http: KyInstance
  readonly #limit: LimitFunction = pLimit(REQUESTS_AT_ONCE)

  /** @throws {AssayError} `judge_endpoint_invalid` or `judge_key_invalid`, wrong usage both */
  constructor(options: EndpointOptions) {
    requireAddress(options)
    requireHeaders(options)
    this.#judge = options.judge
    this.#url = options.url.replace(/\/+$/, '')
    this.#http = ky.create({
      headers: options.headers,
      timeout: TIMEOUT_MS,
      retry: RETRY,
      // Texts and keys go where the configuration says, and nowhere else.
      redirect: 'error',
      ...(options.fetch ? { fetch: options.fetch } : {}),
    })
  }

  /**
   * @throws {JudgeUnavailableError} after the last attempt
   * @throws {JudgeRefusedRequestError} another status than success
   * @throws {JudgeReplyInvalidError} the reply does not fit the schema
   */
  post<Reply>(path: string, body: object, schema: z.ZodType<Reply>, signal: AbortSignal): Promise<Reply> {
    return this.#limit(async () => this.#parse(await this.#send(path, body, signal), schema))
  }

  async #send(path: string, json: object, signal: AbortSignal): Promise<string> {
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(WHOLE_TIMEOUT_MS)])
      const response = await this.#http.post(`${this.#url}/${path}`, { json, signal: within })
      return await response.text()
    } catch (error) {
      // The cause would carry the request, and with it the text.
      if (!(error instanceof HTTPError)) throw new JudgeUnavailableError(this.#judge, networkFault(error))
      const { status } = error.response
      if (RETRY.statusCodes.includes(status)) throw new JudgeUnavailableError(this.#judge, `HTTP ${status}`)
      throw new JudgeRefusedRequestError(this.#judge, status, await errorCode(error.response))
    }
  }

  #parse<Reply>(text: string, schema: z.ZodType<Reply>): Reply {
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      throw new JudgeReplyInvalidError(this.#judge, 'it is not JSON')
    }
    const parsed = schema.safeParse(json)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    throw new JudgeReplyInvalidError(this.#judge, `${issue?.path.join('.') || 'it'}: ${issue?.code ?? 'invalid'}`)
  }
}

/** One judgement an input, in their order; the first that fails ends the others. */
export async function judgeEach(
  inputs: readonly JudgeInput[],
  judgeOne: (input: JudgeInput, signal: AbortSignal) => Promise<Judgement>,
): Promise<readonly Judgement[]> {
  const stop = new AbortController()
  try {
    return await Promise.all(inputs.map((input) => judgeOne(input, stop.signal)))
  } catch (error) {
    stop.abort()
    throw error
  }
}

/** A password in the address is never sent, and a query would swallow the path. */
function requireAddress({ judge, url }: EndpointOptions): void {
  const { username, password, search, hash } = new URL(url)
  if (!username && !password && !search && !hash) return
  throw new AssayError('judge_endpoint_invalid', `The endpoint of ${judge} holds a user, a query or a fragment.`, {
    status: 400,
    remedy: 'Give the base address only; the key goes into the environment variable that apiKeyEnv names.',
  })
}

/** Before fetch sees them: its own message would quote the key. */
function requireHeaders({ judge, headers }: EndpointOptions): void {
  try {
    new Headers(headers)
  } catch {
    throw new AssayError(
      'judge_key_invalid',
      `The API key of ${judge} holds characters that no HTTP header may hold.`,
      {
        status: 400,
        remedy: 'Set it again: a line break, a typographic dash or a quotation mark may have come along.',
      },
    )
  }
}

function networkFault(error: unknown): string {
  if (error instanceof TimeoutError) return `no answer within ${TIMEOUT_MS / 1000} seconds`
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : 'network error'
}

/** The error code that OpenAI's and Azure's bodies have; a message may quote the text and is left out. */
async function errorCode(response: Response): Promise<string | undefined> {
  try {
    const { error } = (await response.json()) as { error?: { code?: unknown } }
    return typeof error?.code === 'string' && /^[\w.-]{1,64}$/.test(error.code) ? error.code : undefined
  } catch {
    return undefined
  }
}
