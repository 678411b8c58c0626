import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Message } from 'assay/conversations'
import type {
  Engine,
  EngineChatOptions,
  EngineReply,
  LoadedModel,
  OnDelta,
  ServedModel,
  StreamPart,
} from '../engine.ts'
import { EngineError } from '../engine-error.ts'
import type { Answer, Request, WireOptions } from './wire.ts'

interface Call {
  readonly settle: (value: EngineReply | readonly number[] | null) => void
  readonly fail: (error: unknown) => void
  readonly onDelta: OnDelta | undefined
}

type Body<R> = R extends Request ? Omit<R, 'id'> : never

/** llama.cpp through node-llama-cpp, in a child process that is started when first needed and again after a crash. */
export class LlamaCppEngine implements Engine {
  readonly #calls = new Map<number, Call>()
  #child: ChildProcess | undefined
  #generation = 0
  #next = 1
  #closed = false

  async load(model: ServedModel): Promise<LoadedModel> {
    const handle = this.#next++
    await this.#ask({ type: 'load', handle, model })
    let loaded = { generation: this.#generation, ready: Promise.resolve<unknown>(null) }
    let open = true
    /** After a crash the model is read again, if its files are still there. */
    const ensure = async () => {
      if (!open) throw new EngineError('engine_closed', 'the model was closed')
      if (this.#child === undefined || loaded.generation !== this.#generation) {
        const ready = this.#ask({ type: 'load', handle, model })
        loaded = { generation: this.#generation, ready }
      }
      await loaded.ready
    }
    const chat = async (messages: readonly Message[], options: EngineChatOptions, onDelta?: OnDelta) => {
      options.signal?.throwIfAborted()
      await ensure()
      const { signal, maxTokens, temperature, seed, stop, topP } = options
      const wire: WireOptions = {
        maxTokens,
        temperature,
        seed,
        ...(stop && { stop }),
        ...(topP !== undefined && { topP }),
      }
      const plain = messages.map(({ role, content }) => ({ role, content }))
      const request = { type: 'chat', handle, messages: plain, options: wire, streamed: onDelta !== undefined } as const
      return (await this.#ask(request, signal, onDelta)) as EngineReply
    }
    return {
      chat: (messages, options) => chat(messages, options),
      stream: (messages, options) =>
        streamed((onDelta, signal) => chat(messages, { ...options, signal }, onDelta), options.signal),
      close: async () => {
        if (!open) return
        open = false
        if (this.#child !== undefined && loaded.generation === this.#generation)
          await this.#ask({ type: 'unload', handle })
      },
    }
  }

  async countTokens(basePath: string, conversations: readonly (readonly Message[])[]): Promise<readonly number[]> {
    const plain = conversations.map((messages) => messages.map(({ role, content }) => ({ role, content })))
    return (await this.#ask({ type: 'count', basePath, conversations: plain })) as readonly number[]
  }

  async close(): Promise<void> {
    this.#closed = true
    const child = this.#child
    if (child === undefined) return
    child.ref()
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    await ended
  }

  #ask(body: Body<Request>, signal?: AbortSignal, onDelta?: OnDelta) {
    return new Promise<EngineReply | readonly number[] | null>((resolve, reject) => {
      if (this.#closed) return reject(new EngineError('engine_closed', 'the engine was closed'))
      const id = this.#next++
      const child = this.#running()
      const abort = () => {
        this.#forget(id, child)
        if (child.connected) child.send({ id, type: 'abort' } satisfies Request)
        reject(signal?.reason)
      }
      const done = () => {
        this.#forget(id, child)
        signal?.removeEventListener('abort', abort)
      }
      const settle: Call['settle'] = (value) => {
        done()
        resolve(value)
      }
      const fail: Call['fail'] = (error) => {
        done()
        reject(error)
      }
      this.#calls.set(id, { settle, fail, onDelta })
      child.ref()
      child.channel?.ref()
      signal?.addEventListener('abort', abort, { once: true })
      child.send({ ...body, id } as Request, (error) => {
        if (error !== null) fail(new EngineError('engine_crashed', 'the process of llama.cpp is gone'))
      })
    })
  }

  /** Only a pending call keeps this process alive. */
  #forget(id: number, child: ChildProcess): void {
    this.#calls.delete(id)
    if (this.#calls.size > 0) return
    child.unref()
    child.channel?.unref()
  }

  #running(): ChildProcess {
    if (this.#child !== undefined) return this.#child
    const source = import.meta.url.endsWith('.ts')
    const child = fork(fileURLToPath(new URL(source ? './child.ts' : './child.js', import.meta.url)), {
      execArgv: source ? ['--conditions=assay-source'] : [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child = child
    this.#generation += 1
    child.on('message', (message) => this.#hear(message as Answer))
    child.on('error', () => this.#lost(child))
    child.on('exit', () => this.#lost(child))
    child.unref()
    child.channel?.unref()
    return child
  }

  #hear(message: Answer): void {
    const call = this.#calls.get(message.id)
    if (call === undefined) return
    if (message.type === 'delta') call.onDelta?.(message.text, message.usage)
    else if (message.type === 'result') call.settle(message.value)
    else call.fail(new EngineError(message.code, message.message))
  }

  #lost(child: ChildProcess): void {
    if (this.#child !== child) return
    this.#child = undefined
    const error = this.#closed
      ? new EngineError('engine_closed', 'the engine was closed')
      : new EngineError('engine_crashed', 'the process of llama.cpp ended unexpectedly; the next call starts it again')
    for (const call of [...this.#calls.values()]) call.fail(error)
  }
}

/** A callback's pieces as an iterable; leaving the loop early aborts the call. */
async function* streamed(
  call: (onDelta: OnDelta, signal: AbortSignal) => Promise<EngineReply>,
  outer: AbortSignal | undefined,
): AsyncGenerator<StreamPart> {
  const leaving = new AbortController()
  const signal = outer === undefined ? leaving.signal : AbortSignal.any([outer, leaving.signal])
  const parts: StreamPart[] = []
  let failure: { readonly error: unknown } | undefined
  let ended = false
  let wake = () => {}
  const reply = call((text, usage) => {
    parts.push({ type: 'text', text, ...usage })
    wake()
  }, signal).then(
    (reply) => parts.push({ type: 'end', ...reply }),
    (error: unknown) => {
      failure = { error }
    },
  )
  reply.finally(() => {
    ended = true
    wake()
  })
  try {
    for (;;) {
      const part = parts.shift()
      if (part !== undefined) yield part
      else if (failure !== undefined) throw failure.error
      else if (ended) return
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    leaving.abort()
  }
}
