import type { z } from 'zod'
import { chatRowSchema } from './chat-format.ts'
import { parseJson } from './json-text.ts'
import { faultOfNoLines, ONE_OBJECT_A_LINE } from './no-lines.ts'
import { faultsOfPreference, isPreferenceRow, preferenceRowSchema } from './preference-format.ts'
import { readLines } from './read-lines.ts'
import type { Fault, TrainingMessage, TrainingRow } from './training-row.ts'

/** A longer line is a fault of its own, and is not read into memory. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024

export type TrainingLine =
  | { readonly line: number; readonly row: TrainingRow }
  | { readonly line: number; readonly fault: Fault }

/**
 * Reads a training file line by line, each row in its own format: a row, or every fault of the line. UTF-8, with or without a byte
 * order mark, LF or CRLF; blank lines are skipped. Memory does not grow with the file. A file that holds no lines of JSON is one fault;
 * what comes then is read and not looked at, for whoever hashes what is read.
 */
export async function* readTrainingFile(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TrainingLine> {
  let begun = false
  let over = false
  for await (const line of readLines(chunks, MAX_LINE_BYTES)) {
    const { number, bytes, tooLong } = line
    const text = over || tooLong ? undefined : decode(bytes)
    if (over || text?.trim() === '') continue
    const fault = begun ? undefined : faultOfNoLines(line)
    begun = true
    if (fault) {
      over = true
      yield { line: fault.line, fault }
      continue
    }
    if (tooLong) {
      yield faultAt(number, '', 'line_too_long', `The line is longer than ${MAX_LINE_BYTES} bytes.`)
      continue
    }
    if (text === undefined) {
      yield faultAt(number, '', 'invalid_utf8', 'The line is not valid UTF-8.')
      continue
    }
    if (hasLoneSurrogate(text)) {
      yield faultAt(number, '', 'invalid_unicode', 'The line holds half of a surrogate pair, which is no character.')
      continue
    }
    const json = parseJson(text)
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      const reason = Array.isArray(json)
        ? `The line is a JSON array. ${ONE_OBJECT_A_LINE}`
        : 'The line is not a JSON object.'
      yield faultAt(number, '', 'invalid_json', reason)
      continue
    }
    yield* isPreferenceRow(json) ? pairOrFaults(number, json) : rowOrFaults(number, json)
  }
}

function* pairOrFaults(line: number, json: unknown): Generator<TrainingLine> {
  const parsed = preferenceRowSchema.safeParse(json)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) yield faultOfIssue(line, issue, json)
    return
  }
  const faults = [...faultsOfPreference(line, parsed.data)]
  if (faults.length > 0) {
    for (const fault of faults) yield { line, fault }
    return
  }
  const { input, preferred_output, non_preferred_output } = parsed.data
  const before = input.messages.map((message) =>
    message.role === 'assistant' ? { ...message, weight: 0 as const } : message,
  )
  const row = { line, messages: [...before, preferred_output], nonPreferred: non_preferred_output }
  yield { line, row: input.tools?.length ? { ...row, tools: input.tools } : row }
}

function* rowOrFaults(line: number, json: unknown): Generator<TrainingLine> {
  const parsed = chatRowSchema.safeParse(json)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) yield faultOfIssue(line, issue, json)
    return
  }
  const { messages, tools, functions } = parsed.data
  const faults = [...faultsOfConversation(line, messages)]
  if (faults.length > 0) {
    for (const fault of faults) yield { line, fault }
    return
  }
  const taught = tools ?? functions?.map((definition) => ({ type: 'function' as const, function: definition }))
  yield { line, row: { line, messages, ...(taught ? { tools: taught } : {}) } }
}

function* faultsOfConversation(line: number, messages: readonly TrainingMessage[]): Generator<Fault> {
  if (!messages.some((message) => message.role === 'assistant')) {
    yield {
      line,
      path: 'messages',
      code: 'no_assistant_message',
      reason: 'There is no assistant message, so nothing to learn.',
    }
    return
  }
  if (messages.at(-1)?.role !== 'assistant') {
    const path = `messages[${messages.length - 1}].role`
    yield { line, path, code: 'last_message_not_assistant', reason: 'The last message must be of the assistant.' }
  }
  if (!messages.some((message) => message.role === 'assistant' && message.weight !== 0)) {
    yield {
      line,
      path: 'messages',
      code: 'no_weighted_message',
      reason: 'Every assistant message has weight 0, so nothing is learned.',
    }
  }
  for (const [index, message] of messages.entries()) {
    if (message.role === 'assistant' && message.content === '' && message.tool_calls === undefined) {
      const path = `messages[${index}].content`
      yield { line, path, code: 'empty_assistant_message', reason: 'The message has neither content nor tool calls.' }
    }
  }
}

function faultOfIssue(line: number, issue: z.core.$ZodIssue, json: unknown): TrainingLine {
  const path = jsonPath(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return faultAt(line, path, 'unknown_field', unknownFields(issue.keys))
  }
  if (hasImage(json, issue.path)) {
    return faultAt(line, path, 'images_not_supported', 'Images and other media cannot be learned by a text model.')
  }
  const last = issue.path.at(-1)
  if (last === 'role') return faultAt(line, path, 'invalid_role', `${sentence(issue.message)}`)
  if (last === 'weight') return faultAt(line, path, 'invalid_weight', sentence(issue.message))
  return faultAt(line, path, 'invalid_format', sentence(issue.message))
}

/** Whether the value at fault is a list of parts that holds something else than text. */
function hasImage(json: unknown, path: readonly PropertyKey[]): boolean {
  let value: unknown = json
  for (const key of path) {
    if (Array.isArray(value) && value.some(isMediaPart)) return true
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined
  }
  return Array.isArray(value) && value.some(isMediaPart)
}

function isMediaPart(part: unknown): boolean {
  const type = typeof part === 'object' && part !== null ? (part as { type?: unknown }).type : undefined
  return type === 'image_url' || type === 'image_file' || type === 'input_audio' || type === 'file'
}

function faultAt(line: number, path: string, code: string, reason: string): TrainingLine {
  return { line, fault: { line, path, code, reason } }
}

function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}

/** Only what looks like a field's name is repeated: a fault is stored with the job, and never holds text of the row. */
function unknownFields(keys: readonly string[]): string {
  const named = keys.filter((key) => /^\w{1,40}$/.test(key)).map((key) => JSON.stringify(key))
  if (named.length < keys.length) named.push('one whose name is not repeated here')
  return `Unknown field: ${named.join(', ')}.`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** Whether a `\\u` escape stands for a surrogate without its other half: valid JSON, but no text that can be tokenised. */
function hasLoneSurrogate(text: string): boolean {
  if (!/\\u[dD]/.test(text)) return false
  const withoutPairs = text.replace(/\\\\|\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}/g, '')
  return /\\u[dD][89a-fA-F]/.test(withoutPairs)
}
