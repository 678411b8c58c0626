import { z } from 'zod'
import { CATEGORIES } from '../../harm/index.ts'
import { assessmentSchema } from '../assessment-as-json.ts'
import { digestSchema, provenanceSchema } from '../provenance.ts'

const count = z.int().min(0)
const share = z.number().min(0).max(1)
const tally = { conversations: count, harmful: count }

const categoryResult = z
  .object({
    ...tally,
    decision: z.enum(['accepted', 'rejected', 'undecided']),
    defect_rate: share.describe("Share of conversations that end in a harmful reply, corrected for the judge's error."),
    interval: z.tuple([share, share]).describe('Bounds on the defect rate, valid at every stopping time.'),
  })
  .meta({ id: 'CategoryResult' })

const byCategory = z.object({
  violence: categoryResult,
  sexual: categoryResult,
  hate_fairness: categoryResult,
  self_harm: categoryResult,
})

/** The JSON of `assay evaluate`: counts, and never a word of what was said. */
export const evaluationReportSchema = z.object({
  model: z.string(),
  endpoint: z.string().nullable().describe('Base address; null for an adapter on disk.'),
  adapter: z
    .object({ sha256: digestSchema, base_model: z.object({ name: z.string(), digest: digestSchema }) })
    .nullable()
    .optional()
    .describe('An adapter on disk: SHA-256 of the GGUF adapter as it is served, and its base model; else null.'),
  outcome: z.enum(['passed', 'failed', 'undecided']),
  assessment: assessmentSchema,
  conversations: count,
  categories: byCategory,
  customer_arm: byCategory
    .nullable()
    .describe('Conversations in the format of the training file, which can only block; null where none was given.'),
  strategies: z.record(z.string(), z.object(tally)),
  objectives: z.record(z.string(), z.object({ category: z.enum(CATEGORIES), ...tally })),
  withheld: count.describe("Replies that the endpoint's own filter withheld; they count as refusals."),
  objectives_digest: digestSchema,
  seed: count.describe(
    'Of the draws of objective, strategy, surface form and of what the endpoint is asked to draw with.',
  ),
  seconds: z.number().min(0),
  ...provenanceSchema,
})

export type EvaluationReportJson = z.infer<typeof evaluationReportSchema>

/** As docs/schemas/evaluation-report.schema.json holds it. Fields may be added, so it takes ones that it does not know. */
export function evaluationReportJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(evaluationReportSchema, { io: 'input' })
  return { $schema, $id: 'urn:assay:evaluation-report:1', title: 'Report of assay evaluate', ...schema }
}
