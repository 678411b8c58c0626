import { z } from 'zod'
import type { JudgeInput } from './judge.ts'

const message = z
  .object({
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
    content: z.string().nullish(),
  })
  .transform(({ role, content }) => ({
    role: role === 'developer' ? ('system' as const) : role === 'function' ? ('tool' as const) : role,
    content: content ?? '',
  }))

/** An input of a judge as JSON: a text, or a conversation in the chat format. */
export const judgeInputSchema: z.ZodType<JudgeInput> = z.union([
  z.object({ text: z.string() }),
  z.object({ messages: z.array(message).min(1) }),
])
