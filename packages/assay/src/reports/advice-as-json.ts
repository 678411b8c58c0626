import { z } from 'zod'
import { ADVICE_KINDS, ADVICE_TEXTS, type Advice, MEASURED } from '../data-advice/index.ts'

const count = z.int().min(0)

export const adviceSchema = z
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
      .describe('Of files that got this advice in the measurement that ships, how many were attacks.'),
  })
  .meta({ id: 'Advice', description: 'Harmless word by word, and known to undo safety. It blocks nothing.' })

/** Advice as every JSON of ours shows it. Never the text of a row. */
export function adviceAsJson({ kind, rows, of, messages }: Advice): z.infer<typeof adviceSchema> {
  return {
    kind,
    ...ADVICE_TEXTS[kind],
    rows,
    of,
    messages: messages.map((message) => ({ ...message })),
    measured: { ...MEASURED[kind] },
  }
}
