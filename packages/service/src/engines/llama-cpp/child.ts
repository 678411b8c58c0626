/** The process that llama.cpp runs in: it may abort on a bad file, and must not take the service with it. */
import { availableParallelism } from 'node:os'
import { getLlama, type Llama, LlamaLogLevel } from 'node-llama-cpp'
import type { OnDelta } from '../engine.ts'
import { EngineError, isEngineError } from '../engine-error.ts'
import { ChatTemplate } from './chat-template.ts'
import { HostedModel } from './hosted-model.ts'
import type { Answer, Request } from './wire.ts'

const SEQUENCES_A_CORE = 8
const spread = { contexts: Math.max(1, availableParallelism()), sequencesEach: SEQUENCES_A_CORE }
const models = new Map<number, Promise<HostedModel>>()
const running = new Map<number, AbortController>()
const counters = new Map<string, Promise<(text: readonly import('assay/conversations').Message[]) => number>>()
let llama: Promise<Llama> | undefined

function answer(message: Answer): void {
  process.send?.(message)
}

function runtime(): Promise<Llama> {
  llama ??= getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel: LlamaLogLevel.disabled,
    maxThreads: 0,
  })
  return llama
}

function counter(basePath: string) {
  const known = counters.get(basePath)
  if (known !== undefined) return known
  const made = runtime().then(async (runtime) => {
    const model = await runtime.loadModel({ modelPath: basePath, vocabOnly: true })
    const template = new ChatTemplate(model.fileInfo)
    return (messages: readonly import('assay/conversations').Message[]) =>
      model.tokenize(template.render(messages, false), true).length
  })
  counters.set(basePath, made)
  made.catch(() => counters.delete(basePath))
  return made
}

async function serve(request: Request): Promise<void> {
  switch (request.type) {
    case 'load': {
      const loading = runtime().then((runtime) => HostedModel.load(runtime, request.model, spread))
      models.set(request.handle, loading)
      try {
        await loading
      } catch (error) {
        models.delete(request.handle)
        throw isEngineError(error)
          ? error
          : new EngineError('model_unreadable', 'the model or an adapter could not be loaded')
      }
      answer({ id: request.id, type: 'result', value: null })
      return
    }
    case 'chat': {
      const model = models.get(request.handle)
      if (model === undefined) throw new EngineError('engine_closed', 'the model was closed')
      const controller = new AbortController()
      running.set(request.id, controller)
      try {
        const answerPiece: OnDelta = (text, usage) => answer({ id: request.id, type: 'delta', text, usage })
        const onDelta = request.streamed ? answerPiece : undefined
        const reply = await (await model).chat(request.messages, request.options, controller.signal, onDelta)
        answer({ id: request.id, type: 'result', value: reply })
      } finally {
        running.delete(request.id)
      }
      return
    }
    case 'count': {
      const count = await counter(request.basePath)
      answer({ id: request.id, type: 'result', value: request.conversations.map(count) })
      return
    }
    case 'abort':
      running.get(request.id)?.abort()
      return
    case 'unload': {
      const model = models.get(request.handle)
      models.delete(request.handle)
      await (await model)?.close()
      answer({ id: request.id, type: 'result', value: null })
      return
    }
  }
}

process.on('message', (request: Request) => {
  serve(request).catch((error: unknown) => {
    // A library's message may quote what it was given, so only our own are passed on.
    const known = isEngineError(error) ? error : new EngineError('engine_failed', 'llama.cpp could not answer')
    answer({ id: request.id, type: 'error', code: known.code, message: known.message })
  })
})
process.on('disconnect', () => process.exit(0))
// Ctrl-C in a terminal reaches the whole group: whoever started this process decides what becomes of it.
process.on('SIGINT', () => {})
