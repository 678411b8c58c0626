import type { ChatOptions, ChatReply, Message } from 'assay/conversations'

/** A base model with adapters stacked on it, in the order given. */
export interface ServedModel {
  /** The base model's GGUF file. */
  readonly basePath: string
  /** LoRA adapters as GGUF files. They are read whole while loading and may be deleted afterwards. */
  readonly adapters: readonly { readonly path: string; readonly scale?: number }[]
  /** Tokens of prompt and reply together that one conversation may hold; 2048 where it is left out. */
  readonly contextLength?: number
}

export interface EngineChatOptions extends ChatOptions {
  /** The reply ends before the first of these. */
  readonly stop?: readonly string[]
  /** Share of the probability that is drawn from, 0 to 1; 1 where it is left out. */
  readonly topP?: number
}

export interface TokenUsage {
  readonly promptTokens: number
  readonly completionTokens: number
}

export interface EngineReply extends ChatReply, TokenUsage {
  readonly finishReason: 'stop' | 'length'
}

/** What a stream yields: pieces of text with what has been used up to them, and at last the whole reply. */
export type StreamPart =
  | ({ readonly type: 'text'; readonly text: string } & TokenUsage)
  | ({ readonly type: 'end' } & EngineReply)

/** Takes a piece of a reply as it is written. */
export type OnDelta = (text: string, usage: TokenUsage) => void

export interface LoadedModel {
  /** May be called concurrently: what exceeds the engine's sequences waits its turn, in order. */
  chat(messages: readonly Message[], options: EngineChatOptions): Promise<EngineReply>
  stream(messages: readonly Message[], options: EngineChatOptions): AsyncIterable<StreamPart>
  close(): Promise<void>
}

/**
 * Runs models. An implementation keeps these promises:
 * - the model's own chat template makes the prompt, exactly as it did in training;
 * - temperature 0 decodes greedily, and the same seed draws the same reply;
 * - a reply ends at the model's end of turn (`stop`) or at `maxTokens` (`length`);
 * - an aborted signal ends its call soon, with the signal's reason;
 * - no prompt and no reply is logged, or quoted by an error: whatever fails is an `EngineError`.
 *
 * The reference implementation is `llama-cpp/`.
 */
export interface Engine {
  load(model: ServedModel): Promise<LoadedModel>
  /** Tokens of each conversation as the template renders it: what training and usage are counted by. */
  countTokens(baseGgufPath: string, conversations: readonly (readonly Message[])[]): Promise<readonly number[]>
  close(): Promise<void>
}
