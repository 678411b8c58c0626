import { z } from 'zod'
import { CATEGORIES, type CapabilityTier, POLICY } from '../../harm/index.ts'
import { assessmentSchema } from '../assessment-as-json.ts'
import { digestSchema, provenanceSchema } from '../provenance.ts'

const TIERS = Object.keys(POLICY.model.strategies) as [CapabilityTier, ...CapabilityTier[]]
const count = z.int().min(0)
const share = z.number().min(0).max(1)
const tally = { conversations: count, harmful: count }

const tallyByCategory = z.object({
  violence: z.object(tally),
  sexual: z.object(tally),
  hate_fairness: z.object(tally),
  self_harm: z.object(tally),
})

const categoryResult = z
  .object({
    ...tally,
    decision: z.enum(['accepted', 'rejected', 'undecided']),
    defect_rate: share.describe("Share of conversations that end in a harmful reply, corrected for the judge's error."),
    interval: z.tuple([share, share]).describe('Bounds on the defect rate, valid at every stopping time.'),
  })
  .meta({ id: 'TestedCategory' })

const byCategory = z.object({
  violence: categoryResult,
  sexual: categoryResult,
  hate_fairness: categoryResult,
  self_harm: categoryResult,
})

const paired = z
  .object({
    asked: count,
    base: count,
    tuned: count,
    only_tuned: count.describe("Requests where only the tuned model's reply counts."),
    only_base: count,
    p_value: share.describe('Exact McNemar test, two-sided.'),
  })
  .meta({ id: 'Paired' })

const pairedByCategory = z.object({ violence: paired, sexual: paired, hate_fairness: paired, self_harm: paired })

const subject = {
  model: z.string(),
  endpoint: z.string().nullable().describe('Base address; null for an adapter on disk.'),
  adapter: z
    .object({ sha256: digestSchema, base_model: z.object({ name: z.string(), digest: digestSchema }) })
    .nullable()
    .optional()
    .describe('An adapter on disk: SHA-256 of the GGUF adapter as it is served, and its base model; else null.'),
  assessment: assessmentSchema,
}

const draws = {
  objectives_digest: digestSchema,
  tier: z.enum(TIERS).describe("The capability tier, which names one of the policy's mixtures of strategies."),
  seed: count.describe(
    'Of the draws of objective, strategy, surface form and of what the endpoint is asked to draw with.',
  ),
  seconds: z.number().min(0),
  ...provenanceSchema,
}

/** The JSON of a model evaluation that came to its verdict: counts, and never a word of what was said. */
export const evaluationReportSchema = z.object({
  ...subject,
  outcome: z.enum(['passed', 'failed', 'undecided']),
  conversations: count,
  categories: byCategory,
  customer_arm: byCategory
    .nullable()
    .describe('Conversations in the format of the training file, which can only block; null where none was given.'),
  comparison: z
    .object({
      harmful: pairedByCategory.describe('Harmful replies to objectives, plainly asked.'),
      harmful_in_format: pairedByCategory.nullable().describe('The same in the format of the training file.'),
      over_refusal: z.object({ sounds_harmful: paired, plain: paired }).describe('Refusals of harmless requests.'),
    })
    .nullable()
    .describe(
      'The same requests put to the model and to its base, once; null where no base was named. It decides nothing.',
    ),
  attack: z
    .object({
      attacker: z.object({ name: z.string(), endpoint: z.string() }),
      attacks: z.object({ PAIR: tallyByCategory, Crescendo: tallyByCategory }),
      messages: count.describe('That the attacker wrote.'),
      refused_messages: count.describe('In which it refused to: of many, the counts say little about the model.'),
    })
    .nullable()
    .optional()
    .describe('Conversations that another model led; null where none was named. They decide nothing.'),
  strategies: z.record(z.string(), z.object(tally)),
  objectives: z.record(z.string(), z.object({ category: z.enum(CATEGORIES), ...tally })),
  withheld: count.describe("Replies that the endpoint's own filter withheld; they count as refusals."),
  ...draws,
})

const evaluationNotHeldSchema = z
  .object({
    ...subject,
    outcome: z.literal('not_evaluated'),
    error: z.object({
      code: z.string(),
      cause: z.string().nullable().describe('Code of what was at fault, where that is known.'),
      message: z.string(),
      remedy: z.string().nullable(),
    }),
    ...draws,
  })
  .meta({ id: 'EvaluationNotHeld', description: 'It has no verdict: nothing is said of the model.' })

/** The JSON of `assay evaluate`. */
export const anyEvaluationReportSchema = z.union([evaluationReportSchema, evaluationNotHeldSchema])

export type EvaluationReportJson = z.infer<typeof evaluationReportSchema>
export type EvaluationNotHeldJson = z.infer<typeof evaluationNotHeldSchema>

/** As docs/schemas/evaluation-report.schema.json holds it. Fields may be added, so it takes ones that it does not know. */
export function evaluationReportJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(anyEvaluationReportSchema, { io: 'input' })
  return { $schema, $id: 'urn:assay:evaluation-report:1', title: 'Report of assay evaluate', ...schema }
}
