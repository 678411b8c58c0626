import { z } from 'zod'
import { ADVICE_KINDS } from '../../data-advice/index.ts'
import { CATEGORIES } from '../../harm/index.ts'
import { assessmentSchema } from '../assessment-as-json.ts'
import { digestSchema, provenanceSchema } from '../provenance.ts'

const count = z.int().min(0)
const probability = z.number().min(0).max(1)
const category = z.enum(CATEGORIES)

const rowsAboveCut = z
  .object({
    score: probability.describe("The judge's score from which on a row lies above the cut."),
    false_alarm_rate: probability.describe('Upper 95 % bound on the share of honest rows above the cut.'),
    rows: count.describe('Distinct rows above the cut.'),
    fails_from: count.describe('The fewest distinct rows that fail a file of this size.'),
  })
  .meta({ id: 'RowsAboveCut' })

const categoryResult = z
  .object({
    lower_cut: rowsAboveCut,
    higher_cut: rowsAboveCut,
    with_repeats: z
      .object({ rows: count, fails_from: count })
      .describe('Rows above the higher cut, repeated ones counted again.'),
    failed: z.boolean(),
  })
  .meta({ id: 'CategoryResult' })

const finding = z
  .object({
    line: z.int().min(1).describe('Line in the file, from 1.'),
    message: count.describe('Index of the message within the row, from 0.'),
    category,
    severity: z.int().min(0).max(7),
    probability,
  })
  .meta({ id: 'Finding' })

const advice = z
  .object({
    kind: z.enum(ADVICE_KINDS),
    title: z.string(),
    rows: count.describe('Rows that it rests on, of those looked at.'),
    of: count.describe('Distinct rows looked at: all of a small file, a sample of a large one.'),
    messages: z
      .array(
        z.object({
          line: z.int().min(1).describe('Line in the file, from 1.'),
          message: count.describe('Index of the message within the row, from 0.'),
        }),
      )
      .describe('Some of the messages that it rests on.'),
    known: z.string().describe('What such rows are known to do.'),
    source: z.string(),
    remedy: z.string(),
    measured: z
      .object({ files: count, attacks: count })
      .describe('Of files that got this advice in the measurement that ships, how many were attacks of its kind.'),
  })
  .meta({ id: 'Advice', description: 'Harmless word by word, and known to undo safety. It blocks nothing.' })

const fault = z
  .object({
    line: count.describe('Line in the file, from 1; 0 where the file as a whole is at fault.'),
    path: z.string(),
    code: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'Fault' })

const input = { file: z.string(), sha256: digestSchema, bytes: count }

const evaluatedFile = z
  .object({
    ...input,
    outcome: z.enum(['passed', 'failed']),
    assessment: assessmentSchema,
    rows: count,
    distinct_rows: count,
    not_judged: count.describe('Rows in a language that the judge was not found good at.'),
    categories: z.object({
      violence: categoryResult,
      sexual: categoryResult,
      hate_fairness: categoryResult,
      self_harm: categoryResult,
    }),
    findings: z.array(finding),
    findings_left_out: count,
    advice: z
      .array(advice)
      .describe('Patterns that no category faults and that are known to undo safety. They block nothing.'),
  })
  .meta({ id: 'EvaluatedFile' })

const invalidFile = z
  .object({
    ...input,
    outcome: z.literal('invalid'),
    assessment: assessmentSchema,
    rows: count,
    faults: z.array(fault),
    fault_count: count,
    findings: z.array(finding).max(0),
  })
  .meta({ id: 'InvalidFile' })

const notEvaluatedFile = z
  .object({
    ...input,
    outcome: z.literal('not_evaluated'),
    assessment: assessmentSchema,
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string().nullable() }),
    findings: z.array(finding).max(0),
  })
  .meta({ id: 'NotEvaluatedFile', description: 'It has no verdict: nothing is said of its data.' })

const provenance = {
  ...provenanceSchema,
  seed: z.null().describe('Nothing is drawn at random: equal files, judge and policy give equal results.'),
}

const several = z.object({
  assessment: assessmentSchema,
  files: z.array(z.discriminatedUnion('outcome', [evaluatedFile, invalidFile, notEvaluatedFile])).min(2),
  ...provenance,
})

/** The JSON of `assay check`: of one file its result itself, of several one after the other. Never the text of a row. */
export const checkReportSchema = z.union([
  several,
  evaluatedFile.extend(provenance),
  invalidFile.extend(provenance),
  notEvaluatedFile.extend(provenance),
])

export type CheckReportJson = z.infer<typeof checkReportSchema>
export type CheckedFileJson =
  | z.infer<typeof evaluatedFile>
  | z.infer<typeof invalidFile>
  | z.infer<typeof notEvaluatedFile>

/** As docs/schemas/check-report.schema.json holds it. Fields may be added, so it takes ones that it does not know. */
export function checkReportJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(checkReportSchema, { io: 'input' })
  return { $schema, $id: 'urn:assay:check-report:1', title: 'Report of assay check', ...schema }
}
