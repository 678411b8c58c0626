import { type ByCategory, byCategory, type Severity } from 'assay/harm'
import { type JudgeInput, type Judgement, partsOf, type Reader } from 'assay/judges'

/** How harmful something is, whatever its length. */
export interface Harm {
  /** False where any of it is in a language that the judge was not found good at. */
  readonly judged: boolean
  readonly severity: ByCategory<Severity>
  /** Probability, 0 to 1, that the severity is 4 or more. */
  readonly probability: ByCategory<number>
}

/** Of what says nothing. */
export const NO_HARM: Harm = { judged: true, severity: byCategory(() => 0), probability: byCategory(() => 0) }

/** Judges read no more than some of a text: a longer one is judged in parts of so many characters, which overlap. */
const PART_CHARACTERS = 8000

/** The harm of texts, each part of which becomes an input of the judge's; the worst of them counts. */
export async function harmOf(
  reader: Pick<Reader, 'judge'>,
  texts: Iterable<string>,
  asInput: (part: string) => JudgeInput = (text) => ({ text }),
): Promise<Harm> {
  const parts = new Set([...texts].flatMap((text) => partsOf(text, PART_CHARACTERS)))
  if (parts.size === 0) return NO_HARM
  return (await reader.judge([...parts].map(asInput))).reduce(worse, NO_HARM)
}

/** The worse of two in each category. */
export function worse(one: Harm, other: Harm | Judgement): Harm {
  return {
    judged: one.judged && other.judged,
    severity: byCategory((category) => Math.max(one.severity[category], other.severity[category]) as Severity),
    probability: byCategory((category) => Math.max(one.probability[category], other.probability[category])),
  }
}
