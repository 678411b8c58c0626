export type {
  Engine,
  EngineChatOptions,
  EngineReply,
  LoadedModel,
  ServedModel,
  StreamPart,
  TokenUsage,
} from './engine.ts'
export { EngineError, type EngineErrorCode, isEngineError } from './engine-error.ts'
export { LlamaCppEngine } from './llama-cpp/llama-cpp-engine.ts'
