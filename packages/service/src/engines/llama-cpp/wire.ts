import type { Message } from 'assay/conversations'
import type { EngineReply, ServedModel, TokenUsage } from '../engine.ts'
import type { EngineErrorCode } from '../engine-error.ts'

/** Options as they cross to the child: a signal becomes an `abort` of its own. */
export interface WireOptions {
  readonly maxTokens: number
  readonly temperature: number
  readonly seed: number
  readonly stop?: readonly string[]
  readonly topP?: number
}

/** What the engine asks of its child process. `id` numbers the calls, `handle` a loaded model. */
export type Request =
  | { readonly id: number; readonly type: 'load'; readonly handle: number; readonly model: ServedModel }
  | {
      readonly id: number
      readonly type: 'chat'
      readonly handle: number
      readonly messages: readonly Message[]
      readonly options: WireOptions
      readonly streamed: boolean
    }
  | {
      readonly id: number
      readonly type: 'count'
      readonly basePath: string
      readonly conversations: readonly (readonly Message[])[]
    }
  | { readonly id: number; readonly type: 'abort' }
  | { readonly id: number; readonly type: 'unload'; readonly handle: number }

/** What the child answers. */
export type Answer =
  | { readonly id: number; readonly type: 'delta'; readonly text: string; readonly usage: TokenUsage }
  | { readonly id: number; readonly type: 'result'; readonly value: EngineReply | readonly number[] | null }
  | { readonly id: number; readonly type: 'error'; readonly code: EngineErrorCode; readonly message: string }
