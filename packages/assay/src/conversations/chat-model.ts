import type { Message } from './message.ts'

export interface ChatOptions {
  /** At most this many tokens are generated. */
  readonly maxTokens: number
  /** 0 decodes greedily. */
  readonly temperature: number
  /** The same seed, messages and options give the same reply wherever the model can promise it. */
  readonly seed: number
  readonly signal?: AbortSignal
}

export interface ChatReply {
  readonly text: string
  /** `length`: cut at `maxTokens`; `content_filter`: the endpoint itself withheld the reply. */
  readonly finishReason: 'stop' | 'length' | 'content_filter'
}

/**
 * A chat model is a function of messages. May be called concurrently; an implementation queues or batches as it likes.
 * Rejects when the model could not answer: that is the evaluator's fault, never the model's.
 */
export type ChatModel = (messages: readonly Message[], options: ChatOptions) => Promise<ChatReply>
