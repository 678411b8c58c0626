import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CATEGORIES, type Category } from 'assay/harm'
import type { Objective } from 'assay/model-evaluation'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadHarmlessPrompts, loadObjectives } from './evaluator.ts'
import { locations } from './locations.ts'

// The data of objectives/, as it ships. What fails is named by its id, never by its text.

const where = locations()
const ROOT = join(where.objectives, '..')
/** Azure's document of the harm categories: what it lists, and what its definitions name besides. */
const SUBCATEGORIES: Record<Category, readonly string[]> = {
  violence: [
    'weapons',
    'bullying_and_intimidation',
    'terrorism_and_violent_extremism',
    'stalking',
    'physical_violence',
  ],
  sexual: ['vulgar_content', 'prostitution', 'nudity_and_pornography', 'abuse', 'sexual_acts'],
  hate_fairness: [
    'race_ethnicity_nationality',
    'gender_identity',
    'sexual_orientation',
    'religion',
    'appearance_and_body_size',
    'disability',
    'harassment_and_bullying',
    'immigration_status',
    'age',
  ],
  self_harm: ['eating_disorders', 'bullying_and_intimidation', 'suicide', 'self_injury'],
}
const LICENCES = ['Apache-2.0', 'MIT', 'CC-BY-4.0']
const MINORS =
  /\b(child|children|kids?|minors?|teen\w*|underage|young|boys?|girls?|students?|school\w*|pupil\w*|infant\w*|bab(?:y|ies)|toddler\w*|daughter\w*|sons?|youth\w*|adolescen\w*|juvenile\w*|preteen\w*|incest\w*|p(?:a?)edo\w*)\b/iu

let all: readonly Objective[]
let added: readonly Objective[]
beforeAll(async () => {
  all = (await loadObjectives(where)).objectives
  added = all.filter(({ since }) => since !== undefined)
})
const ids = (of: readonly Objective[]) => of.map(({ id }) => id)
const counts = (keys: readonly string[]) =>
  Object.fromEntries([...new Set(keys)].map((key) => [key, keys.filter((other) => other === key).length]))

test('are the ones that the attestations of the base models speak of: others are another policy', async () => {
  const text = all
    .map(
      (objective) => `${objective.id}	${objective.category}	${objective.text}
`,
    )
    .join('')
  expect(all).toHaveLength(624)
  expect(createHash('sha256').update(text).digest('hex')).toBe(
    '79905ffd76d220554c4d3731a9f3c02896d8f81e6fefc810f344f5e9ff7b5f32',
  )
})

describe('every objective', () => {
  test('has an id of its own, a subcategory of its category, a subject, a use, and a licence that allows it', () => {
    expect(new Set(ids(all)).size).toBe(all.length)
    const wrong = all.filter(
      ({ category, subcategory, subject, use, licence }) =>
        !SUBCATEGORIES[category].includes(subcategory ?? '') ||
        !/^[a-z]+(-[a-z]+)*$/u.test(subject ?? '') ||
        use === undefined ||
        !LICENCES.includes(licence),
    )
    expect(ids(wrong)).toEqual([])
  })

  test('speaks of adults, and so do all values of slots', () => {
    const wrong = all.filter(
      ({ text, slots }) =>
        MINORS.test(text) ||
        Object.values(slots ?? {})
          .flat()
          .some((value) => MINORS.test(value)),
    )
    expect(ids(wrong)).toEqual([])
  })

  test('is a request: one or two lines, and no answer to it', () => {
    expect(ids(all.filter(({ text }) => text.length > 240 || text.includes('\n')))).toEqual([])
  })
})

test('there are 150 or more a category, 60 or more of them for measuring, in all subcategories', () => {
  for (const category of CATEGORIES) {
    const own = all.filter((objective) => objective.category === category)
    expect(own.length, category).toBeGreaterThanOrEqual(150)
    expect(own.filter(({ use }) => use === 'measuring').length, category).toBeGreaterThanOrEqual(60)
    const bySubcategory = counts(own.map(({ subcategory }) => subcategory ?? ''))
    expect(Object.keys(bySubcategory).sort()).toEqual([...SUBCATEGORIES[category]].sort())
    expect(Math.min(...Object.values(bySubcategory)), category).toBeGreaterThanOrEqual(4)
    const measured = counts(own.filter(({ use }) => use === 'measuring').map(({ subcategory }) => subcategory ?? ''))
    expect(Object.keys(measured).sort()).toEqual([...SUBCATEGORIES[category]].sort())
  }
})

test('no subject serves both for building and for measuring', () => {
  const uses = new Map<string, Set<string>>()
  for (const { subject = '', use = '' } of all) uses.set(subject, (uses.get(subject) ?? new Set()).add(use))
  expect([...uses].filter(([, both]) => both.size > 1).map(([subject]) => subject)).toEqual([])
})

test('most of the added ones have slots, so that their words change with each evaluation', () => {
  expect(added.filter(({ slots }) => slots).length / added.length).toBeGreaterThan(0.75)
})

describe('distinct', () => {
  test('the measure of likeness sees a rewording, and nothing in a shared form', () => {
    const cactus = contentWords('How do I water a small cactus?')
    expect(overlap(cactus, contentWords('{how_do_i} water the small cactus in {city}'))).toBeGreaterThan(
      NEARLY_THE_SAME,
    )
    expect(overlap(cactus, contentWords('How do I water a meadow?'))).toBeLessThan(NEARLY_THE_SAME)
  })

  test('no two objectives ask nearly the same', () => {
    const seen: { id: string; words: ReadonlySet<string> }[] = []
    const alike: string[] = []
    for (const { id, text } of all) {
      const words = contentWords(text)
      const near = seen.find((other) => overlap(words, other.words) >= NEARLY_THE_SAME)
      // Public sets repeat themselves; what the gate already asks is left as it is.
      if (near && added.some((objective) => objective.id === id)) alike.push(`${id} ${near.id}`)
      seen.push({ id, words })
    }
    expect(alike).toEqual([])
  })

  test('no added one is nearly a request that the alignment adapter, or what of the judge reads training data, was trained on', async () => {
    const rows = await jsonLines(join(where.objectives, 'alignment', 'rows.jsonl'))
    const requests = await jsonLines(join(ROOT, 'python', 'judge', 'data', 'requests.jsonl'))
    const replies = await jsonLines(join(ROOT, 'python', 'judge', 'data', 'replies.jsonl'))
    const learnt = [
      ...rows.flatMap(
        ({ id, messages }) =>
          messages?.filter(({ role }) => role === 'user').map(({ content }) => [id, content] as const) ?? [],
      ),
      ...[...requests, ...replies].map(({ id, request }) => [id, request ?? ''] as const),
    ].map(([id, text]) => ({ id, words: contentWords(text) }))
    expect(learnt.length).toBeGreaterThan(8000)
    const alike = added.flatMap(({ id, text }) => {
      const words = contentWords(text)
      const near = learnt.find((other) => overlap(words, other.words) >= NEARLY_THE_SAME)
      return near ? [`${id} ${near.id}`] : []
    })
    expect(alike).toEqual([])
  })
})

describe('harmless prompts', () => {
  test('are 120 that sound harmful and 100 plain ones, each once, and none is nearly one that the adapter learnt from', async () => {
    const { soundsHarmful, plain } = await loadHarmlessPrompts(where)
    expect([soundsHarmful.length, plain.length]).toEqual([120, 100])
    const prompts = [...soundsHarmful, ...plain]
    expect(new Set(prompts.map(({ id }) => id)).size).toBe(220)
    expect(new Set(prompts.map(({ text }) => text)).size).toBe(220)
    const rows = await jsonLines(join(where.objectives, 'alignment', 'rows.jsonl'))
    const learnt = rows.flatMap(({ id, messages }) =>
      (messages ?? [])
        .filter(({ role }) => role === 'user')
        .map(({ content }) => ({ id, words: contentWords(content) })),
    )
    const alike = prompts.flatMap(({ id, text }) => {
      const near = learnt.find((other) => overlap(contentWords(text), other.words) >= NEARLY_THE_SAME)
      return near ? [`${id} ${near.id}`] : []
    })
    expect(alike).toEqual([])
  })
})

/** Jaccard overlap of the words that carry meaning. */
const NEARLY_THE_SAME = 0.6
const EMPTY = new Set(
  'a an the of to and or in on at for with that who which is are be by i my me you your it he she him her his they them do does how what so as from this not no can could should would write describe explain why give tell help'.split(
    ' ',
  ),
)

function contentWords(text: string): ReadonlySet<string> {
  const words =
    text
      .toLowerCase()
      .replaceAll(/\{\w+\}/gu, ' ')
      .match(/[a-z']+/gu) ?? []
  return new Set(words.filter((word) => !EMPTY.has(word)))
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0
  for (const word of a) if (b.has(word)) shared += 1
  return shared / Math.max(1, a.size + b.size - shared)
}

interface Row {
  readonly id: string
  readonly request?: string
  readonly messages?: readonly { readonly role: string; readonly content: string }[]
}

async function jsonLines(path: string): Promise<readonly Row[]> {
  const text = await readFile(path, 'utf8')
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Row]))
}
