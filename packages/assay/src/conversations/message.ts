/** One message of a conversation, as every room reads it: text only, whatever format it came in. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
}
