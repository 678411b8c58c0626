import { constants, openAsBlob } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AssayError } from 'assay/errors'
import { whileWaiting } from 'assay/terminal'

export interface Connection {
  readonly url: string
  readonly apiKey: string
}

/** Speaks to a running service; its errors come out as they went in. */
export class ApiClient {
  readonly #url: string
  readonly #apiKey: string
  readonly #quiet: boolean
  readonly #patience: number | undefined

  constructor({ url, apiKey }: Connection, quiet = false, patience?: number) {
    // What one has set for OpenAI's clients ends in /v1; this asks other paths too.
    this.#url = url.replace(/\/+$/, '').replace(/\/v1$/, '')
    this.#apiKey = apiKey
    this.#quiet = quiet
    this.#patience = patience
  }

  /**
   * The same, but it says nothing of waiting: for one who draws on the terminal.
   *
   * @param patience milliseconds after which a silent service counts as unreachable; as long as it takes where left out
   */
  quiet(patience?: number): ApiClient {
    return new ApiClient({ url: this.#url, apiKey: this.#apiKey }, true, patience)
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#json(path, { method: 'GET' })
  }

  post<Answer>(path: string, body: object = {}): Promise<Answer> {
    const headers = { 'content-type': 'application/json' }
    return this.#json(path, { method: 'POST', body: JSON.stringify(body), headers })
  }

  put<Answer>(path: string, body: object): Promise<Answer> {
    const headers = { 'content-type': 'application/json' }
    return this.#json(path, { method: 'PUT', body: JSON.stringify(body), headers })
  }

  delete<Answer>(path: string): Promise<Answer> {
    return this.#json(path, { method: 'DELETE' })
  }

  /** Deletes where the answer has no body. */
  async remove(path: string): Promise<void> {
    await this.#send(path, { method: 'DELETE' })
  }

  /** Streams a file from disk. */
  async upload<Answer>(path: string): Promise<Answer> {
    const form = new FormData()
    form.append('purpose', 'fine-tune')
    form.append('file', await fileAsBlob(path), basename(path))
    return this.#json('/v1/files', { method: 'POST', body: form })
  }

  /** A form of fields, and of files that are streamed from disk. */
  async form<Answer>(
    path: string,
    fields: Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    for (const [name, file] of Object.entries(files)) form.append(name, await fileAsBlob(file), basename(file))
    return this.#json(path, { method: 'POST', body: form })
  }

  async content(path: string): Promise<AsyncIterable<Uint8Array>> {
    return (await this.#send(path, { method: 'GET' })).body as unknown as AsyncIterable<Uint8Array>
  }

  /** The values of a stream of server-sent events, until `[DONE]`. */
  async *stream<Value>(path: string, body: object): AsyncGenerator<Value> {
    const headers = { 'content-type': 'application/json' }
    const reply = await this.#send(path, { method: 'POST', body: JSON.stringify(body), headers })
    const decoder = new TextDecoder()
    let pending = ''
    for await (const part of reply.body as unknown as AsyncIterable<Uint8Array>) {
      pending += decoder.decode(part, { stream: true })
      const lines = pending.split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) {
        if (!line.startsWith('data: ') || line === 'data: [DONE]') continue
        const value = JSON.parse(line.slice(6)) as { error?: ErrorBody }
        if (value.error) throw asError(value.error, 502)
        yield value as Value
      }
    }
  }

  async #json<Answer>(path: string, init: RequestInit): Promise<Answer> {
    const reply = await this.#send(path, init)
    return reply.json().catch((cause: unknown) => {
      throw this.#unreachable(`What answers at ${this.#url} broke off, or is not an Assay service.`, cause)
    }) as Promise<Answer>
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.#apiKey}` }
    const signal = this.#patience === undefined ? null : AbortSignal.timeout(this.#patience)
    const asking = fetch(this.#url + path, { ...init, headers, signal }).catch((cause: unknown) => {
      throw this.#unreachable(`No service answers at ${this.#url}.`, cause)
    })
    const reply = await (this.#quiet ? asking : whileWaiting(`Waiting for ${this.#url}`, asking))
    if (reply.ok) return reply
    const body = (await reply.json().catch(() => ({}))) as { error?: ErrorBody }
    throw asError(body.error ?? { message: `The service answered ${reply.status}.` }, reply.status)
  }

  #unreachable(message: string, cause: unknown): AssayError {
    return new AssayError('service_unreachable', message, {
      cause,
      status: 503,
      remedy: 'Start one with `assay serve`, or name its address with --url or ASSAY_URL.',
    })
  }
}

interface ErrorBody {
  readonly message: string
  readonly code?: string
  readonly param?: string | null
}

function asError({ message, code, param }: ErrorBody, status: number): AssayError {
  return new AssayError(code ?? 'service_error', message, { status, ...(param && { param }) })
}

/** A file, to be read when it is needed. Throws `file_unreadable`. */
export async function fileAsBlob(path: string): Promise<Blob> {
  try {
    await access(path, constants.R_OK)
    if ((await stat(path)).isDirectory()) throw new Error('a folder')
    return await openAsBlob(path)
  } catch (cause) {
    throw new AssayError('file_unreadable', `${path} cannot be read.`, {
      cause,
      status: 400,
      param: 'FILE',
      remedy: 'Name a file that this user may read.',
    })
  }
}
