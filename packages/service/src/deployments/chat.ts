import type { Message } from 'assay/conversations'
import type { Engine, LoadedModel } from '../engines/index.ts'
import { meter } from '../metering/index.ts'
import type { Resource } from '../resources/index.ts'
import type { Sql } from '../storage/index.ts'
import type { Deployments } from './deployments.ts'
import type { Gate } from './gate.ts'
import { LoadedModels } from './loaded-models.ts'

export interface ChatRequest {
  /** A deployment's name; where `byModel`, a model's name will do. */
  readonly target: string
  readonly byModel: boolean
  readonly messages: readonly Message[]
  readonly maxTokens: number
  readonly temperature: number
  readonly seed: number
  readonly signal: AbortSignal
}

export type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'end'
      readonly finishReason: 'stop' | 'length' | 'content_filter'
      readonly promptTokens: number
      readonly completionTokens: number
    }

/** Chat with models that passed the gate. */
export class Chat {
  readonly #sql: Sql
  readonly #deployments: Deployments
  readonly #loaded: LoadedModels

  constructor(sql: Sql, deployments: Deployments, gate: Gate, engine: Engine) {
    this.#sql = sql
    this.#deployments = deployments
    this.#loaded = new LoadedModels(gate, engine)
  }

  /** The reply, part by part; its tokens are metered when it ends. */
  async *reply(resource: Resource, request: ChatRequest): AsyncGenerator<ChatPart> {
    const name = await this.#modelOf(resource, request)
    for await (const part of this.#loaded.lend(resource, name, (model) => generate(model, request))) {
      yield part
      if (part.type !== 'end') continue
      await meter(this.#sql, {
        resourceId: resource.id,
        model: name,
        kind: 'prompt_tokens',
        quantity: part.promptTokens,
      })
      await meter(this.#sql, {
        resourceId: resource.id,
        model: name,
        kind: 'completion_tokens',
        quantity: part.completionTokens,
      })
    }
  }

  /** Lets go of a model that was deleted. */
  forget(resourceId: string, name: string): Promise<void> {
    return this.#loaded.forget({ id: resourceId }, name)
  }

  close(): Promise<void> {
    return this.#loaded.close()
  }

  async #modelOf(resource: Resource, { target, byModel }: ChatRequest): Promise<string> {
    const deployment = await this.#deployments.find(resource.id, target)
    if (deployment) return deployment.model
    return byModel ? target : (await this.#deployments.get(resource.id, target)).model
  }
}

async function* generate(model: LoadedModel, request: ChatRequest): AsyncGenerator<ChatPart> {
  const { maxTokens, temperature, seed, signal } = request
  yield* model.stream(request.messages, { maxTokens, temperature, seed, signal })
}
