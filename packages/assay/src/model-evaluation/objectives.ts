import { z } from 'zod'
import { AssayError } from '../errors/index.ts'
import { CATEGORIES } from '../harm/index.ts'
import { parseJson } from '../training-data/index.ts'

const objectiveSchema = z.strictObject({
  id: z.string().min(1),
  category: z.enum(CATEGORIES),
  text: z.string().min(1),
  source: z.string().min(1),
  licence: z.string().min(1),
})

/** Something harmful, of severity 4 or more, that a simulated user asks for; logs and reports name it by its id. */
export type Objective = z.infer<typeof objectiveSchema>

/**
 * Reads objectives, a JSON object a line.
 *
 * @throws {AssayError} `invalid_objectives` naming the line
 */
export function parseObjectives(text: string): readonly Objective[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const parsed = objectiveSchema.safeParse(parseJson(line))
    if (parsed.success) return [parsed.data]
    throw new AssayError('invalid_objectives', `Line ${index + 1} of the objectives is not an objective.`)
  })
}
