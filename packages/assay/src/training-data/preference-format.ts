import { z } from 'zod'
import { assistantMessage, message, tool } from './chat-format.ts'
import type { Fault, TrainingMessage } from './training-row.ts'

// The preference format of OpenAI's and Azure's guides of direct preference optimisation: an input, an output that is
// preferred for it, and one that is not. OpenAI trains on one turn: an output is one message of the assistant.

const output = z
  .array(assistantMessage, { error: 'must be a list of one assistant message' })
  .length(1, { error: 'must hold one assistant message: one turn is learned' })
  .transform(([only]) => only as z.infer<typeof assistantMessage>)

export const preferenceRowSchema = z.strictObject({
  input: z.strictObject({
    messages: z
      .array(message, { error: 'must be a list of messages' })
      .min(1, { error: 'must hold at least one message' }),
    tools: z.array(tool).optional(),
    parallel_tool_calls: z.boolean().optional(),
  }),
  preferred_output: output,
  non_preferred_output: output,
})

/** Whether a row means to be a preference pair: it has a field that only those have. */
export function isPreferenceRow(json: object): boolean {
  return 'input' in json || 'preferred_output' in json || 'non_preferred_output' in json
}

/** What the schema cannot say: whom an output answers, and that the two can be told apart. */
export function* faultsOfPreference(line: number, row: z.infer<typeof preferenceRowSchema>): Generator<Fault> {
  const { input, preferred_output, non_preferred_output } = row
  const last = input.messages.at(-1)?.role
  if (last !== 'user' && last !== 'tool' && last !== 'function') {
    yield {
      line,
      path: `input.messages[${input.messages.length - 1}].role`,
      code: 'last_input_not_user',
      reason: 'The last message of the input must be of the user, or the answer of a tool: the outputs reply to it.',
    }
  }
  for (const [name, output] of Object.entries({ preferred_output, non_preferred_output })) {
    if (textOf(output) !== textOf({ role: 'assistant', content: '' })) continue
    const path = `${name}[0].content`
    yield { line, path, code: 'empty_assistant_message', reason: 'The message has neither content nor tool calls.' }
  }
  if (textOf(preferred_output) === textOf(non_preferred_output)) {
    yield {
      line,
      path: 'non_preferred_output',
      code: 'outputs_identical',
      reason: 'Both outputs say the same, so there is nothing to prefer.',
    }
  }
}

function textOf({ content, tool_calls }: TrainingMessage): string {
  return JSON.stringify([content, tool_calls?.map((call) => call.function)])
}
