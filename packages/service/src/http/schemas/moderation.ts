import { type Category, POLICY } from 'assay/harm'
import { z } from 'zod'
import type { Harm } from '../../content-filters/index.ts'

const textPart = z.object({ type: z.literal('text'), text: z.string() })

export const moderationBody = z
  .object({
    input: z.union([z.string(), z.array(z.string()).min(1), z.array(textPart).min(1)], {
      error: 'a string, strings, or parts of type text; no judge here reads images',
    }),
    model: z.string().nullish().describe('the judge of this installation answers, whatever is named here'),
  })
  .meta({ id: 'CreateModeration' })

/** Each string is an input; parts of one message are one input together. */
export function inputsOf({ input }: z.infer<typeof moderationBody>): (readonly string[])[] {
  if (typeof input === 'string') return [[input]]
  const parts = input.flatMap((part) => (typeof part === 'string' ? [] : [part.text]))
  return parts.length > 0 ? [parts] : input.flatMap((part) => (typeof part === 'string' ? [[part]] : []))
}

/**
 * Which category of ours OpenAI's speaks of, by its definitions (API reference, "Moderations"); null: our judges do not tell it
 * apart, so nothing is said of it.
 */
const CATEGORY = {
  harassment: null,
  'harassment/threatening': null,
  hate: 'hate_fairness',
  'hate/threatening': null,
  illicit: null,
  'illicit/violent': null,
  'self-harm': 'self_harm',
  'self-harm/instructions': null,
  'self-harm/intent': null,
  sexual: 'sexual',
  'sexual/minors': null,
  violence: 'violence',
  'violence/graphic': null,
} as const satisfies Readonly<Record<string, Category | null>>

type ModerationCategory = keyof typeof CATEGORY
const NAMES = Object.keys(CATEGORY) as ModerationCategory[]

function byName<Value>(value: (category: Category | null, name: ModerationCategory) => Value) {
  return Object.fromEntries(NAMES.map((name) => [name, value(CATEGORY[name], name)])) as Record<
    ModerationCategory,
    Value
  >
}

const result = z.object({
  flagged: z.boolean(),
  // Only these two may be null in OpenAI's own schema.
  categories: z.object(byName((_, name) => (name.startsWith('illicit') ? z.boolean().nullable() : z.boolean()))),
  category_scores: z.object(byName(() => z.number().min(0).max(1))),
  category_applied_input_types: z.object(byName(() => z.array(z.literal('text')))),
})

export const moderation = z
  .object({ id: z.string(), model: z.string(), results: z.array(result) })
  .meta({ id: 'Moderation' })

/** A category is flagged from the severity on from which the gate calls a text harmful. */
export function showResult({ severity, probability }: Harm): z.infer<typeof result> {
  const harmful = (category: Category) => severity[category] >= POLICY.harmful_severity
  const categories = byName((category, name) =>
    category ? harmful(category) : name.startsWith('illicit') ? null : false,
  )
  return {
    flagged: Object.values(categories).includes(true),
    categories: categories as z.infer<typeof result>['categories'],
    category_scores: byName((category) => (category ? probability[category] : 0)),
    category_applied_input_types: byName((category) => (category ? ['text' as const] : [])),
  }
}
