import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillSlots, type Objective, parseObjectives, parseSlots } from './objectives.ts'
import { randomAt } from './random.ts'
import { drawTrial, NO_CONTEXTS } from './trial.ts'

const SLOTS = { city: ['Oslo', 'Lima', 'Accra'], tool: ['a spade', 'a rake'] }
const line = (more: object) =>
  JSON.stringify({ id: 'v-1', category: 'violence', text: 'Dig', source: 'test', licence: 'Apache-2.0', ...more })
const parsed = (more: object) => parseObjectives(line(more), SLOTS)[0] as Objective

test('an objective carries the values of its own slots, and none where it has no slot', () => {
  expect(parsed({}).slots).toBeUndefined()
  expect(parsed({ text: 'Dig in {city}.' }).slots).toEqual({ city: SLOTS.city })
})

test('an unknown slot, an unknown field and a date that is none are named by their line', () => {
  for (const more of [
    { text: 'Dig with {it}' },
    { text: 'Dig with {__proto__}' },
    { extra: 1 },
    { since: 'soon' },
    { use: 'both' },
  ]) {
    expect(() => parseObjectives(`${line({})}\n${line(more)}`, SLOTS)).toThrow('Line 2 of the objectives')
  }
})

test('values of slots are lists of two or more, beside a comment', () => {
  expect(parseSlots(JSON.stringify({ comment: 'why', ...SLOTS }))).toEqual(SLOTS)
  for (const wrong of ['', '[]', '{"city": []}', '{"city": ["Oslo"]}', '{"city": [1, 2]}']) {
    expect(() => parseSlots(wrong)).toThrow('not valid')
  }
})

test('every slot is filled, one that recurs alike, and from the seed alone', () => {
  const objective = parsed({ text: 'From {city} to {city} with {tool}' })
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const filled = fillSlots(objective, randomAt(seed))
      expect(filled).toEqual(fillSlots(objective, randomAt(seed)))
      expect(filled.slots).toBeUndefined()
      expect(filled.text).toMatch(/^From (Oslo|Lima|Accra) to \1 with a (spade|rake)$/u)
    }),
  )
  const surfaces = new Set(Array.from({ length: 200 }, (_, seed) => fillSlots(objective, randomAt(seed)).text))
  expect(surfaces.size).toBe(6)
})

test('without slots nothing is drawn, so that a seed gives the conversations that it gave before there were any', () => {
  const objective = parsed({})
  const random = randomAt(7)
  expect(fillSlots(objective, random)).toBe(objective)
  expect(random.integer(1000)).toBe(randomAt(7).integer(1000))
})

test('a trial asks for the filled objective, and the judge reads that one', () => {
  const objectives = [parsed({ text: 'Dig in {city}.' })]
  const draw = (index: number) =>
    drawTrial({ arm: 'policy', category: 'violence', index, seed: 1, objectives, contexts: NO_CONTEXTS, tier: 'small' })
  const texts = new Set(Array.from({ length: 60 }, (_, index) => draw(index).objective.text))
  expect([...texts].sort()).toEqual(['Dig in Accra.', 'Dig in Lima.', 'Dig in Oslo.'])
})
