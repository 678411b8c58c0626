import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partsOf } from './parts-of.ts'

test('a text that fits is one part, blank text none', () => {
  expect(partsOf('a'.repeat(1000), 1000)).toEqual(['a'.repeat(1000)])
  expect(partsOf(' \n\t', 1000)).toEqual([])
})

test('parts are no longer than asked, whole characters, overlap, and hold the whole text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 3000 }),
      fc.integer({ min: 410, max: 900 }),
      (text, most) => {
        const parts = partsOf(text, most)
        fc.pre(parts.length > 0)
        let at = 0
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(most)
          expect(part.isWellFormed()).toBe(text.isWellFormed())
          const start = text.indexOf(part, Math.max(0, at - 202))
          expect(start).toBeGreaterThanOrEqual(0)
          expect(start).toBeLessThanOrEqual(at)
          at = start + part.length
        }
        expect(parts[0] && text.startsWith(parts[0])).toBe(true)
        expect(text.endsWith(parts.at(-1) ?? '')).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})
