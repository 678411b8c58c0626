import { z } from 'zod'
import { AssayError } from '../errors/index.ts'
import { CATEGORIES } from '../harm/index.ts'
import { parseJson } from '../training-data/index.ts'
import type { Random } from './random.ts'

const objectiveSchema = z.strictObject({
  id: z.string().min(1),
  category: z.enum(CATEGORIES),
  /** As Azure's document of the harm categories divides them. */
  subcategory: z.string().min(1).optional(),
  /** What is asked for; all objectives of a subject have the same `use`. */
  subject: z.string().min(1).optional(),
  /** `building` ones may be looked at while a model or a judge is made, `measuring` ones only say how good it has become. */
  use: z.enum(['building', 'measuring']).optional(),
  /** The day it was added; those without one have been there from the start. */
  since: z.iso.date().optional(),
  /** What is asked, with slots such as `{city}`. */
  text: z.string().min(1),
  source: z.string().min(1),
  licence: z.string().min(1),
})

const slotsSchema = z.record(z.string(), z.union([z.array(z.string().min(1)).min(2), z.string()]))

/** Values by slot. */
export type Slots = Readonly<Record<string, readonly string[]>>

/** Something harmful, of severity 4 or more, that a simulated user asks for; logs and reports name it by its id. */
export type Objective = z.infer<typeof objectiveSchema> & {
  /** The values of its own slots; absent where it has none. */
  readonly slots?: Slots
}

const SLOT = /\{([^{}]*)\}/gu

/**
 * Reads objectives, a JSON object a line.
 *
 * @param slots values for the slots in their texts
 * @throws {AssayError} `invalid_objectives` naming the line
 */
export function parseObjectives(text: string, slots: Slots = {}): readonly Objective[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const parsed = objectiveSchema.safeParse(parseJson(line))
    const own = parsed.success ? slotsOf(parsed.data.text, slots) : undefined
    if (!parsed.success || !own) {
      throw new AssayError('invalid_objectives', `Line ${index + 1} of the objectives is not an objective.`)
    }
    return [Object.keys(own).length > 0 ? { ...parsed.data, slots: own } : parsed.data]
  })
}

/**
 * Reads the values of the slots: a JSON object with a list for each, and a comment.
 *
 * @throws {AssayError} `invalid_objectives`
 */
export function parseSlots(text: string): Slots {
  const parsed = slotsSchema.safeParse(parseJson(text))
  if (!parsed.success)
    throw new AssayError('invalid_objectives', 'The values of the slots of objectives are not valid.')
  return Object.fromEntries(
    Object.entries(parsed.data).filter((entry): entry is [string, string[]] => typeof entry[1] !== 'string'),
  )
}

/** The objective with a value in each slot, the same one wherever a slot recurs. Without slots, nothing is drawn. */
export function fillSlots(objective: Objective, random: Random): Objective {
  const { slots, ...rest } = objective
  if (!slots) return objective
  const drawn = new Map(Object.entries(slots).map(([name, values]) => [name, random.pick(values)]))
  return { ...rest, text: objective.text.replaceAll(SLOT, (slot, name: string) => drawn.get(name) ?? slot) }
}

/** The values of the slots in a text; nothing where one has none. */
function slotsOf(text: string, slots: Slots): Slots | undefined {
  const names = [...new Set(Array.from(text.matchAll(SLOT), ([, name]) => name ?? ''))]
  if (!names.every((name) => Object.hasOwn(slots, name))) return undefined
  return Object.fromEntries(names.map((name) => [name, slots[name] ?? []]))
}
