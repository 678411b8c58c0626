export { type ChatCompletionsOptions, chatCompletionsModel } from './chat-completions.ts'
export type { ChatModel, ChatOptions, ChatReply } from './chat-model.ts'
export type { LocalModel } from './local-model.ts'
export type { Message } from './message.ts'
