import { z } from 'zod'

// The supervised chat format of OpenAI's and Azure's fine-tuning guides: one JSON object a line, `messages` and,
// where functions are taught, `tools`.

const toolCall = z.strictObject({
  id: z.string().optional(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().min(1), arguments: z.string() }),
})

const text = z.string({ error: 'must be a string: only text can be learned from' })

/** Content in parts, as long as every part is text. */
const content = z.union(
  [
    text,
    z
      .array(z.strictObject({ type: z.literal('text'), text: z.string() }))
      .min(1)
      .transform((parts) => parts.map((part) => part.text).join('')),
  ],
  { error: 'must be a string or a list of text parts' },
)

const weight = z.union([z.literal(0), z.literal(1)], { error: 'must be 0 or 1' }).optional()

/** A reply without a weight. */
export const assistantMessage = z.strictObject({
  role: z.literal('assistant'),
  content: content.nullish().transform((value) => value ?? ''),
  name: z.string().optional(),
  refusal: z.null().optional(),
  tool_calls: z.array(toolCall).min(1).optional(),
})

export const message = z.discriminatedUnion(
  'role',
  [
    z.strictObject({ role: z.literal('system'), content, name: z.string().optional() }),
    z.strictObject({ role: z.literal('developer'), content, name: z.string().optional() }),
    z.strictObject({ role: z.literal('user'), content, name: z.string().optional() }),
    assistantMessage.extend({ weight }),
    z.strictObject({ role: z.literal('tool'), content, tool_call_id: z.string(), name: z.string().optional() }),
    z.strictObject({ role: z.literal('function'), content, name: z.string() }),
  ],
  { error: 'must be one of system, developer, user, assistant, tool, function' },
)

export const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({ name: z.string().min(1) }),
})

export const chatRowSchema = z.strictObject({
  messages: z
    .array(message, { error: 'must be a list of messages' })
    .min(1, { error: 'must hold at least one message' }),
  tools: z.array(tool).optional(),
  functions: z.array(z.looseObject({ name: z.string().min(1) })).optional(),
  parallel_tool_calls: z.boolean().optional(),
})
