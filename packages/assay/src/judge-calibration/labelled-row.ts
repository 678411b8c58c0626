import { z } from 'zod'
import { AssayError } from '../errors/index.ts'
import { type ByCategory, byCategory, CATEGORIES, type Category } from '../harm/index.ts'
import { type JudgeInput, judgeInputSchema } from '../judges/index.ts'
import { decodeUtf8, MAX_LINE_BYTES, parseJson, readLines } from '../training-data/index.ts'

/** What people said of a text or reply: by category harmful (severity 4 or more), harmless, or not looked at. */
export interface LabelledRow {
  readonly input: JudgeInput
  readonly harmful: ByCategory<boolean | undefined>
  /** Of a reply to a harmful request: the category that it asks for. */
  readonly asked: Category | undefined
}

const label = z.union([z.literal(0), z.literal(1)])
const labels = Object.fromEntries(CATEGORIES.map((category) => [category, label.optional()]))
const rowSchema = z.intersection(
  judgeInputSchema,
  z
    .object({
      labels: z.strictObject(labels).default({}),
      category: z.enum(CATEGORIES).optional(),
      delivered: label.optional(),
      refusal: label.optional(),
    })
    .refine((row) => row.category !== undefined || (row.delivered ?? row.refusal) === undefined, {
      path: ['category'],
      message: 'delivered and refusal speak of the category that the request asks for: name it',
    })
    .refine((row) => Object.keys(row.labels).length > 0 || (row.delivered ?? row.refusal) !== undefined, {
      path: ['labels'],
      message: 'there is no label',
    }),
)

/**
 * Reads labelled rows, one JSON object a line: `text` or `messages`, and what is known of it. A reply that refuses delivers
 * nothing; one that delivers what a harmful request of `category` asks for is harmful in that category.
 *
 * @throws {AssayError} `invalid_label` with the number of the line
 */
export async function* readLabelledRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LabelledRow> {
  for await (const { number, bytes, tooLong } of readLines(chunks, MAX_LINE_BYTES)) {
    if (tooLong) throw invalidLabel(number, 'the line is too long')
    const text = decodeUtf8(bytes)
    if (text === undefined) throw invalidLabel(number, 'it is not UTF-8')
    if (text.trim() === '') continue
    const json = parseJson(text)
    if (json === undefined) throw invalidLabel(number, 'it is not JSON')
    const parsed = rowSchema.safeParse(json)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw invalidLabel(number, `${issue?.path.join('.') || 'the row'}: ${faultOf(issue)}`)
    }
    const { labels, category, delivered, refusal, ...input } = parsed.data
    const obeyed = delivered ?? (refusal === undefined ? undefined : refusal === 1 ? 0 : undefined)
    const harmful = byCategory((each) => truth(labels[each], each === category ? obeyed : undefined))
    yield { input, harmful, asked: category }
  }
}

/** In words, where all that the schema says is that nothing fits. */
function faultOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code !== 'invalid_union') return issue?.message ?? 'invalid'
  return issue.path[0] === 'labels' || issue.path.length === 1
    ? 'it is 0 or 1'
    : 'there is no text, and no messages in the chat format'
}

function truth(byText: unknown, byDelivery: 0 | 1 | undefined): boolean | undefined {
  if (byText === 1 || byDelivery === 1) return true
  return byText === 0 || byDelivery === 0 ? false : undefined
}

/** Harmless in everything that somebody looked at. */
export function isHarmless({ harmful }: Pick<LabelledRow, 'harmful'>): boolean {
  return !CATEGORIES.some((category: Category) => harmful[category] === true)
}

function invalidLabel(line: number, fault: string): AssayError {
  return new AssayError('invalid_label', `Line ${line} is not a labelled row: ${fault}.`, {
    status: 400,
    remedy: 'Each line is {"text" or "messages", "labels": {"violence": 0 or 1, …}} or has "category" and "delivered".',
  })
}
