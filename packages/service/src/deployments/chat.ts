import type { Message } from 'assay/conversations'
import { AssayError } from 'assay/errors'
import type { Judge } from 'assay/judges'
import {
  ContentFilter,
  contentFilterConfiguration,
  DEFAULT_CONFIGURATION,
  type FilteredPart,
} from '../content-filters/index.ts'
import {
  type Engine,
  type EngineError,
  isEngineError,
  type LoadedModel,
  type StreamPart,
  type TokenUsage,
} from '../engines/index.ts'
import { meter } from '../metering/index.ts'
import type { Resource } from '../resources/index.ts'
import type { Sql } from '../storage/index.ts'
import { type Deployments, deploymentNotFound } from './deployments.ts'
import type { Gate } from './gate.ts'
import { LoadedModels } from './loaded-models.ts'

export interface ChatRequest {
  /** A deployment's name; where `byModel`, a model's name will do. */
  readonly target: string
  readonly byModel: boolean
  readonly messages: readonly Message[]
  readonly maxTokens: number
  readonly temperature: number
  readonly topP: number
  readonly stop: readonly string[]
  readonly seed: number
  /** Whether the reply is wanted as it is written. */
  readonly streamed: boolean
  readonly signal: AbortSignal
}

/** Chat with models that passed the gate, through the content filter of their deployment. */
export class Chat {
  readonly #sql: Sql
  readonly #deployments: Deployments
  readonly #gate: Gate
  readonly #loaded: LoadedModels
  readonly #judge: () => Promise<Judge>

  constructor(parts: {
    sql: Sql
    deployments: Deployments
    gate: Gate
    engine: Engine
    /** Of the content filters. */
    judge: () => Promise<Judge>
  }) {
    const { sql, deployments, gate, engine, judge } = parts
    this.#sql = sql
    this.#deployments = deployments
    this.#gate = gate
    this.#loaded = new LoadedModels(gate, engine)
    this.#judge = judge
  }

  /** The reply, part by part; its tokens are metered when it ends, or when its client is gone. */
  async *reply(resource: Resource, request: ChatRequest): AsyncGenerator<FilteredPart> {
    const { model, contentFilter } = await this.#targetOf(resource, request)
    await this.#gate.refuseBlocked(resource.id, model)
    const configuration = await contentFilterConfiguration(this.#sql, resource.id, contentFilter)
    const filter = new ContentFilter(configuration, this.#judge)
    /** What is not metered yet. */
    let used: TokenUsage | undefined
    const answer = (loaded: LoadedModel) =>
      filter.apply(
        request.messages,
        generate(loaded, request, (usage) => {
          used = usage
        }),
        request.streamed,
      )
    try {
      for await (const part of this.#loaded.lend(resource, model, answer)) {
        if (part.type === 'end') {
          await this.#meter(resource.id, model, part)
          used = undefined
        }
        yield part
      }
    } catch (error) {
      // A reply that failed costs nothing; one that its client gave up costs what was written.
      if (!request.signal.aborted) used = undefined
      throw error
    } finally {
      if (used) await this.#meter(resource.id, model, used)
    }
  }

  /** Lets go of a model that was deleted. */
  forget(resourceId: string, name: string): Promise<void> {
    return this.#loaded.forget({ id: resourceId }, name)
  }

  /** Lets go of every model of a resource that was deleted. */
  forgetAll(resourceId: string): Promise<void> {
    return this.#loaded.forgetAll({ id: resourceId })
  }

  close(): Promise<void> {
    return this.#loaded.close()
  }

  async #targetOf(resource: Resource, { target, byModel }: ChatRequest) {
    const deployment = await this.#deployments.target(resource.id, target)
    if (!deployment && !byModel) throw deploymentNotFound(target)
    return {
      model: deployment?.model ?? target,
      contentFilter: deployment?.contentFilter ?? DEFAULT_CONFIGURATION.name,
    }
  }

  async #meter(resourceId: string, model: string, usage: TokenUsage): Promise<void> {
    const { promptTokens, completionTokens } = usage
    await meter(this.#sql, { resourceId, model, kind: 'prompt_tokens', quantity: promptTokens })
    await meter(this.#sql, { resourceId, model, kind: 'completion_tokens', quantity: completionTokens })
  }
}

async function* generate(
  model: LoadedModel,
  request: ChatRequest,
  onUsage: (usage: TokenUsage) => void,
): AsyncGenerator<StreamPart> {
  const { maxTokens, temperature, topP, stop, seed, signal } = request
  try {
    for await (const part of model.stream(request.messages, { maxTokens, temperature, topP, stop, seed, signal })) {
      onUsage(part)
      yield part
    }
  } catch (error) {
    throw isEngineError(error) ? asApiError(error) : error
  }
}

function asApiError(error: EngineError): AssayError {
  return error.code === 'context_length_exceeded'
    ? new AssayError(error.code, 'The messages are longer than the context of the model.', {
        status: 400,
        param: 'messages',
      })
    : new AssayError('engine_unavailable', 'The model could not answer.', {
        status: 503,
        remedy: 'Try again.',
        cause: error,
      })
}
