import { CATEGORIES } from 'assay/harm'
import { z } from 'zod'
import { ServiceError } from './call.ts'
import { fileContent, fileOf } from './files.ts'
import { jobOf } from './jobs.ts'

const tally = { conversations: z.number(), harmful: z.number() }

const tested = z.object({
  ...tally,
  decision: z.enum(['accepted', 'rejected', 'undecided']),
  defect_rate: z.number(),
  interval: z.tuple([z.number(), z.number()]),
})
export type Tested = z.infer<typeof tested>

const byCategory = <Shape extends z.ZodType>(shape: Shape) => z.record(z.enum(CATEGORIES), shape)
const testedByCategory = byCategory(tested)
export type TestedByCategory = z.infer<typeof testedByCategory>

/** What the portal shows of `docs/schemas/evaluation-report.schema.json`. */
const report = z.object({
  conversations: z.number(),
  categories: testedByCategory,
  customer_arm: testedByCategory.nullable(),
  strategies: z.record(z.string(), z.object(tally)),
  seed: z.number(),
  policy: z.object({ version: z.string() }),
  judge: z.object({ name: z.string() }),
})
export type EvaluationReport = z.infer<typeof report>

const paired = z.object({
  asked: z.number(),
  base: z.number(),
  tuned: z.number(),
  only_tuned: z.number(),
  only_base: z.number(),
  p_value: z.number(),
})
export type Paired = z.infer<typeof paired>

const pairedByCategory = byCategory(paired)

const comparison = z.object({
  base_model: z.string(),
  harmful: pairedByCategory,
  harmful_in_format: pairedByCategory.nullable(),
  over_refusal: z.object({ sounds_harmful: paired, plain: paired }),
})
export type BaseComparison = z.infer<typeof comparison>

/** A file as it is kept, and what it says. */
export interface Kept<Content> {
  readonly file: Blob
  readonly content: Content
}

export interface KeptReports {
  readonly report: Kept<EvaluationReport> | undefined
  /** Comes some minutes after the verdict. */
  readonly comparison: Kept<BaseComparison> | undefined
}

/** What is kept of a job's evaluation: nothing where no report was asked for, or where it was deleted. */
export async function keptReports(id: string): Promise<KeptReports> {
  const { result_files } = await jobOf(id)
  const files = await Promise.all(result_files.map((file) => fileOf(file).catch(nothingWhereDeleted)))
  const kept = async <Content>(filename: string, schema: z.ZodType<Content>): Promise<Kept<Content> | undefined> => {
    const found = files.find((file) => file?.filename === filename)
    if (!found) return undefined
    const file = await fileContent(found.id)
    return { file, content: schema.parse(JSON.parse(await file.text())) }
  }
  return {
    report: await kept('evaluation-report.json', report),
    comparison: await kept('base-comparison.json', comparison),
  }
}

function nothingWhereDeleted(error: unknown): undefined {
  if (error instanceof ServiceError && error.status === 404) return undefined
  throw error
}
