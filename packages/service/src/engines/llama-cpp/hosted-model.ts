import type { Message } from 'assay/conversations'
import type { Llama, LlamaContext, LlamaModel, Token } from 'node-llama-cpp'
import type { EngineReply, OnDelta, ServedModel } from '../engine.ts'
import { EngineError } from '../engine-error.ts'
import { ChatTemplate } from './chat-template.ts'
import { Lockstep } from './lockstep.ts'
import { type PooledSequence, SequencePool } from './sequence-pool.ts'
import type { WireOptions } from './wire.ts'

/**
 * How a model is spread over the cores: one context for each, with one thread and so many sequences. Two threads that share
 * one small model's layers wait for each other some thousand times a token; beside any other load on the machine that is
 * slower by an order of magnitude (measured on two cores).
 */
export interface Spread {
  readonly contexts: number
  readonly sequencesEach: number
}

const DEFAULT_CONTEXT_LENGTH = 2048
/** As llama.cpp's own default: candidates beyond it are noise, and sorting the whole vocabulary costs more than they are worth. */
const TOP_K = 40

/** A loaded model within the child process. */
export class HostedModel {
  readonly #model: LlamaModel
  readonly #template: ChatTemplate
  readonly #pool: SequencePool
  readonly #contextLength: number

  private constructor(model: LlamaModel, contexts: readonly LlamaContext[], contextLength: number) {
    this.#model = model
    this.#template = new ChatTemplate(model.fileInfo)
    const locksteps = contexts.map(() => new Lockstep())
    const sequences: PooledSequence[] = []
    // Alternating between contexts, so that few callers too are spread over the cores.
    for (let number = 0; contexts[0] !== undefined && contexts[0].sequencesLeft > 0; number += 1) {
      for (const [index, context] of contexts.entries()) {
        sequences.push({ sequence: context.getSequence(), number, lockstep: locksteps[index] as Lockstep })
      }
    }
    this.#pool = new SequencePool(sequences)
    this.#contextLength = contextLength
  }

  static async load(llama: Llama, served: ServedModel, spread: Spread): Promise<HostedModel> {
    const contextLength = served.contextLength ?? DEFAULT_CONTEXT_LENGTH
    // Without memory mapping the files are read whole, and may be deleted afterwards.
    const model = await llama.loadModel({
      modelPath: served.basePath,
      useMmap: false,
      defaultContextFlashAttention: true,
    })
    try {
      const contexts: LlamaContext[] = []
      for (let index = 0; index < spread.contexts; index += 1) {
        contexts.push(
          await model.createContext({
            sequences: spread.sequencesEach,
            contextSize: contextLength,
            batchSize: 512,
            threads: 1,
            ignoreMemorySafetyChecks: true,
            ...(served.adapters.length > 0 && {
              lora: { adapters: served.adapters.map(({ path, scale }) => ({ filePath: path, scale: scale ?? 1 })) },
            }),
          }),
        )
      }
      return new HostedModel(model, contexts, contextLength)
    } catch (error) {
      await model.dispose()
      throw error
    }
  }

  async chat(
    messages: readonly Message[],
    options: WireOptions,
    signal: AbortSignal,
    onDelta?: OnDelta,
  ): Promise<EngineReply> {
    const prompt = this.#model.tokenize(this.#template.render(messages, true), true)
    if (prompt.length >= this.#contextLength) {
      throw new EngineError(
        'context_length_exceeded',
        `the conversation has ${prompt.length} tokens, and the model's context holds ${this.#contextLength} with the reply`,
      )
    }
    const pooled = await this.#pool.acquire(prompt)
    try {
      signal.throwIfAborted()
      return await this.#generate(pooled, prompt, options, signal, onDelta)
    } finally {
      this.#pool.release(pooled)
    }
  }

  async #generate(
    { sequence, number, lockstep }: PooledSequence,
    prompt: Token[],
    options: WireOptions,
    signal: AbortSignal,
    onDelta?: OnDelta,
  ): Promise<EngineReply> {
    const shared = Math.min(sequence.compareContextTokens(prompt).firstDifferentIndex, prompt.length - 1)
    if (sequence.nextTokenIndex > shared) {
      await sequence.eraseContextTokenRanges([{ start: shared, end: sequence.nextTokenIndex }])
    }
    const room = Math.min(options.maxTokens, this.#contextLength - prompt.length)
    const generated: Token[] = []
    const used = () => ({ promptTokens: prompt.length, completionTokens: generated.length })
    const watches = onDelta !== undefined || (options.stop?.length ?? 0) > 0
    const longestStop = Math.max(0, ...(options.stop ?? []).map((stop) => stop.length))
    let sent = 0
    let stopped: string | undefined
    // The last token goes alone, as it does where all before it is known already: on some processors a batch rounds
    // otherwise than one token does, and the same seed would draw another reply.
    const rest = prompt.slice(shared, -1)
    if (rest.length > 0) await sequence.evaluateWithoutGeneratingNewTokens(rest)
    const tokens = sequence.evaluate(prompt.slice(-1), {
      temperature: options.temperature,
      topK: TOP_K,
      topP: options.topP ?? 1,
      seed: options.seed,
      yieldEogToken: true,
    })
    let finishReason: 'stop' | 'length' = 'length'
    lockstep.join()
    try {
      await lockstep.next(number)
      for await (const token of room > 0 ? tokens : []) {
        if (signal.aborted) throw signal.reason
        if (this.#model.isEogToken(token)) {
          finishReason = 'stop'
          break
        }
        generated.push(token)
        if (watches) {
          const text = this.#model.detokenize(generated)
          const at = firstOf(text, options.stop ?? [])
          if (at >= 0) {
            stopped = text.slice(0, at)
            finishReason = 'stop'
            break
          }
          // A character may span tokens, and a stop sequence too: what might still change is held back.
          const whole = text.endsWith('\uFFFD') ? sent : text.length - Math.max(0, longestStop - 1)
          if (onDelta !== undefined && whole > sent) {
            onDelta(text.slice(sent, whole), used())
            sent = whole
          }
        }
        if (generated.length >= room) break
        await lockstep.next(number)
      }
    } finally {
      lockstep.leave()
    }
    const text = stopped ?? withoutHalfCharacter(this.#model.detokenize(generated))
    if (onDelta !== undefined && text.length > sent) onDelta(text.slice(sent), used())
    return { text, finishReason, ...used() }
  }

  async close(): Promise<void> {
    await this.#model.dispose()
  }
}

/** A reply that was cut may end within a character. */
function withoutHalfCharacter(text: string): string {
  return text.endsWith('\uFFFD') ? text.slice(0, -1) : text
}

function firstOf(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0)
  return found.length === 0 ? -1 : Math.min(...found)
}
