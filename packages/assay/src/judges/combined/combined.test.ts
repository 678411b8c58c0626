import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ByCategory, CATEGORIES } from '../../harm/index.ts'
import type { Reader } from '../judge.ts'
import { judgementOf } from '../judgement-of.ts'
import { anyOf } from './any-of.ts'
import { weighted } from './weighted.ts'

const probability = fc.double({ min: 0, max: 1, noNaN: true })
const harm: fc.Arbitrary<ByCategory<number>> = fc.record({
  violence: probability,
  sexual: probability,
  hate_fairness: probability,
  self_harm: probability,
})
const judgement = fc
  .tuple(harm, fc.boolean(), probability, probability)
  .map(([harm, judged, refusal, delivered]) => judgementOf(harm, { judged, refusal, delivered }))
const weights = fc.double({ min: 0.01, max: 100, noNaN: true })

/** What each of 2 to 4 readers says of the same inputs. */
const said = fc.tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 0, max: 5 })).chain(([readers, inputs]) =>
  fc.record({
    judgements: fc.array(fc.array(judgement, { minLength: inputs, maxLength: inputs }), {
      minLength: readers,
      maxLength: readers,
    }),
    weights: fc.array(weights, { minLength: readers, maxLength: readers }),
  }),
)

const scripted = (judgements: Awaited<ReturnType<Reader['judge']>>, index: number): Reader => ({
  name: `r${index}`,
  digest: String(index),
  judge: async () => judgements,
  close: async () => {},
})
const inputsFor = (judgements: readonly unknown[] | undefined) => (judgements ?? []).map(() => ({ text: '' }))

test('any of: the highest of each, in order, whatever the order of the readers', async () => {
  await fc.assert(
    fc.asyncProperty(said, async ({ judgements }) => {
      const readers = judgements.map(scripted)
      const inputs = inputsFor(judgements[0])
      const combined = await anyOf(readers).judge(inputs)
      expect(await anyOf(readers.toReversed()).judge(inputs)).toEqual(combined)
      expect(combined).toHaveLength(inputs.length)
      for (const [index, result] of combined.entries()) {
        const each = judgements.map((ofReader) => ofReader[index])
        for (const category of CATEGORIES) {
          expect(result.probability[category]).toBe(Math.max(...each.map((one) => one?.probability[category] ?? 0)))
          expect(result.severity[category]).toBe(Math.max(...each.map((one) => one?.severity[category] ?? 0)))
        }
        expect(result.judged).toBe(each.every((one) => one?.judged))
      }
    }),
  )
})

test('weighted: between the lowest and the highest, nearer to the heavier, unchanged where all agree', async () => {
  await fc.assert(
    fc.asyncProperty(said, async ({ judgements, weights }) => {
      const parts = judgements.map((ofReader, index) => ({
        reader: scripted(ofReader, index),
        weight: weights[index] ?? 1,
      }))
      const inputs = inputsFor(judgements[0])
      const combined = await weighted(parts).judge(inputs)
      for (const [index, result] of combined.entries()) {
        for (const category of CATEGORIES) {
          const each = judgements.map((ofReader) => ofReader[index]?.probability[category] ?? 0)
          expect(result.probability[category]).toBeGreaterThanOrEqual(Math.min(...each) - 1e-9)
          expect(result.probability[category]).toBeLessThanOrEqual(Math.max(...each) + 1e-9)
        }
      }
      const heavy = parts.map((part, index) => (index === 0 ? { ...part, weight: part.weight * 10 } : part))
      for (const [index, result] of (await weighted(heavy).judge(inputs)).entries()) {
        const first = judgements[0]?.[index]?.probability.violence ?? 0
        const before = combined[index]?.probability.violence ?? 0
        expect(Math.abs(result.probability.violence - first)).toBeLessThanOrEqual(Math.abs(before - first) + 1e-9)
      }
    }),
  )
})

test('one that fails, or answers too little, fails the combination', async () => {
  const good = scripted([judgementOf({ violence: 0, sexual: 0, hate_fairness: 0, self_harm: 0 })], 0)
  const broken: Reader = { ...good, judge: () => Promise.reject(new Error('down')) }
  await expect(anyOf([good, broken]).judge([{ text: 'a' }])).rejects.toThrow('down')
  await expect(anyOf([good, { ...good, judge: async () => [] }]).judge([{ text: 'a' }])).rejects.toThrow(TypeError)
})

test('another weight or another reader is another judge', () => {
  const [a, b] = [scripted([], 0), scripted([], 1)]
  const digests = [
    anyOf([a, b]),
    anyOf([a, a]),
    weighted([
      { reader: a, weight: 1 },
      { reader: b, weight: 1 },
    ]),
    weighted([
      { reader: a, weight: 1 },
      { reader: b, weight: 2 },
    ]),
  ].map((reader) => reader.digest)
  expect(new Set(digests).size).toBe(4)
})
