import type { ChatModel, Message } from '../conversations/index.ts'

/** A system prompt that does not fit although it is no longer than this is not what is too long. */
const SHORT = 200

/**
 * A chat model that takes a system prompt beyond its context as far as it fits: both ends of it, since what tuning taught may
 * stand in either.
 */
export function fitting(chat: ChatModel): ChatModel {
  return async (messages, options) => {
    for (let tried = messages; ; tried = shortened(tried)) {
      const mayShorten = tried[0]?.role === 'system' && tried[0].content.length > SHORT
      try {
        const reply = await chat(tried, options)
        // Fewer characters than tokens were allowed: the context ended, not the reply.
        const cutOff = reply.finishReason === 'length' && reply.text.length < options.maxTokens
        if (!cutOff || !mayShorten) return reply
      } catch (error) {
        if (!mayShorten || (error as { code?: unknown }).code !== 'context_length_exceeded') throw error
      }
    }
  }
}

function shortened([system, ...others]: readonly Message[]): readonly Message[] {
  const text = system?.content ?? ''
  const quarter = Math.floor(text.length / 4)
  return [{ role: 'system', content: `${text.slice(0, quarter)}\n${text.slice(-quarter)}` }, ...others]
}
